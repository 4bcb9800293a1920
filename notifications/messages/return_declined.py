"""We cannot take it back: why, and what is left to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy

from notifications.messages import returned, words
from notifications.messages.kind import Kind, Topic
from notifications.messages.sources import case_of
from notifications.messages.words import Line
from returns.models import ReturnCase


@dataclass(frozen=True)
class ReturnDeclined:
    """What the notice says."""

    first_name: str
    number: str
    case_number: str
    lines: tuple[Line, ...]
    reason: str
    url: str


def context(case: ReturnCase, at: datetime) -> ReturnDeclined:
    """Collect what the notice says.  One query and a fresh secret link."""
    return ReturnDeclined(
        first_name=words.first_name(case.order.full_name),
        number=case.order.number,
        case_number=case.number,
        lines=returned.lines(case),
        reason=case.decline_reason,
        url=words.return_url(case.order, case.number, at),
    )


KIND = Kind(
    name="return_declined",
    event="returns.case.declined",
    says=gettext_lazy("We cannot take it back, and why"),
    audience="who ordered",
    find=case_of,
    to=returned.to,
    context=context,
    topic=Topic.RETURNS,
)
