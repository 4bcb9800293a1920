"""A refund of several sums that came in: of each no more than it was, each asked for once, each settled by itself."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.db.models import F
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from orders.gateways.payments import Bill, Declined, OutcomeUnknown, Paid
from orders.gateways.payments.test_card import TestCard
from orders.models import Order, Payment, PaymentEvent, RefundGrant, StoreCredit, TestCardEntry
from orders.operations import ledger, paying_out, refunding
from orders.operations.cancelling import cancel_order
from orders.operations.ledger import capture
from orders.operations.paying_out import BankHasIt, execute_refunds, note_bounced, settle_by_hand
from orders.operations.provider_news import hear_of_dispute
from orders.operations.refunding import NothingToRefund, grant_refund
from orders.rules.payment import Received, spread
from shop.queries.audit import breaches
from shop.rules.money import Money
from tests.factories.bags import ordered
from tests.factories.shop import StaffFactory, VariantFactory


def charged(order: Order, amount_minor: int, at: datetime, *, key: str = "more:1") -> PaymentEvent:
    """Money the card paid on top of the first charge."""
    bill = Bill(f"{order.pk}:{key}", Money(amount_minor, "EUR"), "test:pays", "", "", "", "en", "", "", at)
    paid = TestCard().charge(bill)
    assert isinstance(paid, Paid)
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=order.pk)
        payment = Payment.objects.select_for_update().get(order=order)
        return capture(
            order=order,
            payment=payment,
            amount_minor=amount_minor,
            key=key,
            provider_ref=paid.reference,
            by=None,
            at=at,
        )


def give(order: Order, amount: int, now: datetime, origin: str = "tests:1", **more: str) -> RefundGrant:
    return grant_refund(
        order_id=order.pk,
        amount_minor=amount,
        reason="x",
        origin=origin,
        by=None,
        at=now,
        **more,  # type: ignore[arg-type]
    )


def due_again(now: datetime) -> int:
    RefundGrant.objects.update(due_at=now - timedelta(days=365))
    return execute_refunds(now)


def sent_of(payment: Payment) -> list[tuple[int, int]]:
    """What was sent, as (amount, of which sum), in turn."""
    sent = payment.events.filter(kind="refund", phase="succeeded").order_by("id")
    return [(event.amount_minor, event.of.amount_minor if event.of else 0) for event in sent]


@pytest.mark.django_db
@pytest.mark.parametrize("guarded", [True, False])
def test_a_refund_is_taken_of_the_oldest_sum_that_has_room(
    now: datetime, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """The control asks for everything of the first charge, which the bank refuses."""
    order = ordered(at=now)  # 28.90
    charged(order, 1110, now)
    if not guarded:
        monkeypatch.setattr(paying_out, "spread", lambda minor, sums, **_: [(sums[0].ident, minor)])

    give(order, 3000, now)
    execute_refunds(now)

    granted, payment = RefundGrant.objects.get(), Payment.objects.get()
    if not guarded:
        assert (granted.state, granted.error, payment.refunded_minor) == ("granted", "Declined", 0)
        return
    assert (granted.state, payment.refunded_minor, sent_of(payment)) == ("sent", 3000, [(2890, 2890), (110, 1110)])
    give(order, 1000, now, "tests:2")
    assert (execute_refunds(now), execute_refunds(now)) == (1, 0)
    assert sent_of(Payment.objects.get())[2:] == [(1000, 1110)]
    asked = TestCardEntry.objects.filter(kind="refund").order_by("id").values_list("key", "asked", "accepted")
    first, second = payment.events.filter(kind="capture").order_by("id")
    assert list(asked) == [
        (f"refund:{granted.pk}:{first.pk}", 1, True),
        (f"refund:{granted.pk}:{second.pk}", 1, True),
        (f"refund:{granted.pk + 1}:{second.pk}", 1, True),
    ]
    assert breaches() == []


@pytest.mark.django_db
def test_a_part_that_is_sent_stands_whatever_becomes_of_the_other(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = ordered(at=now)
    charged(order, 1110, now)
    granted = give(order, 4000, now)
    real = TestCard.refund

    def second_lost(self: TestCard, *, key: str, charge_reference: str, amount: Money) -> str:
        found = real(self, key=key, charge_reference=charge_reference, amount=amount)
        if amount.minor == 1110:
            raise OutcomeUnknown
        return found

    with monkeypatch.context() as patch:
        patch.setattr(TestCard, "refund", second_lost)
        execute_refunds(now)
    granted.refresh_from_db()
    assert (granted.state, granted.error, Payment.objects.get().refunded_minor) == ("granted", "OutcomeUnknown", 2890)
    assert breaches() == []
    due_again(now)

    granted.refresh_from_db()
    assert (granted.state, sent_of(Payment.objects.get())) == ("sent", [(2890, 2890), (1110, 1110)])
    asked = TestCardEntry.objects.filter(kind="refund").order_by("id").values_list("amount_minor", "asked")
    assert list(asked) == [(2890, 1), (1110, 2)]
    assert breaches() == []


@pytest.mark.django_db
def test_a_part_that_never_goes_or_comes_back_is_paid_out_by_a_person(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = ordered(at=now)
    charged(order, 1110, now)
    granted = give(order, 4000, now)
    real = TestCard.refund

    def second_refused(self: TestCard, *, key: str, charge_reference: str, amount: Money) -> str:
        if amount.minor == 1110:
            raise Declined
        return real(self, key=key, charge_reference=charge_reference, amount=amount)

    monkeypatch.setattr(TestCard, "refund", second_refused)
    for _attempt in range(paying_out.MAX_ATTEMPTS):
        due_again(now)
    granted.refresh_from_db()
    assert (granted.state, Payment.objects.get().refunded_minor) == ("failed", 2890)
    staff = StaffFactory()
    settle_by_hand(grant_id=granted.pk, reference="OUT 1", by=staff, at=now)

    first = PaymentEvent.objects.filter(kind="refund", phase="succeeded").order_by("id")[0]
    assert sent_of(Payment.objects.get()) == [(2890, 2890), (1110, 0)]
    assert breaches() == []
    for _twice in range(2):
        note_bounced(grant_id=granted.pk, reference=first.provider_ref, at=now)
    granted.refresh_from_db()
    assert (granted.state, Payment.objects.get().refunded_minor) == ("failed", 1110)
    settle_by_hand(grant_id=granted.pk, reference="OUT 2", by=staff, at=now)

    assert Payment.objects.get().refunded_minor == 4000
    assert breaches() == []


@pytest.mark.django_db
def test_what_the_bank_took_back_leaves_no_room_in_its_sum(now: datetime) -> None:
    order = ordered(at=now)
    charged(order, 1110, now)
    first = PaymentEvent.objects.filter(kind="capture").order_by("id")[0]
    payment = Payment.objects.get()
    ledger.charged_back(order=order, payment=payment, amount_minor=2890, reference="dp_1", received=first, at=now)

    give(order, 1110, now)
    execute_refunds(now)

    assert sent_of(Payment.objects.get()) == [(1110, 1110)]
    assert breaches() == []


@pytest.mark.django_db
def test_card_and_store_credit_go_back_in_one_refund(now: datetime) -> None:
    order = ordered(at=now)
    granted = give(order, 2000, now)
    RefundGrant.objects.filter(pk=granted.pk).update(credit_minor=500)
    execute_refunds(now)
    reference = PaymentEvent.objects.get(kind="refund", phase="succeeded", means="provider").provider_ref

    note_bounced(grant_id=granted.pk, reference=reference, at=now)
    settle_by_hand(grant_id=granted.pk, reference="OUT", by=StaffFactory(), at=now)

    assert (Payment.objects.get().refunded_minor, StoreCredit.objects.get().balance_minor) == (2000, 500)
    assert breaches() == []


@pytest.mark.django_db
def test_the_database_refuses_more_than_came_in(now: datetime) -> None:
    ordered(at=now)
    payment = Payment.objects.get()
    came_in = PaymentEvent.objects.get(kind="capture")
    row = {"payment": payment, "kind": "refund", "phase": "succeeded", "of": came_in, "happened_at": now}
    PaymentEvent.objects.create(key="a", amount_minor=2890, **row)

    with pytest.raises(IntegrityError, match="more would go back than came in"), transaction.atomic():
        PaymentEvent.objects.create(key="b", amount_minor=1, **row)


SUMS = st.lists(st.tuples(st.integers(1, 500), st.integers(0, 500)), max_size=6)


@given(SUMS, st.integers(0, 3000), st.integers(0, 1000))
def test_parts_stay_within_their_sums(sums: list[tuple[int, int]], amount: int, elsewhere: int) -> None:
    received = [Received(number, minor, min(gone, minor)) for number, (minor, gone) in enumerate(sums)]

    parts = spread(amount, received, elsewhere_minor=elsewhere)

    rooms = {one.ident: one.amount_minor - one.gone_minor for one in received}
    assert sum(part for _ident, part in parts) == min(amount, max(sum(rooms.values()) - elsewhere, 0))
    assert all(0 < part <= rooms[ident] for ident, part in parts)
    assert [ident for ident, _part in parts] == sorted({ident for ident, _part in parts})


class Story:
    """One order whose money comes and goes."""

    def __init__(self, at: datetime) -> None:
        self.at, self.staff = at, StaffFactory()
        self.order = ordered((VariantFactory(price_minor=999), 3), at=at)
        self.turn = self.cases = 0
        self.disputed = False

    def step(self, name: str, amount: int) -> None:
        self.turn += 1
        getattr(self, name)(amount)

    def charge(self, amount: int) -> None:
        charged(self.order, amount, self.at, key=f"more:{self.turn}")

    def give(self, amount: int, to: str = "original") -> None:
        with suppress(NothingToRefund):
            give(self.order, amount, self.at, f"{self.order.pk}:{self.turn}", destination=to)

    def credit(self, amount: int) -> None:
        self.give(amount, "store_credit")

    def send(self, _amount: int = 0) -> None:
        due_again(self.at)

    def lost(self, _amount: int) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(TestCard, "refund", _no_answer)
            due_again(self.at)

    def bounce(self, _amount: int) -> None:
        sent = PaymentEvent.objects.filter(payment__order=self.order, kind="refund", phase="succeeded")
        for event in sent.filter(of__isnull=False).order_by("id")[:1]:
            TestCardEntry.objects.filter(pk=event.provider_ref.removeprefix("test-refund-")).update(accepted=False)
            note_bounced(grant_id=int(event.key.split(":")[1]), reference=event.provider_ref, at=self.at)

    def hand(self, _amount: int = 0) -> None:
        waiting = RefundGrant.objects.filter(payment__order=self.order, state__in=["failed", "by_hand"])
        for grant in waiting.order_by("id"):
            with suppress(BankHasIt):
                settle_by_hand(grant_id=grant.pk, reference=f"OUT {self.turn}", by=self.staff, at=self.at)

    def dispute(self, _amount: int) -> None:
        """Her bank takes back the first sum that came in, unless it has it already."""
        if not self.disputed:
            self._hear(won=False)

    def won(self, _amount: int = 0) -> None:
        """The bank decides for us."""
        if self.disputed:
            self._hear(won=True)

    def _hear(self, *, won: bool) -> None:
        first = PaymentEvent.objects.filter(payment__order=self.order, kind="capture").order_by("id")[0]
        self.cases += not won
        hear_of_dispute(
            reference=f"dp_{self.order.pk}_{self.cases}",
            charge_reference=first.provider_ref,
            amount_minor=first.amount_minor,
            won=won,
            taken=True,
            at=self.at,
        )
        self.disputed = not won


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["charge", "give", "credit", "send", "lost", "bounce", "hand", "dispute", "won"]),
        st.integers(1, 4000),
    ),
    max_size=9,
)


@pytest.mark.django_db
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(STEPS)
def test_whatever_came_in_and_went_back_each_sum_holds(now: datetime, steps: list[tuple[str, int]]) -> None:
    story = Story(now)
    for name, amount in steps:
        story.step(name, amount)
    cancel_order(order_id=story.order.pk, by=None, at=now)
    story.send()
    story.hand()
    story.won()
    story.send()
    story.hand()

    payment = Payment.objects.get(order=story.order)
    assert payment.refunded_minor == payment.granted_minor == payment.captured_minor
    assert breaches() == []


def _no_answer(self: TestCard, **_: object) -> str:
    raise OutcomeUnknown


WATCH = """
    SELECT count(*) FROM orders_payment p WHERE p.refunded_minor > p.captured_minor OR p.captured_minor < (
        SELECT coalesce(sum(CASE kind WHEN 'refund' THEN amount_minor WHEN 'bounced' THEN -amount_minor END), 0)
        FROM orders_paymentevent e WHERE e.payment_id = p.id AND e.phase = 'succeeded')
    UNION ALL
    SELECT count(*) FROM orders_paymentevent c WHERE c.kind = 'capture' AND c.amount_minor < (
        SELECT coalesce(sum(CASE kind WHEN 'refund' THEN amount_minor WHEN 'bounced' THEN -amount_minor END), 0)
        FROM orders_paymentevent e WHERE e.of_id = c.id AND e.phase = 'succeeded')
"""
CHECKS = {
    "granted_within_captured": "granted_minor <= captured_minor",
    "refunded_within_granted": "refunded_minor <= granted_minor",
}


@contextmanager
def without_guards(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The guarded statement, the checks and the trigger are gone; afterwards they stand again."""

    def careless(*, payment_id: int, amount_minor: int) -> bool:
        Payment.objects.filter(pk=payment_id).update(granted_minor=F("granted_minor") + amount_minor)
        return True

    with connection.cursor() as cursor, monkeypatch.context() as patch:
        patch.setattr(refunding, "reserve", careless)
        for name in CHECKS:
            cursor.execute(f"ALTER TABLE orders_payment DROP CONSTRAINT {name}")
        cursor.execute("ALTER TABLE orders_paymentevent DISABLE TRIGGER within_what_came_in")
        yield
        Payment.objects.update(granted_minor=0, refunded_minor=0, beyond_minor=0)
        for name, check in CHECKS.items():
            cursor.execute(f"ALTER TABLE orders_payment ADD CONSTRAINT {name} CHECK ({check})")
        cursor.execute("ALTER TABLE orders_paymentevent ENABLE TRIGGER within_what_came_in")


def watched(work: object, threads: int) -> tuple[int, int]:
    """Let threads work while another connection looks; return how often it did and how often it saw a breach."""
    over, looks, seen = threading.Event(), 0, 0

    def one(number: int) -> None:
        try:
            work(number)  # type: ignore[operator]
        finally:
            connections.close_all()

    def watch() -> None:
        nonlocal looks, seen
        with connection.cursor() as cursor:
            while not (over.is_set() and looks):
                cursor.execute(WATCH)
                looks, seen = looks + 1, seen + any(count for (count,) in cursor.fetchall())
        connections.close_all()

    with ThreadPoolExecutor(threads + 1) as pool:
        watching = pool.submit(watch)
        try:
            list(pool.map(one, range(threads)))
        finally:
            over.set()
        watching.result()
    return looks, seen


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_no_order_ever_gives_back_more_than_came_in(
    now: datetime, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """20 threads of refunds, cancellations and workers; the control, without the guards, is seen by the watcher."""
    orders = [ordered((VariantFactory(price_minor=1000), 3), at=now) for _ in range(3)]
    for order in orders:
        charged(order, 700, now)

    def work(number: int) -> None:
        dice = random.Random(number)
        for turn in range(4):
            order = dice.choice(orders)
            to = dice.choice(["original", "store_credit"])
            with suppress(NothingToRefund):
                give(order, dice.randrange(300, 1500), now, f"{number}:{turn}", destination=to)
            execute_refunds(now)
            if dice.random() < 0.1:
                cancel_order(order_id=order.pk, by=None, at=now)

    if guarded:
        looks, seen = watched(work, 20)
    else:
        with without_guards(monkeypatch):
            looks, seen = watched(work, 20)

    assert looks > 1
    assert (seen > 0) is not guarded
    if guarded:
        while due_again(now):
            pass
        assert Payment.objects.filter(refunded_minor__lt=F("granted_minor")).count() == 0
        assert breaches() == []
