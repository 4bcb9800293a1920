"""What customers say: votes, reviews, pictures, alarms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from io import BytesIO
from itertools import count
from typing import Any

from PIL import Image

from orders.models import Order, OrderLine
from shop.gateways.pictures import draw_anew, keep
from shop.models import FitAlarm, FitVote, Review, ReviewPhoto, Variant
from shop.operations.fit_alarms import raise_alarm
from shop.operations.reviews import NewReview, write_review
from shop.operations.voices import Vote, cast_vote
from shop.rules.fit_alarm import Cell, Finding
from tests.factories.shop import VariantFactory

_numbers: Iterator[int] = count(1)
ORDERED_ON = date(2026, 2, 3)


def a_vote(verdict: str = "small", *, at: datetime, variant: Variant | None = None, **fields: Any) -> FitVote:
    """Somebody's verdict on a size."""
    variant = variant or VariantFactory()
    source = fields.pop("source", FitVote.Source.REVIEW)
    told = {"purchase": f"tests.line:{next(_numbers)}", "ordered_on": ORDERED_ON} | fields
    return cast_vote(vote=Vote(variant_id=variant.pk, verdict=verdict, **told), source=source, at=at)


def written(*, at: datetime, variant: Variant | None = None, stars: int = 4, **fields: Any) -> Review:
    """A review that waits to be read."""
    variant = variant or VariantFactory()
    told = {
        "purchase": f"tests.line:{next(_numbers)}",
        "order_number": "KP-2041-7736",
        "author": "Ana C.",
        "ordered_on": ORDERED_ON,
        "title": "Good cloth",
        "text": "It washes well.",
    } | fields
    return write_review(said=NewReview(variant_id=variant.pk, stars=stars, **told), photos=[], at=at)


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48), **options: Any) -> bytes:
    """The bytes of a small picture."""
    target = BytesIO()
    Image.new("RGB", size, (120, 140, 90)).save(target, kind, **options)
    return target.getvalue()


def a_photo(review: Review) -> ReviewPhoto:
    """A picture in a review, kept in the storage."""
    kept = keep(draw_anew(BytesIO(picture())))
    return ReviewPhoto.objects.create(review=review, position=review.photos.count(), **vars(kept))


def an_alarm(*, at: datetime, variant: Variant | None = None, verdict: str = "small") -> FitAlarm:
    """A size that is out of line."""
    variant = variant or VariantFactory()
    finding = Finding(Cell(variant.pk, verdict, 6, 8), 1000)
    raise_alarm(finding=finding, month_on=ORDERED_ON.replace(day=1), kind=FitAlarm.Kind.VOTES, at=at)
    return FitAlarm.objects.get(variant=variant)


def arrived_line(order: Order) -> OrderLine:
    """The first line of an order, as if all of it had arrived."""
    line = order.lines.order_by("id")[0]
    line.qty_handed_over = line.qty_delivered = line.quantity
    line.save()
    return line
