"""How to break the invariants of returns."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from returns.models import ReturnCase
from returns.operations.deciding import approve_return
from returns.operations.declaring import Statement, declare_withdrawal
from returns.operations.receiving import Finding, receive_return
from tests.breaches import Planter, sql, without_constraints
from tests.conftest import NOW
from tests.factories.returns import asked, delivered_order, requested
from tests.factories.shop import StaffFactory

LATER = NOW + timedelta(days=4)


def _asked_for() -> ReturnCase:
    order = delivered_order(at=NOW, pieces=(2,))
    return requested(order, asked(order.lines.get()), at=LATER)


def _settled() -> ReturnCase:
    case, dilini = _asked_for(), StaffFactory()
    approve_return(case_id=case.pk, by=dilini, at=LATER)
    receive_return(case_id=case.pk, findings={case.lines.get().pk: Finding(1)}, by=dilini, at=LATER)
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    return case


def ask_for_more_than_came() -> None:
    """Three pieces are in a return, two were delivered."""
    _asked_for()
    sql("UPDATE returns_caseline SET quantity = 3")


def move_stock_elsewhere() -> None:
    """The inspection says set aside, the stock went back on the shelf."""
    _settled()
    sql("UPDATE returns_inspection SET disposition = 'quarantine'")


def change_the_sum() -> None:
    """The return says another sum than its refund."""
    _settled()
    sql("UPDATE returns_returncase SET refund_minor = refund_minor - 1")


def forget_the_exchange() -> None:
    """An exchange was granted, but nothing was planned for it."""
    _settled()
    without_constraints("returns_caseline", "exchange_granted_is_planned")
    sql("UPDATE returns_caseline SET granted = 'exchange'")


def inspect_before_it_came() -> None:
    """Somebody looked at pieces of a return that was never agreed to."""
    case = _asked_for()
    sql(
        "INSERT INTO returns_inspection (case_line_id, quantity, condition, disposition, note, inspected_at)"
        " VALUES (%s, 0, 'missing', 'nowhere', '', now())",
        case.lines.get().pk,
    )


def skip_a_step() -> None:
    """A return stands as agreed to, and no event tells who agreed."""
    _asked_for()
    sql("UPDATE returns_returncase SET status = 'approved', decided_at = now(), due_on = NULL")


def count_what_nobody_saw() -> None:
    """The order line counts a piece as returned that no inspection found."""
    _asked_for()
    sql("UPDATE orders_orderline SET qty_returned = 1")


def withdraw_the_same_piece_twice() -> None:
    """A withdrawal from one piece has two in its return."""
    order = delivered_order(at=NOW, pieces=(2,))
    line = order.lines.get()
    said = Statement(order.number, "Ana Costa", order.email, "1 mug", "en", {line.pk: 1})
    declare_withdrawal(statement=said, submission_key=uuid4(), at=LATER, order_id=order.pk)
    sql("UPDATE returns_caseline SET quantity = 2")


BREACHES: dict[str, Planter] = {
    "R01": ask_for_more_than_came,
    "R02": move_stock_elsewhere,
    "R03": change_the_sum,
    "R04": inspect_before_it_came,
    "R05": skip_a_step,
    "R06": count_what_nobody_saw,
    "R07": withdraw_the_same_piece_twice,
}
