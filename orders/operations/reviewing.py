"""Reviewing a piece that arrived: the order's own link verifies the purchase."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from orders.models import Order, OrderLine
from orders.queries.reviewing import arrived, purchase_of
from shop.gateways.pictures import Drawn, Kept, forget, keep
from shop.models import Review
from shop.operations.reviews import NewReview, write_review
from shop.queries.sizes import sizes_of


class NotArrived(Exception):
    """The line is not of this order, or nothing of it has arrived: there is nothing to speak of yet."""


def review_line(*, order_id: int, line_id: int, said: dict[str, Any], photos: Sequence[Drawn], at: datetime) -> Review:
    """Keep what a buyer says of one line of her order; `said` holds the fields of NewReview she filled in.

    The pictures are stored before the transaction and taken away again when it fails.
    Raises NotArrived, shop.operations.reviews.AlreadyReviewed.
    """
    kept: list[Kept] = []
    try:
        kept.extend(keep(photo) for photo in photos)  # one by one: those before a failure are known
        return _write(order_id, line_id, said, kept, at)
    except Exception:
        for photo in kept:
            forget(photo.name)
        raise


@transaction.atomic
def _write(order_id: int, line_id: int, said: dict[str, Any], kept: Sequence[Kept], at: datetime) -> Review:
    order = Order.objects.select_for_update(of=("self",)).select_related("customer").get(pk=order_id)
    line = arrived(order).filter(pk=line_id).first()
    if line is None:
        raise NotArrived(str(line_id))
    review = NewReview(
        purchase=purchase_of(line.pk),
        order_number=order.number,
        variant_id=line.variant_id,
        customer=order.customer,
        ordered_on=timezone.localdate(order.placed_at),
        size=_size(line),
        **said,
    )
    return write_review(said=review, photos=kept, at=at)


def _size(line: OrderLine) -> str:
    return sizes_of(line.variant.product_id).get(line.variant_id, "")
