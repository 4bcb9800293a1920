"""Mend what earlier versions left in the books of orders, by the operations that do it right today.

What is wrong is what the audit finds, and an order is mended whole or not at all: what would break anything else about
money is taken back, and a person has to look.  Source: reliability reference 2.7; commerce reference b-13.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from orders.models import Document, Order, OrderLine, Payment, RefundItem
from orders.operations.documents import bring_invoice_in_line
from orders.operations.leaving_out import take_off
from orders.operations.refunding import give_back_rest
from orders.queries.exchanged import books_of, origin_of_left_out
from orders.queries.money_invariants import MONEY_INVARIANTS
from orders.queries.shares import slots_of
from orders.rules.shares import Pieces
from shop.queries.audit import Breach, breaches

NOT_ALL_BACK, STILL_ASKED, OLD_INVOICE = "M09", "M10", "M13"
CODES = (NOT_ALL_BACK, STILL_ASKED, OLD_INVOICE)
_WATCHED = (*(rule.code for rule in MONEY_INVARIANTS), "O02", "O03", "O04", "O05", "O09")


class NotMended(Exception):
    """What today's operations would do leaves something wrong; nothing was changed, and a person has to look."""

    def __init__(self, left: Collection[Breach]) -> None:
        super().__init__("; ".join(f"{breach.code} {breach.what}: {breach.detail}" for breach in left))
        self.left = tuple(left)


@dataclass(frozen=True)
class Mended:
    """What mending an order did: money that goes back, what is asked for less (minor units), and papers by number."""

    number: str
    codes: tuple[str, ...]
    currency: str
    back_minor: int
    less_minor: int
    papers: tuple[str, ...]


def to_mend(number: str = "") -> dict[str, tuple[str, ...]]:
    """Return the orders whose books are not right by number, each with what is wrong; only the one that is named."""
    wrong: dict[str, set[str]] = {}
    for breach in breaches(CODES):
        wrong.setdefault(_order_of(breach), set()).add(breach.code)
    return {known: tuple(sorted(codes)) for known, codes in sorted(wrong.items()) if number in ("", known)}


def _order_of(breach: Breach) -> str:
    kind, _space, name = breach.what.rpartition(" ")
    if kind == "order":
        return name
    return OrderLine.objects.values_list("order__number", flat=True).get(pk=int(name))


@transaction.atomic
def mend_order(*, number: str, at: datetime) -> Mended:
    """Bring the money and papers of one order in line, with the letters that belong to it.  Again, nothing happens.

    Raises NotMended, Order.DoesNotExist.
    """
    order = Order.objects.select_for_update(of=("self",)).select_related("customer").get(number=number)
    before = set(breaches(_WATCHED))
    codes = to_mend(number).get(number, ())
    was, papers = Payment.objects.get(order=order), set(_papers(order))
    if NOT_ALL_BACK in codes:
        _give_back(order, at)
    if STILL_ASKED in codes:
        _leave_out(order, at)
    if set(codes) & {STILL_ASKED, OLD_INVOICE}:
        bring_invoice_in_line(order, by=None, at=at)
    after = set(breaches(_WATCHED))
    if left := (after - before) | {breach for breach in after if breach.code in codes and _order_of(breach) == number}:
        raise NotMended(sorted(left, key=str))
    now = Payment.objects.get(order=order)
    return Mended(
        number=number,
        codes=codes,
        currency=order.currency,
        back_minor=now.granted_minor - was.granted_minor,
        less_minor=was.due_minor - now.due_minor,
        papers=tuple(sorted(set(_papers(order)) - papers)),
    )


@transaction.atomic
def preview_mending(*, number: str, at: datetime) -> Mended:
    """Return what `mend_order` would do, and do nothing.  Raises NotMended, Order.DoesNotExist."""
    told = mend_order(number=number, at=at)
    transaction.set_rollback(True)
    return told


def _papers(order: Order) -> list[str]:
    return list(Document.objects.filter(order=order).order_by("id").values_list("number", flat=True))


def _give_back(order: Order, at: datetime) -> None:
    """Give back what is still here of an order that is over."""
    payment = Payment.objects.select_for_update().get(order=order)
    origin = f"orders.repair:{order.pk}:{payment.granted_minor}"
    give_back_rest(order=order, payment=payment, origin=origin, by=None, at=at)


def _leave_out(order: Order, at: datetime) -> None:
    """Pay back, or ask no more for, the pieces that were left out and are asked for still."""
    slots = slots_of(order)
    for line_id, missing in sorted(_still_asked(order).items()):
        settled = sum(slot.line_id == line_id and slot.closed for slot in slots)
        origin = origin_of_left_out(line_id, settled=settled)
        take_off(order=order, pieces=Pieces({line_id: missing}), origin=origin, by=None, at=at)


def _still_asked(order: Order) -> Counter[int]:
    """Return, by bought line, of how many pieces that were left out money is asked still.  Four queries.

    A piece is settled when it was paid back as one, for anything but a return, or when nothing of it is left.
    """
    books, gone = books_of(order), Counter[int]()
    for line in OrderLine.objects.filter(order=order).order_by("id"):
        if line.kind in {OrderLine.Kind.SALE, OrderLine.Kind.INSTEAD} and line.pk not in books.swapped:
            gone[books.roots[line.pk].pk] += line.qty_cancelled
    returned = RefundItem.objects.filter(grant__payment__order=order, grant__origin__startswith="returns.case:")
    not_so = set(returned.filter(whole=True).values_list("line_id", "number"))
    for slot in books.slots:
        if slot.line_id is not None and (slot.closed or not slot.left_minor):
            gone[slot.line_id] -= (slot.line_id, slot.number) not in not_so
    return +gone
