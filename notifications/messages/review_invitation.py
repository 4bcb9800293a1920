"""She said that all is well: how to keep it so, and whether she tells others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy

from notifications.messages import words
from notifications.messages.kind import Kind, Recipient, Topic
from notifications.messages.sources import arrival_of, buyer
from notifications.rules import standing
from orders.models import ArrivalQuestion
from orders.queries.reviewing import care_of, to_review


@dataclass(frozen=True)
class Care:
    """How one piece wants to be treated."""

    piece: str
    instructions: tuple[str, ...]


@dataclass(frozen=True)
class Invitation:
    """What the invitation says.  `pieces` are those nobody has reviewed."""

    first_name: str
    number: str
    pieces: tuple[str, ...]
    care: tuple[Care, ...]
    url: str


def to(question: ArrivalQuestion) -> Recipient:
    """Ask who ordered."""
    return buyer(question.order)


def context(question: ArrivalQuestion, at: datetime) -> Invitation:
    """Collect what the invitation says.  Two queries and a fresh secret link."""
    order = question.order
    return Invitation(
        first_name=words.first_name(order.full_name),
        number=order.number,
        pieces=tuple(dict.fromkeys(line.title for line in to_review(order))),
        care=tuple(Care(title, tuple(rows)) for title, rows in care_of(order)),
        url=words.tracking_url(order, at),
    )


KIND = Kind(
    name="review_invitation",
    event="orders.review.invited",
    says=gettext_lazy("How to care for it, and whether you tell others how it is"),
    audience="who said that all is well",
    find=arrival_of,
    to=to,
    context=context,
    outdated=standing.while_nothing_is_wrong,
    critical=False,
    topic=Topic.SHOP,
    optional=True,
    unasked=True,
    patience=timedelta(days=21),
)
