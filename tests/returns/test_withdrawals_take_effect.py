"""A withdrawal takes effect by itself where the secret link or the account says who states it, and nowhere else."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from notifications.models import Message
from notifications.operations.sending import send_messages
from orders.models import Order, Payment, RefundGrant
from orders.operations.access import issue_link
from orders.operations.packing import pack_parcel
from orders.operations.paying_out import execute_refunds
from orders.operations.splitting import split_parcel
from returns.models import CaseLine, ReturnCase, ReturnReason, Withdrawal
from returns.operations import declaring
from returns.operations.declaring import Statement, declare_withdrawal
from returns.operations.receiving import Finding, receive_return
from returns.operations.withdrawing import withdraw_return
from returns.queries.offers import offered_reasons
from returns.queries.withdrawals import count_open_withdrawals
from shop.models import Event, StockLevel
from shop.operations.events import relay_events
from shop.queries.audit import breaches
from tests.conftest import NOW
from tests.crowds import kinds, together
from tests.factories.bags import ordered
from tests.factories.orders import placed_order
from tests.factories.returns import deliver, delivered_order
from tests.factories.shop import StaffFactory, UserFactory, VariantFactory
from tests.pages import words

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _one_moment(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


def stated(order: Order, *, at: datetime, units: dict[int, int] | None = None, **changes: Any) -> Withdrawal:
    """A withdrawal behind the order's secret link, from pieces she ticked or from the whole order."""
    pieces = "; ".join(f"{number} × line {line}" for line, number in (units or {}).items())
    said = Statement(order.number, "Ana Costa", "ana@example.com", pieces, "en", units or {})
    return declare_withdrawal(statement=said, at=at, order_id=order.pk, **{"submission_key": uuid4()} | changes)


def pressed(order: Order, **more: Any) -> dict[str, Any]:
    units = [f"{line.pk}-{n}" for line in order.lines.order_by("id") for n in range(1, line.quantity + 1)]
    said = {"submission_key": str(uuid4()), "step": "confirm", "name": "Ana Costa", "email": "ana@example.com"}
    return said | {"units": units} | more


def back(case: ReturnCase, at: datetime) -> None:
    """Everything of a return comes back like new."""
    findings = {line.pk: Finding(line.quantity) for line in case.lines.order_by("id")}
    receive_return(case_id=case.pk, findings=findings, by=StaffFactory(), at=at)


# -- Before packing starts --------------------------------------------------------------------------------------------


def test_before_packing_the_order_is_cancelled_and_every_cent_goes_back(client: Client, now: datetime) -> None:
    variant = VariantFactory(stock=3)
    order = ordered((variant, 2), at=now)
    page = reverse("returns:withdrawal-of", args=[issue_link(order=order, at=now)])

    answer = client.post(page, pressed(order))

    order.refresh_from_db()
    assert order.status == "cancelled"
    grant = RefundGrant.objects.get()
    assert (grant.amount_minor, grant.origin) == (order.total_minor, f"orders.cancel:{order.pk}")
    assert StockLevel.objects.get(variant=variant).allocated == 0
    row = Withdrawal.objects.get()
    assert (row.outcome, row.settled_at, row.settled_by) == ("cancelled", now, None)
    assert count_open_withdrawals(now) == 0
    assert "Your order is cancelled." in words(answer)
    assert not ReturnCase.objects.exists()
    execute_refunds(now)
    assert Payment.objects.get().refunded_minor == order.total_minor


def test_its_receipt_says_what_goes_back_and_asks_for_no_parcel(now: datetime) -> None:
    order = ordered(at=now)
    stated(order, at=now)
    while relay_events(now):
        pass

    text = " ".join(Message.objects.get(kind="withdrawal_receipt").text.split())
    assert "Your order is cancelled. We had not packed it yet, so nothing leaves us." in text
    assert f"€{order.total_minor / 100:.2f} goes back to you by" in text
    assert "please send within" not in text


def test_an_unpaid_order_is_cancelled_with_nothing_to_give_back(client: Client, now: datetime) -> None:
    order = ordered(at=now, provider="bank_transfer", payment_token="")

    answer = client.post(reverse("returns:withdrawal-of", args=[issue_link(order=order, at=now)]), pressed(order))

    assert "You had paid nothing yet." in words(answer)
    assert not RefundGrant.objects.exists()


def test_some_pieces_of_an_order_that_is_not_packed_are_left_to_a_person(now: datetime) -> None:
    order = ordered((VariantFactory(), 2), at=now)
    row = stated(order, at=now, units={order.lines.get().pk: 1})

    order.refresh_from_db()
    assert (order.status, row.outcome, row.settled_at) == ("placed", "", None)
    assert count_open_withdrawals(now) == 1


def test_packed_and_still_here_is_left_to_a_person_until_it_arrives(now: datetime) -> None:
    order = placed_order(at=now - 4 * DAY)
    pack_parcel(parcel_id=order.parcels.get().pk, by=None, at=now - 4 * DAY)

    row = stated(order, at=now)

    order.refresh_from_db()
    assert (order.status, row.outcome, row.settled_at) == ("placed", "", None)
    assert not ReturnCase.objects.exists()


# -- After it arrived -------------------------------------------------------------------------------------------------


def test_what_arrived_goes_into_a_return_that_is_agreed_to(client: Client, now: datetime) -> None:
    order = delivered_order(at=now - 5 * DAY, pieces=(2, 1))
    token = issue_link(order=order, at=now)

    answer = client.post(reverse("returns:withdrawal-of", args=[token]), pressed(order))

    case, row = ReturnCase.objects.get(), Withdrawal.objects.get()
    assert (case.status, case.withdrawal, case.decided_by, case.due_on) == ("approved", row, None, None)
    assert sorted(case.lines.values_list("quantity", "granted", "reason__code")) == [
        (1, "refund", "withdrawal"), (2, "refund", "withdrawal"),
    ]  # fmt: skip
    assert case.policy["postage"] == "shopper"
    assert (row.outcome, row.settled_at) == ("return", now)
    there = reverse("returns:case", args=[token, case.number])
    assert f'href="{there}"' in answer.content.decode()
    assert "Put a slip with the number" in words(client.get(there))
    assert breaches() == []


def test_the_whole_sum_goes_back_with_the_delivery_when_everything_comes_back(now: datetime) -> None:
    order = delivered_order(at=now - 5 * DAY, pieces=(2, 1))
    stated(order, at=now)
    back(ReturnCase.objects.get(), now + DAY)

    assert ReturnCase.objects.get().delivery_minor == order.delivery_minor > 0
    assert RefundGrant.objects.get().amount_minor == order.total_minor


def test_what_she_ticked_and_no_more_goes_back(now: datetime) -> None:
    order = delivered_order(at=now - 5 * DAY, pieces=(3, 1))
    line = order.lines.order_by("id")[0]
    stated(order, at=now, units={line.pk: 2})

    assert list(CaseLine.objects.values_list("order_line", "quantity")) == [(line.pk, 2)]
    back(ReturnCase.objects.get(), now + DAY)
    assert RefundGrant.objects.get().amount_minor == sum(line.units_paid_minor[:2])


def test_she_is_told_once_how_to_send_it_and_not_that_somebody_looks_at_it(now: datetime) -> None:
    stated(delivered_order(at=now - 5 * DAY), at=now)
    while relay_events(now):
        pass
    while send_messages(now):
        pass

    case = ReturnCase.objects.get()
    told = dict(Message.objects.exclude(order_number="").values_list("kind", "state"))
    assert told["return_requested"] == "suppressed"
    assert told["return_approved"] != "suppressed"
    text = " ".join(Message.objects.get(kind="withdrawal_receipt").text.split())
    assert f"Your return {case.number} is agreed to" in text
    assert "one of us looks at it" not in text
    assert "/orders/" not in text  # the address of a receipt is typed: it opens nothing


def test_the_shop_may_pay_the_way_back_and_shoppers_cannot_choose_this_reason(now: datetime) -> None:
    ReturnReason.objects.create(code="withdrawal", label="Withdrawal", group="mind", postage="shop")
    stated(delivered_order(at=now - 5 * DAY), at=now)

    assert ReturnCase.objects.get().policy["postage"] == "shop"
    assert "withdrawal" not in {reason.code for reason in offered_reasons(now)}


def test_what_is_on_its_way_follows_on_the_day_it_arrives(now: datetime) -> None:
    order = placed_order(at=now - 5 * DAY, quantity=2)
    split_parcel(parcel_id=order.parcels.get().pk, first={order.lines.get().pk: 1}, by=StaffFactory(), at=now - 5 * DAY)
    deliver(order, number=1, at=now - 5 * DAY)
    first = stated(order, at=now)
    again = stated(order, at=now)

    assert (first.outcome, first.settled_at) == ("partly", None)
    assert (again.outcome, again.settled_at) == ("partly", now)  # a person need not look at both
    deliver(order, number=2, at=now)
    for _time in range(2):
        while relay_events(now + 4 * DAY):
            pass
        declaring.follow_withdrawals(order_id=order.pk, at=now + 4 * DAY)

    first.refresh_from_db()
    assert (first.outcome, first.settled_at is not None) == ("return", True)
    assert [case.lines.get().quantity for case in first.cases.order_by("id")] == [1, 1]
    for case in first.cases.order_by("id"):
        back(case, now + 5 * DAY)
    assert sum(RefundGrant.objects.values_list("amount_minor", flat=True)) == order.total_minor
    assert not [breach for breach in breaches() if breach.code.startswith(("R", "O", "M"))]


def test_too_late_for_the_law_a_person_looks_at_it(now: datetime) -> None:
    row = stated(delivered_order(at=now - 25 * DAY), at=now)

    assert (row.outcome, row.settled_at) == ("", None)
    assert not ReturnCase.objects.exists()


def test_she_may_still_keep_it_and_nothing_is_opened_again(now: datetime) -> None:
    order = delivered_order(at=now - 5 * DAY)
    stated(order, at=now)
    withdraw_return(case_id=ReturnCase.objects.get().pk, at=now)

    declaring.follow_withdrawals(order_id=order.pk, at=now)

    assert [case.status for case in ReturnCase.objects.all()] == ["withdrawn"]


# -- Who states it ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arrived", [True, False])
def test_number_and_address_alone_move_nothing(client: Client, now: datetime, arrived: bool) -> None:
    order = delivered_order(at=now - 5 * DAY) if arrived else ordered(at=now)
    said = {"submission_key": str(uuid4()), "step": "confirm", "name": "Eve", "pieces": ""}

    answer = client.post(reverse("returns:withdrawal"), said | {"order_number": order.number, "email": order.email})

    row = Withdrawal.objects.get()
    assert (row.order, row.outcome, row.units, row.settled_at) == (order, "", [], None)
    assert "One of us looks at it." in words(answer)
    order.refresh_from_db()
    assert (order.status, ReturnCase.objects.count(), RefundGrant.objects.count()) == ("placed", 0, 0)
    assert count_open_withdrawals(now) == 1


def test_her_account_says_who_she_is_and_a_stranger_is_nobody(client: Client, now: datetime) -> None:
    ana = UserFactory(email="ana@example.com")
    order = ordered(at=now)
    Order.objects.filter(pk=order.pk).update(customer=ana)
    said = {"step": "confirm", "name": "Ana", "email": "ana@example.com", "pieces": "", "order_number": order.number}
    page = reverse("returns:withdrawal")

    client.force_login(UserFactory(email="eve@example.com"))
    client.post(page, said | {"submission_key": str(uuid4())})
    order.refresh_from_db()
    assert order.status == "placed"

    client.force_login(ana)
    wrote = client.post(page, said | {"submission_key": str(uuid4()), "pieces": "the blue one"})
    assert "One of us looks at it." in words(wrote)
    assert "Your order is cancelled." in words(client.post(page, said | {"submission_key": str(uuid4())}))


# -- Twice, and at once -----------------------------------------------------------------------------------------------


def test_the_same_button_twice_is_one_return_and_one_word(client: Client, now: datetime) -> None:
    order = delivered_order(at=now - 5 * DAY)
    page, form = reverse("returns:withdrawal-of", args=[issue_link(order=order, at=now)]), pressed(order)

    first, second = client.post(page, form), client.post(page, form)

    assert (first.status_code, second.status_code) == (200, 200)
    assert "How to send it" in words(second)
    assert (Withdrawal.objects.count(), ReturnCase.objects.count()) == (1, 1)
    assert Event.objects.filter(name="returns.case.approved").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("arrived", [True, False])
def test_four_windows_at_once_are_one_return_or_one_cancellation(now: datetime, arrived: bool) -> None:
    order = delivered_order(at=now - 5 * DAY) if arrived else ordered(at=now)

    results = together(*[lambda: stated(order, at=now)] * 4)

    assert kinds(results) == ["Withdrawal"] * 4
    outcome = "return" if arrived else "cancelled"
    assert list(Withdrawal.objects.values_list("outcome", flat=True)) == [outcome] * 4
    assert ReturnCase.objects.count() == (1 if arrived else 0)
    assert RefundGrant.objects.count() == (0 if arrived else 1)
    assert not Withdrawal.objects.filter(settled_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_packing_and_withdrawing_at_once_end_in_one_of_the_two(now: datetime) -> None:
    order = ordered(at=now)
    parcel = order.parcels.get()

    together(
        lambda: stated(order, at=now), lambda: pack_parcel(parcel_id=parcel.pk, by=None, at=now),
    )  # fmt: skip

    order.refresh_from_db()
    parcel.refresh_from_db()
    row = Withdrawal.objects.get()
    assert (order.status, parcel.status, row.outcome) in [
        ("cancelled", "cancelled", "cancelled"),
        ("placed", "packed", ""),
    ]


# -- Staff ------------------------------------------------------------------------------------------------------------


def test_staff_see_what_happened_by_itself_with_the_way_to_it(client: Client, now: datetime) -> None:
    row = stated(delivered_order(at=now - 5 * DAY), at=now)
    case = ReturnCase.objects.get()
    client.force_login(StaffFactory(is_superuser=True))

    listed = words(client.get(reverse("admin:returns_withdrawal_changelist")))
    shown = client.get(reverse("admin:returns_withdrawal_change", args=[row.pk]))

    assert "a return is open for all of it" in listed
    assert f">{case.number}</a>" in shown.content.decode()
    assert "Dealt with: cancelled" not in words(shown)
    settled = Event.objects.get(name="returns.withdrawal.settled")
    assert (settled.order_number, settled.actor_kind) == (row.order_number, "customer")


# -- Money ------------------------------------------------------------------------------------------------------------


class TestMoney(TestCase):
    """Each example rolls back on its own."""

    @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(st.integers(0, 1), st.integers(1, 3), st.booleans()), max_size=5))
    def test_whatever_is_withdrawn_in_whatever_order_the_sums_are_exact(
        self, steps: list[tuple[int, int, bool]]
    ) -> None:
        order, later = delivered_order(at=NOW, pieces=(3, 2)), NOW + 4 * DAY
        lines = list(order.lines.order_by("id"))

        for which, pieces, comes_back in steps:
            stated(order, at=later, units={lines[which].pk: pieces})
            newest = ReturnCase.objects.filter(order=order, status="approved").order_by("id").last()
            if comes_back and newest:
                back(newest, later)
        Withdrawal.objects.filter(settled_at=None).update(units=[])
        stated(order, at=later)
        for case in ReturnCase.objects.filter(order=order, status="approved").order_by("id"):
            back(case, later)

        payment = Payment.objects.get(order=order)
        assert payment.granted_minor == payment.captured_minor == order.total_minor
        assert sum(order.lines.values_list("qty_returned", flat=True)) == 5
        assert breaches() == []
