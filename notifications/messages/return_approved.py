"""We take it back: how to send it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext_lazy

from notifications.messages import returned, words
from notifications.messages.kind import Kind, Topic
from notifications.messages.sources import case_of
from notifications.messages.words import Line
from notifications.rules import standing
from returns.models import ReturnCase


@dataclass(frozen=True)
class ReturnApproved:
    """What the notice says."""

    first_name: str
    number: str
    case_number: str
    lines: tuple[Line, ...]
    address: tuple[str, ...]
    url: str


def context(case: ReturnCase, at: datetime) -> ReturnApproved:
    """Collect what the notice says.  One query and a fresh secret link."""
    return ReturnApproved(
        first_name=words.first_name(case.order.full_name),
        number=case.order.number,
        case_number=case.number,
        lines=returned.lines(case),
        address=tuple(settings.RETURN_ADDRESS),
        url=words.return_url(case.order, case.number, at),
    )


KIND = Kind(
    name="return_approved",
    event="returns.case.approved",
    says=gettext_lazy("We take it back: how to send it"),
    audience="who ordered",
    find=case_of,
    to=returned.to,
    context=context,
    outdated=standing.while_return_is("approved"),
    topic=Topic.RETURNS,
)
