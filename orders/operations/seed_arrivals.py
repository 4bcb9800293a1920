"""What two people of the demo said of what arrived: one is happy, for one something is not quite right."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from orders.models import ArrivalQuestion
from orders.operations.arrivals import say_all_is_well, say_not_quite


def seed_arrivals(at: datetime) -> str:
    """Answer for the first two orders that arrived, unless somebody answered before."""
    if settings.TEST_CARD and not ArrivalQuestion.objects.filter(answered_at__isnull=False).exists():
        arrived = ArrivalQuestion.objects.order_by("order_id").values_list("order_id", flat=True)[:2]
        for order_id, answer in zip(arrived, ("well", "not quite"), strict=False):
            if answer == "well":
                say_all_is_well(order_id=order_id, at=at)
            else:
                said = "The sleeves are a little short on me. Could I try one size up?"
                say_not_quite(order_id=order_id, what=ArrivalQuestion.What.FIT, words=said, at=at)
    return f"{ArrivalQuestion.objects.filter(answered_at__isnull=False).count()} answers"
