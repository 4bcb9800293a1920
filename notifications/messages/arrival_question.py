"""It has arrived: is everything right?  Asked once, the day after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext_lazy

from notifications.messages import words
from notifications.messages.kind import Kind, Recipient
from notifications.messages.sources import arrival_of, buyer
from notifications.rules import standing
from orders.models import ArrivalQuestion
from orders.operations.arrivals import link_of


@dataclass(frozen=True)
class Question:
    """What the question says; `url` is the page of the answer and opens nothing else."""

    first_name: str
    number: str
    arrived: str
    phone: str
    url: str


def to(question: ArrivalQuestion) -> Recipient:
    """Ask who ordered."""
    return buyer(question.order)


def context(question: ArrivalQuestion, at: datetime) -> Question:
    """Collect what the question says.  No query."""
    return Question(
        first_name=words.first_name(question.order.full_name),
        number=question.order.number,
        arrived=words.local_day(question.order.delivered_at or at),
        phone=settings.CARE_PHONE,
        url=words.page("orders:arrived", link_of(question)),
    )


KIND = Kind(
    name="arrival_question",
    event="orders.arrival.asked",
    says=gettext_lazy("Is everything right with what arrived?"),
    audience="who ordered",
    find=arrival_of,
    to=to,
    context=context,
    outdated=standing.while_arrival_is_asked,
    critical=False,
    optional=True,
)
