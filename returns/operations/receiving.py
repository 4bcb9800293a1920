"""Receive a return: look at what came, put it where it belongs, and settle when nothing is left to decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from orders.operations.returning import note_returned
from returns.models import CaseLine, Inspection, ReturnCase
from returns.operations.cases import lock_case, record_step
from returns.operations.settling import settle_locked
from returns.queries import deadlines
from returns.queries.lines import gifts_left
from returns.rules import policy, states
from returns.rules.amounts import NotPaidYet
from shop.models import User
from shop.operations import stock


@dataclass(frozen=True)
class Finding:
    """What came of one case line: how many pieces, in which condition, and where they go.

    `quantity` 0 means that none came; condition and disposition do not matter then.
    """

    quantity: int
    condition: str = Inspection.Condition.LIKE_NEW
    disposition: str = Inspection.Disposition.RESTOCK
    note: str = ""


class NotInspected(Exception):
    """The findings do not cover exactly the lines of the return."""


class ImpossibleFinding(Exception):
    """More pieces than announced, or a condition or place there is not for pieces that came."""


@transaction.atomic
def receive_return(
    *,
    case_id: int,
    findings: Mapping[int, Finding],
    by: User,
    at: datetime,
    gifts: Mapping[int, Finding] | None = None,
) -> ReturnCase:
    """Book in what came, by case line id: one inspection each, stock moves once, the order counts it as returned.

    `gifts`, by order line id, are free gifts that lay in the parcel though nobody asks for them: they are booked in as
    well, and no money goes back for them.
    When everything came whole and like new the return is settled in the same breath; otherwise, or while the order's
    money has not come in, it waits for somebody who decides, by a day the shopper is told.
    Raises NotNow, NotInspected, ImpossibleFinding.
    """
    case = lock_case(case_id)
    states.require(case.status, ReturnCase.Status.RECEIVED)
    lines = list(case.lines.select_related("order_line").order_by("id"))
    if {line.pk for line in lines} != set(findings):
        raise NotInspected
    along = _lines_of_gifts(case, lines[0], gifts or {})
    found = dict(findings) | {line.pk: (gifts or {})[line.order_line_id] for line in along}
    turn = stock.turns(line.order_line.variant_id for line in (*lines, *along))
    inspections = [
        _inspect(case, line, found[line.pk], by, at)
        for line in sorted((*lines, *along), key=lambda line: (turn[line.order_line.variant_id], line.pk))
    ]
    case.status = ReturnCase.Status.RECEIVED
    case.received_at, case.received_by = at, by
    case.due_on = deadlines.settle_by(order=case.order, at=at)
    case.save(update_fields=["status", "received_at", "received_by", "due_on"])
    record_step(case, "received", at=at, by=by)
    _settle_if_clear(case, [row for row in inspections if row.case_line_id in findings], by, at)
    return case


def _lines_of_gifts(case: ReturnCase, asked: CaseLine, gifts: Mapping[int, Finding]) -> list[CaseLine]:
    """Write a line for each gift that came along; its reason is the one of what it came with."""
    there = {gift.pk: gift for gift in gifts_left(order=case.order)}
    lines = []
    for line_id, finding in sorted(gifts.items()):
        if line_id not in there or not 0 <= finding.quantity <= there[line_id].left:  # type: ignore[attr-defined]  # annotated
            raise ImpossibleFinding(f"{finding.quantity} of gift {line_id}")
        if finding.quantity:
            refund = CaseLine.Resolution.REFUND
            line = CaseLine(case=case, order_line=there[line_id], quantity=finding.quantity, reason_id=asked.reason_id)
            line.wanted = line.granted = refund
            line.save()
            lines.append(line)
    return lines


def _inspect(case: ReturnCase, line: CaseLine, finding: Finding, by: User, at: datetime) -> Inspection:
    """Write the inspection, move the stock under its key, and count the pieces as returned."""
    condition, disposition = _sense(line, finding)
    inspection = Inspection.objects.create(
        case_line=line,
        quantity=finding.quantity,
        condition=condition,
        disposition=disposition,
        note=finding.note,
        inspected_by=by,
        inspected_at=at,
    )
    if finding.quantity:
        stock.take_back(
            item=stock.Wanted(line.order_line.variant_id, finding.quantity, stock_key(inspection)),
            order_number=case.order.number,
            at=at,
            disposition=disposition,
            actor=by,
            reason=case.number,
        )
        note_returned(line_id=line.order_line_id, quantity=finding.quantity)
    return inspection


def stock_key(inspection: Inspection) -> str:
    """Return the key under which an inspection moves stock: once, however often it is tried."""
    return f"returns.inspection:{inspection.pk}"


def _sense(line: CaseLine, finding: Finding) -> tuple[str, str]:
    """Return condition and disposition of a finding that makes sense.  Raises ImpossibleFinding."""
    if finding.quantity == 0:
        return Inspection.Condition.MISSING, Inspection.Disposition.NOWHERE
    if not 0 < finding.quantity <= line.quantity:
        raise ImpossibleFinding(f"{finding.quantity} of {line.quantity}")
    conditions = set(Inspection.Condition.values) - {Inspection.Condition.MISSING}
    places = set(Inspection.Disposition.values) - {Inspection.Disposition.NOWHERE}
    if finding.condition not in conditions or finding.disposition not in places:
        raise ImpossibleFinding(f"{finding.condition}, {finding.disposition}")
    return finding.condition, finding.disposition


def _settle_if_clear(case: ReturnCase, inspections: list[Inspection], by: User, at: datetime) -> None:
    seen = [(row.condition, row.quantity == row.case_line.quantity) for row in inspections]
    if not policy.settles_itself(seen):
        return
    try:
        settle_locked(case, by=by, at=at)
    except NotPaidYet:
        # The goods are here and stay booked in; the case keeps its place in the queue until the money is.
        return
