"""What returns hears: its own cases become fit votes, and every night it looks for sizes out of line."""

from __future__ import annotations

from django.utils import timezone

from orders.queries.reviewing import purchase_of
from returns.models import CaseLine, ReturnCase, Withdrawal
from returns.operations.declaring import follow_withdrawals
from returns.queries.fit import months_of_returns
from returns.rules.fit import VERDICTS
from shop.models import Event, FitAlarm, FitVote
from shop.operations.fit_alarms import watch_cells
from shop.operations.voices import Vote, cast_vote, retract_vote


def hear_case(event: Event) -> None:
    """Count what the reasons of a new return say about the fit; take it back when she keeps the piece after all."""
    case = ReturnCase.objects.select_related("order__customer").get(pk=event.payload["case_id"])
    lines = CaseLine.objects.filter(case=case).select_related("reason", "order_line").order_by("id")
    for line in lines:
        if event.name == "returns.case.withdrawn":
            source = FitVote.Source.RETURN
            retract_vote(purchase=purchase_of(line.order_line_id), source=source, at=event.happened_at)
        elif line.reason.code in VERDICTS:
            cast_vote(vote=_vote(case, line), source=FitVote.Source.RETURN, at=event.happened_at)


def hear_arrival(event: Event) -> None:
    """Take back what was withdrawn from while it was on its way, now that she has it."""
    order_id = event.payload["order_id"]
    if Withdrawal.objects.filter(order=order_id, settled_at=None).exists():
        follow_withdrawals(order_id=order_id, at=timezone.now())


def _vote(case: ReturnCase, line: CaseLine) -> Vote:
    verdict, area = VERDICTS[line.reason.code]
    return Vote(
        purchase=purchase_of(line.order_line_id),
        variant_id=line.order_line.variant_id,
        verdict=verdict,
        area=area,
        customer=case.order.customer,
        ordered_on=timezone.localdate(case.order.placed_at),
    )


def hear_refit(event: Event) -> None:
    """Look at what came back for its size, by the month it was ordered in, and raise an alarm where it is too much."""
    today_on = timezone.localdate(event.happened_at)
    for month_on, cells in months_of_returns(today_on).items():
        watch_cells(cells=cells, month_on=month_on, kind=FitAlarm.Kind.RETURNS, at=event.happened_at)
