"""What couriers tell us, once it is kept: find the parcel and apply the scan."""

from __future__ import annotations

from orders.models import Parcel
from orders.operations.tracking import apply_tracking
from orders.rules import courier_news
from orders.rules.vocabularies import translate
from shop.models import Inbound
from shop.operations.inbound import NotForUs


def read_courier(row: Inbound) -> None:
    """Apply one kept webhook of source `courier:<provider>`.

    Raises NotForUs for a tracking number no parcel has, Malformed for a body that should not have been kept.
    """
    provider = row.source.partition(":")[2]
    news = courier_news.read(bytes(row.raw))
    parcel_id = (
        Parcel.objects.filter(carrier=provider, tracking_number=news.tracking_number.upper())
        .order_by("id")
        .values_list("pk", flat=True)
        .first()
    )
    if parcel_id is None:
        raise NotForUs("no parcel of ours has this tracking number")
    meaning = translate(provider=provider, code=news.code, reason=news.reason)
    apply_tracking(
        parcel_id=parcel_id,
        provider=provider,
        external_id=news.event_id,
        status=meaning.status,
        reason=meaning.reason,
        place=news.place,
        words=news.words or news.code,
        eta_on=news.eta_on,
        occurred_at=news.occurred_at,
        at=row.received_at,
    )
