"""Money in and out: noted once, granted once, sent once, and always what the ledger says."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders.gateways.payments import OutcomeUnknown
from orders.gateways.payments.test_card import TestCard
from orders.models import Order, Payment, PaymentEvent, RefundGrant, TestCardEntry
from orders.operations.cancelling import cancel_order
from orders.operations.paying import AmountRefused, NothingExpected, ReferenceUsed, note_payment_received
from orders.operations.paying_out import NotByHand, execute_refunds, settle_by_hand
from orders.operations.refunding import NothingToRefund, grant_refund
from shop.models import Event, User
from shop.queries.audit import breaches
from tests.accounts import said_again
from tests.factories.bags import ordered
from tests.factories.shop import StaffFactory

pytestmark = pytest.mark.django_db


def transfer(now: datetime) -> Order:
    return ordered(at=now, provider="bank_transfer", payment_token="")


def note(order: Order, amount_minor: int, reference: str, now: datetime) -> PaymentEvent:
    return note_payment_received(order_id=order.pk, amount_minor=amount_minor, reference=reference, by=None, at=now)


def grant(order: Order, amount_minor: int, now: datetime, origin: str = "tests:1") -> RefundGrant:
    return grant_refund(order_id=order.pk, amount_minor=amount_minor, reason="test", origin=origin, by=None, at=now)


def names() -> list[str]:
    return list(Event.objects.order_by("id").values_list("name", flat=True))


def test_a_transfer_is_noted_once_per_reference(now: datetime) -> None:
    order = transfer(now)

    note(order, 1000, "E2E 1", now)
    note(order, 1000, " e2e  1 ", now)
    order.refresh_from_db()
    assert (order.payment_status, order.payment.captured_minor) == ("pending", 1000)
    note(order, 1890, "E2E 2", now)

    order = Order.objects.get()
    assert (order.payment_status, order.payment.captured_minor) == ("paid", 2890)
    assert names() == ["orders.order.placed", "orders.payment.received", "orders.payment.received"]
    assert breaches() == []


def test_amounts_and_references_that_cannot_be_right_are_refused(now: datetime) -> None:
    order = transfer(now)
    note(order, 1000, "E2E 1", now)

    for amount, reference, refusal in (
        (999, "E2E 1", ReferenceUsed),
        (1891, "E2E 2", AmountRefused),
        (0, "E2E 3", AmountRefused),
        (-5, "E2E 4", AmountRefused),
        (100, "  ", AmountRefused),
    ):
        with pytest.raises(refusal):
            note(order, amount, reference, now)
    with pytest.raises(NothingExpected):
        note(ordered(at=now), 1, "card", now)

    assert Payment.objects.get(order=order).captured_minor == 1000
    assert breaches() == []


def test_money_for_a_cancelled_order_goes_back(now: datetime) -> None:
    order = transfer(now)
    cancel_order(order_id=order.pk, by=None, at=now)

    note(order, 2890, "late", now)

    assert RefundGrant.objects.values_list("amount_minor", "state").get() == (2890, "granted")
    assert breaches() == []


def test_a_card_refund_is_sent_once(now: datetime) -> None:
    order = ordered(at=now)
    granted = grant(order, 1000, now)
    assert grant(order, 1000, now) == granted

    assert (execute_refunds(now), execute_refunds(now)) == (1, 0)

    order = Order.objects.get()
    assert (order.payment_status, order.payment.refunded_minor) == ("part_refunded", 1000)
    assert RefundGrant.objects.values_list("state", "sent_at").get() == ("sent", now)
    assert TestCardEntry.objects.filter(kind="refund").values_list("amount_minor", "asked").get() == (1000, 1)
    assert names()[-2:] == ["orders.refund.granted", "orders.refund.sent"]
    grant(order, 1890, now, "tests:2")
    execute_refunds(now)
    assert Order.objects.get().payment_status == "refunded"
    assert breaches() == []


@pytest.mark.parametrize("amount", [0, -1, 2891])
def test_more_than_came_in_never_goes_back(now: datetime, amount: int) -> None:
    order = ordered(at=now)

    with pytest.raises(NothingToRefund) as refused:
        grant(order, amount, now)

    assert (refused.value.open_minor, RefundGrant.objects.count()) == (2890, 0)
    assert breaches() == []


def test_a_transfer_waits_for_a_person(now: datetime) -> None:
    order = transfer(now)
    note(order, 2890, "E2E", now)
    granted = grant(order, 2890, now)
    staff = StaffFactory()
    with pytest.raises(NotByHand):
        settle_by_hand(grant_id=granted.pk, reference="too early", by=staff, at=now)

    execute_refunds(now)
    granted.refresh_from_db()
    assert (granted.state, Order.objects.get().payment_status) == ("by_hand", "paid")
    for _twice in range(2):
        settle_by_hand(grant_id=granted.pk, reference="OUT 1", by=staff, at=now)

    granted.refresh_from_db()
    assert (granted.state, Order.objects.get().payment_status) == ("sent", "refunded")
    assert PaymentEvent.objects.filter(kind="refund").values_list("provider_ref", "actor").get() == ("OUT 1", staff.pk)
    assert breaches() == []


def test_a_refund_whose_answer_gets_lost_is_sent_once(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    order = ordered(at=now)
    granted = grant(order, 500, now)
    real = TestCard.refund

    def lost(self: TestCard, **asked: object) -> str:
        real(self, **asked)  # type: ignore[arg-type]
        raise OutcomeUnknown

    with monkeypatch.context() as patch:
        patch.setattr(TestCard, "refund", lost)
        execute_refunds(now)
    granted.refresh_from_db()
    assert (granted.state, granted.error, granted.lease_until) == ("granted", "OutcomeUnknown", None)
    RefundGrant.objects.update(due_at=now - timedelta(days=365))
    execute_refunds(now)

    granted.refresh_from_db()
    assert (granted.state, TestCardEntry.objects.filter(kind="refund").count()) == ("sent", 1)
    assert Payment.objects.get().refunded_minor == 500
    assert breaches() == []


def test_a_refund_that_never_works_is_shown_to_a_person(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    granted = grant(ordered(at=now), 500, now)

    def away(self: TestCard, **_: object) -> str:
        raise OutcomeUnknown

    monkeypatch.setattr(TestCard, "refund", away)
    for _attempt in range(8):
        RefundGrant.objects.update(due_at=now - timedelta(days=365))
        execute_refunds(now)

    granted.refresh_from_db()
    assert (granted.state, granted.attempts) == ("failed", 8)
    settle_by_hand(grant_id=granted.pk, reference="by transfer", by=StaffFactory(), at=now)
    assert Payment.objects.get().refunded_minor == 500


STEPS = st.lists(
    st.tuples(st.sampled_from(["note", "grant", "send", "cancel"]), st.integers(-50, 3000)), min_size=1, max_size=8
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_whatever_happens_the_ledger_adds_up(now: datetime, steps: list[tuple[str, int]]) -> None:
    order = transfer(now)
    for number, (step, amount) in enumerate(steps):
        try:
            if step == "note":
                note(order, amount, f"{order.pk}-{number}", now)
            elif step == "grant":
                grant(order, amount, now, f"tests:{order.pk}:{number}")
            elif step == "send":
                execute_refunds(now)
            else:
                cancel_order(order_id=order.pk, by=None, at=now)
        except (AmountRefused, NothingToRefund):
            continue

    payment = Payment.objects.get(order=order)
    assert payment.due_minor >= payment.captured_minor >= payment.granted_minor >= payment.refunded_minor >= 0
    assert [breach for breach in breaches() if breach.code.startswith("O")] == []


def staff_with(*codenames: str) -> User:
    person = StaffFactory()
    person.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return person


@pytest.fixture
def desk(client: Client) -> Client:
    """The browser of somebody who may look at money and note it."""
    client.force_login(
        staff_with("view_payment", "view_refundgrant", "view_paymentevent", "grant_refund", "settle_refund")
    )
    return said_again(client)


def test_staff_give_money_back_in_the_admin(desk: Client, now: datetime) -> None:
    order = ordered(at=now)
    button = f"/admin/orders/payment/{order.payment.pk}/refund/"

    for amount, status in (("28.91", 303), ("much", 422), ("", 422), ("-1", 422)):
        asked = {"amount": amount, "reason": "goodwill", "key": str(uuid4())}
        assert desk.post(button, asked).status_code == status
    assert RefundGrant.objects.count() == 0
    key = str(uuid4())
    for _twice in range(2):
        desk.post(button, {"amount": "5.00", "reason": "goodwill", "key": key})

    assert RefundGrant.objects.values_list("amount_minor", "reason").get() == (500, "goodwill")


def test_staff_note_a_refund_in_the_admin(desk: Client, now: datetime) -> None:
    order = transfer(now)
    note(order, 2890, "E2E", now)
    granted = grant(order, 100, now)
    button = f"/admin/orders/refundgrant/{granted.pk}/settled/"
    desk.post(button, {"reference": "early"})
    assert Payment.objects.get().refunded_minor == 0
    execute_refunds(now)

    assert desk.get("/admin/orders/refundgrant/").status_code == 200
    assert desk.post(button, {"reference": "OUT"}).status_code == 303

    granted.refresh_from_db()
    assert granted.state == "sent"


def test_the_admin_shows_money_as_people_write_it(desk: Client, now: datetime) -> None:
    order = ordered(at=now)
    granted = grant(order, 500, now)

    pages = [
        desk.get(f"/admin/orders/{name}/{row}/change/").content.decode()
        for name, row in (("payment", order.payment.pk), ("refundgrant", granted.pk))
    ]

    assert "€28.90" in pages[0]
    assert all("€5.00" in page and "minor units" not in page and ">500<" not in page for page in pages)


def test_without_the_permission_nothing_moves(client: Client, now: datetime) -> None:
    order = ordered(at=now)
    client.force_login(staff_with("view_payment", "view_refundgrant"))
    page, button = (f"/admin/orders/payment/{order.payment.pk}/{name}/" for name in ("change", "refund"))

    assert client.post(button, {"amount": "1.00", "reason": "me", "key": str(uuid4())}).status_code == 403
    assert b"Give money back" not in client.get(page).content
    assert client.post(page, {"captured_minor": 1}).status_code == 403
    assert RefundGrant.objects.count() == 0


@pytest.mark.parametrize("table", ["payment", "refundgrant", "cart", "servicelevel", "taxrate", "workshop"])
def test_every_list_opens(client: Client, now: datetime, table: str) -> None:
    ordered(at=now)
    client.force_login(staff_with(f"view_{table}"))

    assert client.get(f"/admin/orders/{table}/").status_code == 200
