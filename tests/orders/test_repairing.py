"""Money and papers that earlier versions left wrong are mended by what does it right today."""

from __future__ import annotations

from datetime import datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from orders.models import Document, Order, OrderLine, Payment, RefundGrant
from orders.operations import cancelling, choosing, leaving_out, repairing
from orders.operations.cancelling import cancel_order
from orders.operations.documents import issue_what_is_due
from orders.operations.paying_out import execute_refunds
from orders.operations.repairing import NotMended, mend_order, preview_mending, to_mend
from shop.models import Event
from shop.queries.audit import breaches
from tests.factories.bags import ordered
from tests.factories.shop import VariantFactory
from tests.orders.test_all_goes_back import balances, dispute
from tests.orders.test_missing_money import AT_THE_DOOR, BY_TRANSFER, half_sent, leave_out, papers_of

pytestmark = pytest.mark.django_db


def nothing(*args: Any, **kwargs: Any) -> None:
    """What an earlier version did not do."""


def codes() -> list[str]:
    return [breach.code for breach in breaches()]


def cancelled_and_kept(monkeypatch: pytest.MonkeyPatch, now: datetime) -> Order:
    """A cancelled order whose money did not go back."""
    order = ordered(at=now)
    issue_what_is_due(order_id=order.pk, at=now)
    with monkeypatch.context() as patch:
        patch.setattr(cancelling, "give_back_rest", nothing)
        cancel_order(order_id=order.pk, by=None, at=now)
    assert codes() == ["M09"]
    return order


def left_out_and_asked(monkeypatch: pytest.MonkeyPatch, now: datetime, **means: str) -> Order:
    """An order of two pieces, one of which was left out, and its price asked for still."""
    order = ordered((VariantFactory(stock=9), 2), at=now, **means)
    with monkeypatch.context() as patch:
        patch.setattr(choosing, "take_off", nothing)
        leave_out(order.lines.get(), at=now)
    assert codes() == ["M10"]
    return order


def said(*args: str) -> list[str]:
    """What the command prints when all could be mended; SystemExit when it could not."""
    out = StringIO()
    call_command("repair_money", *args, stdout=out)
    return out.getvalue().splitlines()


def test_money_of_a_cancelled_order_goes_back_late_with_its_letter_and_credit_note(
    monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    order = cancelled_and_kept(monkeypatch, now)

    mended = mend_order(number=order.number, at=now)
    execute_refunds(now)

    assert (mended.codes, mended.back_minor, mended.less_minor) == (("M09",), 2890, 0)
    assert balances(order) == (2890, 2890, 2890)
    assert Event.objects.filter(name="orders.refund.granted", order_number=order.number).count() == 1
    assert [(kind, total) for kind, total, _tax in papers_of(order, now)] == [("invoice", 2890), ("credit_note", 2890)]
    assert (breaches(), to_mend()) == ([], {})


def test_what_a_bank_has_is_not_given_back_a_second_time(now: datetime) -> None:
    order = ordered(at=now)
    dispute(order, won=False, at=now)
    cancel_order(order_id=order.pk, by=None, at=now)

    mended = mend_order(number=order.number, at=now)

    assert (mended.codes, mended.back_minor, mended.papers) == ((), 0, ())
    assert balances(order) == (2890, 0, 0)


def test_mending_twice_gives_back_once(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    order = cancelled_and_kept(monkeypatch, now)

    for _ in range(2):
        mend_order(number=order.number, at=now)

    assert RefundGrant.objects.values_list("amount_minor", flat=True).get() == 2890


def test_pieces_that_were_left_out_are_asked_for_no_more(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    order = left_out_and_asked(monkeypatch, now, **AT_THE_DOOR)
    assert Payment.objects.get().due_minor == 5290

    mended = mend_order(number=order.number, at=now)

    assert (mended.codes, mended.back_minor, mended.less_minor) == (("M10",), 0, 2400)
    assert Payment.objects.get().due_minor == Order.objects.get().total_minor == 2890
    assert OrderLine.objects.get().units_paid_minor == [0, 2400]
    assert breaches() == []


def test_the_second_of_two_pieces_is_mended_where_the_first_was_right(
    monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    order = ordered((VariantFactory(stock=9), 3), at=now, **BY_TRANSFER)
    leave_out(order.lines.get(), at=now, key="first")
    with monkeypatch.context() as patch:
        patch.setattr(choosing, "take_off", nothing)
        leave_out(order.lines.get(), at=now, key="second")
    assert codes() == ["M10"]

    assert mend_order(number=order.number, at=now).less_minor == 2400

    assert (Payment.objects.get().due_minor, breaches()) == (2890, [])


def test_pieces_that_were_paid_and_left_out_are_paid_back(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    order = left_out_and_asked(monkeypatch, now)
    issue_what_is_due(order_id=order.pk, at=now)

    mended = mend_order(number=order.number, at=now)
    execute_refunds(now)

    assert (mended.back_minor, mended.less_minor, balances(order)) == (2400, 0, (5290, 2400, 2400))
    found = [(kind, total) for kind, total, _tax in papers_of(order, now)]
    assert found == [("invoice", 5290), ("credit_note", 2400)]
    assert breaches() == []


def test_an_invoice_that_named_left_out_pieces_gets_its_credit_note(
    monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    order, later = half_sent(now)
    issue_what_is_due(order_id=order.pk, at=now)
    with monkeypatch.context() as patch:
        patch.setattr(leaving_out, "reduce_invoice", nothing)
        leave_out(later, at=now)
    assert codes() == ["M13"]

    mended = mend_order(number=order.number, at=now)

    note = Document.objects.get(kind="credit_note")
    assert (mended.codes, mended.papers) == (("M13",), (note.number,))
    assert (note.total_minor, note.tax_minor, note.corrects) == (
        5000,
        later.tax_minor,
        Document.objects.get(kind="invoice"),
    )
    assert [(part["sku"], part["quantity"]) for part in note.content["parts"]] == [(later.sku, 1)]
    assert breaches() == []


def test_an_invoice_over_too_little_is_taken_back_and_issued_anew(now: datetime) -> None:
    order = ordered((VariantFactory(stock=9), 2), at=now)
    Order.objects.filter(pk=order.pk).update(delivery_shares=[])
    issue_what_is_due(order_id=order.pk, at=now)
    Order.objects.filter(pk=order.pk).update(delivery_shares=order.delivery_shares)
    assert codes() == ["M13"]

    mend_order(number=order.number, at=now)

    assert list(Document.objects.order_by("id").values_list("kind", "total_minor")) == [
        ("invoice", 4800),
        ("credit_note", 4800),
        ("invoice", 5290),
    ]
    assert breaches() == []


def test_the_dry_run_says_what_would_be_done_and_does_nothing(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    order = cancelled_and_kept(monkeypatch, now)

    assert said("--dry-run") == [
        f"{order.number}  M09  €28.90 goes back",
        "1 orders: 1 mended, 0 left. Nothing was written.",
    ]
    assert (RefundGrant.objects.count(), codes()) == (0, ["M09"])
    assert said() == [f"{order.number}  M09  €28.90 goes back", "1 orders: 1 mended, 0 left."]
    assert said() == ["Nothing is wrong."]


def test_only_the_order_that_is_named_is_mended(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    order = cancelled_and_kept(monkeypatch, now)

    assert said("--order", "KP-0000-0000") == ["Nothing is wrong."]
    assert codes() == ["M09"]
    assert said("--order", order.number)[-1] == "1 orders: 1 mended, 0 left."


def test_what_is_not_right_afterwards_is_taken_back_and_left_to_a_person(
    monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    order = cancelled_and_kept(monkeypatch, now)

    def too_little(**known: Any) -> None:
        known["payment"].granted_minor += 1
        known["payment"].save()

    monkeypatch.setattr(repairing, "give_back_rest", too_little)

    with pytest.raises(NotMended):
        mend_order(number=order.number, at=now)
    with pytest.raises(NotMended):
        preview_mending(number=order.number, at=now)
    out = StringIO()
    with pytest.raises(SystemExit) as ends:
        call_command("repair_money", stdout=out)
    lines = out.getvalue().splitlines()
    assert ends.value.code == 1
    assert lines[0].startswith(
        f"{order.number}  a person has to look: M09 order {order.number}: received 2890, granted 1"
    )
    assert lines[1] == "1 orders: 0 mended, 1 left."
    assert Payment.objects.get().granted_minor == 0
