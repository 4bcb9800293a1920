"""She keeps it after all: nothing to send, and until when she may think again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy

from notifications.messages import returned, words
from notifications.messages.kind import Kind, Topic
from notifications.messages.sources import case_of
from notifications.messages.words import Line
from notifications.rules import standing
from returns.models import ReturnCase
from returns.queries.lines import shop_day
from returns.queries.offers import offer_of


@dataclass(frozen=True)
class ReturnWithdrawn:
    """What the notice says.  `until` is the last day on which she may ask again; empty when it has passed."""

    first_name: str
    number: str
    case_number: str
    lines: tuple[Line, ...]
    until: str
    url: str


def context(case: ReturnCase, at: datetime) -> ReturnWithdrawn:
    """Collect what the notice says.  The queries of an offer, one more, and a fresh secret link."""
    last_on = offer_of(order=case.order, at=at).last_on
    return ReturnWithdrawn(
        first_name=words.first_name(case.order.full_name),
        number=case.order.number,
        case_number=case.number,
        lines=returned.lines(case),
        until=words.day(last_on) if last_on and last_on >= shop_day(at) else "",
        url=words.tracking_url(case.order, at),
    )


KIND = Kind(
    name="return_withdrawn",
    event="returns.case.withdrawn",
    says=gettext_lazy("You keep it: the return is closed"),
    audience="who ordered",
    find=case_of,
    to=returned.to,
    context=context,
    outdated=standing.while_return_is("withdrawn"),
    critical=False,
    topic=Topic.RETURNS,
    any_hour=True,
)
