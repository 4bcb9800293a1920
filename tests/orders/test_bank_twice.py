"""The same money told twice: by a person and by the bank, or by two of the bank's files.  It is never noted twice.

What may be the same is not dropped either: it waits for a person, who says which it is.  Source: commerce reference
d.4; reliability reference T11.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from orders.models import BankLine, Order, Payment, PaymentEvent, RefundGrant
from orders.operations import reconciling
from orders.operations.cancelling import cancel_order
from orders.operations.paying import NOTED_BY_HAND, note_bank_money, note_payment_received
from orders.operations.paying_out import execute_refunds, settle_by_hand
from orders.operations.reconciling import assign_line, set_aside, take_in
from orders.operations.refunding import grant_refund
from orders.rules.statements import StatementLine, read_statement
from shop.queries.audit import breaches
from tests.factories.bags import ordered
from tests.factories.shop import StaffFactory
from tests.orders.rules.test_statements import camt, detail, entry

pytestmark = pytest.mark.django_db
Unguarded = Callable[[], None]


@pytest.fixture
def unguarded(monkeypatch: pytest.MonkeyPatch) -> Unguarded:
    """The controls: nobody asks whether it is noted already."""
    return lambda: monkeypatch.setattr(reconciling, "_noted_before", lambda *_: "")


def transfer(now: datetime) -> Order:
    return ordered(at=now, provider="bank_transfer", payment_token="")


def by_hand(order: Order, amount_minor: int, now: datetime, reference: str = "E2E 1") -> PaymentEvent:
    return note_payment_received(
        order_id=order.pk, amount_minor=amount_minor, reference=reference, by=StaffFactory(), at=now
    )


def csv_of(order: Order, *amounts: str, day: str = "2026-03-03", text: str = "order") -> list[StatementLine]:
    rows = "".join(f"{day};{text} {order.number};{amount}\n" for amount in amounts)
    return read_statement(f"date;purpose;amount\n{rows}".encode())


def camt_of(order: Order, *amounts: str) -> list[StatementLine]:
    told = (entry(amount, "CRDT", detail(text=f"RE {order.number}")) for amount in amounts)
    return read_statement(camt(*told).encode())


def take(lines: list[StatementLine], at: datetime) -> list[tuple[str, str]]:
    """Take in one file; return what became of each line, and why."""
    return [(outcome.state, outcome.why) for outcome in (take_in(line, at=at) for line in lines)]


def received(order: Order) -> int:
    return Payment.objects.get(order=order).captured_minor


def test_what_somebody_noted_by_hand_is_not_noted_again(now: datetime, unguarded: Unguarded) -> None:
    order = transfer(now)
    assert by_hand(order, 2890, now).key.startswith(NOTED_BY_HAND)

    told = take(camt_of(order, "28.90"), now)

    assert told == [("unknown", f"somebody noted this sum for {order.number} by hand: the same money?")]
    assert (received(order), RefundGrant.objects.count()) == (2890, 0)
    assert BankLine.objects.values_list("state", "order", "why").get() == ("unknown", None, told[0][1])
    assert breaches() == []

    unguarded()
    assert take(csv_of(order, "28.90"), now) == [("over", "")]
    assert (received(order), RefundGrant.objects.get().amount_minor) == (5780, 2890)  # money that never came goes out


def test_another_sum_than_the_noted_one_is_other_money(now: datetime) -> None:
    order = transfer(now)
    by_hand(order, 1000, now)

    assert take(camt_of(order, "18.90"), now) == [("matched", "")]
    assert received(order) == 2890
    assert breaches() == []


def test_what_another_file_of_the_bank_says_of_that_day_is_not_noted_again(now: datetime, unguarded: Unguarded) -> None:
    order = transfer(now)
    assert take(csv_of(order, "10.00"), now) == [("part", "")]
    later = now + timedelta(hours=1)

    told = take(camt_of(order, "10.00"), later)

    assert told == [("unknown", f"another file has this sum for {order.number} on this day: the same money?")]
    assert received(order) == 1000
    assert take(camt_of(order, "10.00"), later) == told  # known now, and still open
    assert breaches() == []

    unguarded()
    assert take(csv_of(order, "10.00", text="again"), later + timedelta(hours=1)) == [("part", "")]
    assert received(order) == 2000


def test_two_payments_in_one_file_are_two_also_when_it_is_taken_in_again(now: datetime) -> None:
    order = transfer(now)
    alike, lines = csv_of(order, "10.00", "10.00"), camt_of(order, "4.45", "4.45")

    assert take(alike[:1], now) == [("part", "")]  # and then the machine was switched off
    assert take(alike, now + timedelta(hours=1)) == [("part", ""), ("part", "")]
    assert take(lines, now + timedelta(hours=2)) == [("part", ""), ("matched", "")]
    assert received(order) == 2890
    assert breaches() == []


def test_the_same_sum_on_another_day_or_for_another_order_is_other_money(now: datetime) -> None:
    order, other = transfer(now), transfer(now)

    assert take(csv_of(order, "10.00"), now) == [("part", "")]
    assert take(csv_of(order, "10.00", day="2026-03-04"), now + timedelta(hours=1)) == [("part", "")]
    assert take(camt_of(other, "10.00"), now + timedelta(hours=2)) == [("part", "")]
    assert (received(order), received(other)) == (2000, 1000)


def test_a_person_says_whether_it_is_the_same(now: datetime) -> None:
    order, staff = transfer(now), StaffFactory()
    by_hand(order, 1000, now)
    take(camt_of(order, "10.00"), now)
    take(csv_of(order, "10.00"), now + timedelta(hours=1))
    same, another = BankLine.objects.filter(state="unknown").order_by("id")

    set_aside(line_id=same.pk, why="noted on Monday", by=staff)
    assign_line(line_id=another.pk, number=order.number, by=staff, at=now)

    assert received(order) == 2000
    assert breaches() == []


def test_money_that_was_noted_and_given_back_is_not_given_back_twice(now: datetime) -> None:
    order = transfer(now)
    by_hand(order, 2890, now)
    cancel_order(order_id=order.pk, by=None, at=now)

    assert [state for state, _why in take(camt_of(order, "28.90"), now)] == ["unknown"]
    assert (received(order), Payment.objects.get().granted_minor) == (2890, 2890)


def test_a_transfer_of_ours_that_came_back_pays_no_order(now: datetime) -> None:
    order = transfer(now)
    back = entry("28.90", "CRDT", detail(text=order.number), more="<RvslInd>true</RvslInd>")

    assert take(read_statement(camt(back).encode()), now) == [("unknown", "a payment of ours that came back")]
    assert received(order) == 0


def test_the_command_and_the_list_say_what_may_be_the_same(now: datetime, tmp_path: Path, admin_client: Client) -> None:
    order = transfer(now)
    by_hand(order, 2890, now)
    file = tmp_path / "statement.csv"
    file.write_text(f"date;purpose;amount\n2026-03-03;{order.number};28,90\n")
    why = f"somebody noted this sum for {order.number} by hand: the same money?"
    said = StringIO()

    for more in (["--dry-run"], []):
        with pytest.raises(SystemExit):
            call_command("reconcile_payments", str(file), *more, stdout=said)

    assert said.getvalue().count(f"unknown    {why}") == 2
    assert said.getvalue().count("1 lines: 1 unknown.") == 2
    assert said.getvalue().count("What may be noted already was not noted again") == 2
    assert why in admin_client.get("/admin/orders/bankline/").content.decode()
    assert received(order) == 2890


def test_a_second_late_transfer_of_an_order_that_is_over_is_told_as_it_is_until_it_is_back(now: datetime) -> None:
    """The first one is back already; the order is not called refunded while the second one is still here."""
    order = ordered(at=now, provider="bank_transfer", payment_token="")
    cancel_order(order_id=order.pk, by=None, at=now)
    said, sums = [], (order.total_minor, order.total_minor // 2)
    for number, minor in enumerate(sums):
        note_bank_money(order_id=order.pk, amount_minor=minor, key=f"bank:{number}", reference="R", by=None, at=now)
        assert breaches() == []
        for grant in RefundGrant.objects.filter(sent_at=None):
            said.append(Order.objects.get(pk=order.pk).payment_status)
            execute_refunds(now)
            settle_by_hand(grant_id=grant.pk, reference=f"OUT-{number}", by=StaffFactory(), at=now)

    assert said == ["paid", "part_refunded"]
    assert (Order.objects.get(pk=order.pk).payment_status, Payment.objects.get().refunded_minor) == (
        "refunded", sum(sums),
    )  # fmt: skip
    assert breaches() == []


def test_too_much_for_an_order_some_of_which_went_back_is_no_refund_of_it(now: datetime) -> None:
    order = ordered(at=now, provider="bank_transfer", payment_token="")
    note_payment_received(order_id=order.pk, amount_minor=order.total_minor, reference="R", by=None, at=now)
    grant = grant_refund(order_id=order.pk, amount_minor=100, reason="Sorry", origin="test:1", by=None, at=now)
    execute_refunds(now)
    settle_by_hand(grant_id=grant.pk, reference="OUT", by=StaffFactory(), at=now)
    before = Order.objects.get(pk=order.pk).payment_status

    note_bank_money(order_id=order.pk, amount_minor=900, key="bank:2", reference="R2", by=None, at=now)

    assert (before, breaches()) == ("part_refunded", [])
