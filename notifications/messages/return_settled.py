"""The return is settled: the money, the exchange."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy

from notifications.messages import refunded, returned, words
from notifications.messages.kind import Kind, Topic
from notifications.messages.sources import case_of
from notifications.messages.words import Line
from returns.models import ReturnCase
from returns.operations.settling import origin_of


@dataclass(frozen=True)
class ReturnSettled:
    """What the notice says; `ways` says in a sentence for each way how much of the money goes there."""

    first_name: str
    number: str
    case_number: str
    lines: tuple[Line, ...]
    amount: str
    ways: tuple[str, ...]
    exchanged: tuple[Line, ...]
    url: str


def context(case: ReturnCase, at: datetime) -> ReturnSettled:
    """Collect what the notice says.  At most seven queries and a fresh secret link."""
    back = refunded.of_origin(origin_of(case))
    return ReturnSettled(
        first_name=words.first_name(case.order.full_name),
        number=case.order.number,
        case_number=case.number,
        lines=returned.lines(case),
        amount=returned.amount(case),
        ways=refunded.ways_of(back) if back else (),
        exchanged=returned.exchanged(case),
        url=words.return_url(case.order, case.number, at),
    )


KIND = Kind(
    name="return_settled",
    event="returns.case.settled",
    says=gettext_lazy("Your return is settled"),
    audience="who ordered",
    find=case_of,
    to=returned.to,
    context=context,
    topic=Topic.RETURNS,
)
