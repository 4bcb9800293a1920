"""What the messages about returns share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from notifications.messages import words
from notifications.messages.kind import Recipient
from notifications.messages.sources import buyer
from notifications.messages.words import Line
from returns.models import CaseLine, ReturnCase


@dataclass(frozen=True)
class ReturnNotice:
    """What a notice says that names the return and what it holds, and nothing else."""

    first_name: str
    number: str
    case_number: str
    lines: tuple[Line, ...]
    url: str


def context(case: ReturnCase, at: datetime) -> ReturnNotice:
    """Collect what such a notice says.  One query and a fresh secret link."""
    return ReturnNotice(
        first_name=words.first_name(case.order.full_name),
        number=case.order.number,
        case_number=case.number,
        lines=lines(case),
        url=words.return_url(case.order, case.number, at),
    )


def to(case: ReturnCase) -> Recipient:
    """Tell who ordered."""
    return buyer(case.order)


def lines(case: ReturnCase) -> tuple[Line, ...]:
    """Return what comes back; the last word of each is what she wishes for it.  One query."""
    rows = CaseLine.objects.filter(case=case).select_related("order_line").order_by("id")
    return tuple(
        Line(row.quantity, row.order_line.title, row.order_line.options_label, str(row.get_wanted_display()))
        for row in rows
    )


def amount(case: ReturnCase) -> str:
    """Return the money that goes back, the delivery fee included, or nothing."""
    return words.money(case.refund_minor, case.order.currency) if case.refund_minor else ""


def exchanged(case: ReturnCase) -> tuple[Line, ...]:
    """Return what goes out in exchange.  One query."""
    rows = CaseLine.objects.filter(case=case, exchange_line__isnull=False).select_related("exchange_line")
    news = [row.exchange_line for row in rows.order_by("id") if row.exchange_line]
    return tuple(Line(line.quantity, line.title, line.options_label) for line in news)
