"""What the demo courier reads off the labels of the parcels it took."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import OuterRef, Subquery

from orders.models import Parcel, Promise


@dataclass(frozen=True)
class Label:
    """A parcel in the courier's hands; `rank` counts the parcels it took before, `wanted_by_on` is on the label."""

    tracking_number: str
    taken_at: datetime
    wanted_by_on: date
    rank: int


def labels(carrier: str) -> list[Label]:
    """Return the undelivered parcels of a carrier, first taken first.  One query over its parcels."""
    first = Promise.objects.filter(order=OuterRef("order_id")).order_by("version", "id").values("deliver_by_on")[:1]
    rows = Parcel.objects.filter(carrier=carrier, handed_over_at__isnull=False).annotate(wanted=Subquery(first))
    taken = rows.order_by("handed_over_at", "id").values_list("tracking_number", "handed_over_at", "wanted", "status")
    return [
        Label(number, at, wanted, rank)
        for rank, (number, at, wanted, status) in enumerate(taken)
        if at and status == Parcel.Status.HANDED_OVER
    ]
