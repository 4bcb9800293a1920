"""A review that cannot be published: why, in our words, and that she may answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from notifications.messages import words
from notifications.messages.kind import Kind, Recipient
from notifications.messages.sources import buyer, review_of
from orders.models import Order
from shop.models import Review


@dataclass(frozen=True)
class ReviewDeclined:
    """What the notice says."""

    first_name: str
    number: str
    piece: str
    reason: str
    in_our_words: str


def context(source: tuple[Review, Order], at: datetime) -> ReviewDeclined:
    """Collect what the notice says."""
    review, order = source
    return ReviewDeclined(
        first_name=words.first_name(order.full_name),
        number=order.number,
        piece=review.variant.product.name,
        reason=str(review.get_decline_reason_display()),
        in_our_words=review.decline_words,
    )


def to(source: tuple[Review, Order]) -> Recipient:
    """Tell who ordered the piece."""
    return buyer(source[1])


def unwanted(source: tuple[Review, Order]) -> str:
    """Hold it back when somebody has looked at the review again since."""
    return "" if source[0].status == Review.Status.DECLINED else "The review is no longer declined."


KIND = Kind(
    name="review_declined",
    event="shop.review.declined",
    says="We cannot publish the review, and why",
    audience="who wrote the review",
    find=review_of,
    to=to,
    context=context,
    unwanted=unwanted,
)
