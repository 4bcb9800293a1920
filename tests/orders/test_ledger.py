"""The ledger to the piece: who decides, where it goes, and store credit that never goes below nothing."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders.models import CreditEntry, Order, Payment, PaymentEvent, RefundGrant, StoreCredit
from orders.operations import approving, credit
from orders.operations.approving import BelongsToReturn, NotAllowed, NotAsked, SamePerson, approve_refund, refuse_refund
from orders.operations.cancelling import TooLate, cancel_order, expire_order
from orders.operations.credit import account_of_code, expire_credit, give_credit, issue_code
from orders.operations.ledger import charged_back
from orders.operations.paying import note_payment_received
from orders.operations.paying_out import execute_refunds
from orders.operations.refunding import NothingToRefund, grant_refund
from orders.operations.unpaid import watch_payments
from orders.rules.credit import Line, read_code, run_out, write_code
from orders.rules.payment import credit_part, needs_second_person, paid_status
from orders.rules.shares import Amount, Everything, MoreThanPaid, NoSuchPiece, Pieces, What
from shop.models import Event, StockLevel, User
from shop.queries.audit import breaches
from tests.crowds import at_once
from tests.factories.bags import ordered
from tests.factories.shop import StaffFactory, VariantFactory


def person(*codenames: str) -> User:
    staff = StaffFactory()
    staff.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return staff


def give(order: Order, amount: int, now: datetime, *, origin: str = "tests:1", **more: object) -> RefundGrant:
    asked: dict[str, object] = {"reason": "x", "by": None, **more}
    return grant_refund(order_id=order.pk, amount_minor=amount, origin=origin, at=now, **asked)  # type: ignore[arg-type]


def items(granted: RefundGrant) -> list[tuple[int | None, int, bool, int, int]]:
    found = granted.items.order_by("id")
    return list(found.values_list("line_id", "number", "whole", "amount_minor", "tax_minor"))


@pytest.mark.django_db
def test_a_refund_names_its_pieces_and_whole_delivery_and_rest_sum_up(now: datetime) -> None:
    order = ordered((VariantFactory(price_minor=1000), 3), at=now)
    line = order.lines.get().pk

    piece = give(order, 1000, now, what=Pieces({line: 1}))
    goodwill = give(order, 600, now, origin="tests:2")  # the delivery fee first, then the pieces alike
    fault = give(order, 100, now, origin="tests:3", what=Amount(100, line_id=line))
    rest = give(order, 1790, now, origin="tests:4", what=Everything())

    assert items(piece) == [(line, 1, True, 1000, 187)]
    assert items(goodwill) == [(line, 2, False, 55, 10), (line, 3, False, 55, 10), (None, 1, False, 490, 92)]
    assert [amount for _l, _n, _w, amount, _t in items(fault)] == [50, 50]
    assert [(number, whole, amount) for _l, number, whole, amount, _t in items(rest)] == [
        (2, True, 895),
        (3, True, 895),
    ]
    order.refresh_from_db()
    assert sum(tax for grant in (piece, goodwill, fault, rest) for *_rest, tax in items(grant)) == order.tax_minor
    assert breaches() == []
    with pytest.raises(NothingToRefund):
        give(order, 1, now, origin="tests:5")


@pytest.mark.django_db
def test_pieces_that_went_back_or_cost_less_are_refused(now: datetime) -> None:
    order = ordered((VariantFactory(price_minor=1000), 2), at=now)
    line = order.lines.get().pk
    give(order, 1000, now, what=Pieces({line: 1}))

    for amount, what, refusal in (
        (1000, Pieces({line: 2}), NoSuchPiece),
        (1001, Pieces({line: 1}), MoreThanPaid),
        (1200, Amount(1200, line_id=line), MoreThanPaid),
    ):
        with pytest.raises(refusal):
            give(order, amount, now, origin="tests:2", what=what)

    assert RefundGrant.objects.count() == 1


@pytest.mark.django_db
def test_above_the_limit_a_second_person_decides(now: datetime) -> None:
    order = ordered((VariantFactory(price_minor=10_000), 3), at=now)
    first, second, third = (person("grant_refund", "approve_refund") for _ in range(3))
    give(order, 15_000, now, by=first)

    asked = give(order, 10_000, now, by=second, origin="tests:2")  # small by itself, too much with the one before
    execute_refunds(now)

    assert (asked.state, Payment.objects.get().refunded_minor) == ("asked", 15_000)
    with pytest.raises(SamePerson):
        approve_refund(grant_id=asked.pk, by=second, at=now)
    third.user_permissions.clear()  # demoted meanwhile; her session still believes otherwise
    with pytest.raises(NotAllowed):
        approve_refund(grant_id=asked.pk, by=third, at=now)
    approved = approve_refund(grant_id=asked.pk, by=first, at=now)
    with pytest.raises(NotAsked):
        approve_refund(grant_id=asked.pk, by=first, at=now)
    execute_refunds(now)

    assert (approved.decided_by, Payment.objects.get().refunded_minor) == (first, 25_000)
    assert Event.objects.filter(name="orders.refund.granted").count() == 2
    assert breaches() == []


@pytest.mark.django_db
def test_a_refund_that_is_not_approved_frees_what_it_held(now: datetime) -> None:
    order = ordered((VariantFactory(price_minor=30_000), 1), at=now)
    lead = person("grant_refund")
    asked = give(order, 30_000, now, by=lead)
    owed = give(order, 400, now, by=lead, origin="returns.case:1")
    with pytest.raises(NotAllowed):
        refuse_refund(grant_id=asked.pk, by=person(), at=now)
    with pytest.raises(BelongsToReturn):
        refuse_refund(grant_id=owed.pk, by=lead, at=now)

    refuse_refund(grant_id=asked.pk, by=lead, at=now)

    assert (Payment.objects.get().granted_minor, items(asked)) == (400, [])
    assert give(order, 30_000, now, origin="tests:2").state == "granted"
    assert breaches() == []


@pytest.mark.django_db
def test_the_database_knows_two_persons(now: datetime) -> None:
    lead = person()
    asked = give(ordered((VariantFactory(price_minor=30_000), 1), at=now), 30_000, now, by=lead)

    rows = RefundGrant.objects.filter(pk=asked.pk)

    for change in ({}, {"decided_at": now, "decided_by": lead}):
        with pytest.raises(IntegrityError, match="refund_decided"), transaction.atomic():
            rows.update(state="granted", **change)


@pytest.mark.django_db
def test_a_refund_into_store_credit_asks_no_provider(now: datetime) -> None:
    order = ordered(at=now, provider="bank_transfer", payment_token="")
    note_payment_received(order_id=order.pk, amount_minor=2890, reference="E2E", by=None, at=now)

    give(order, 1000, now, destination="store_credit")
    execute_refunds(now)

    assert StoreCredit.objects.values_list("email", "balance_minor").get() == ("ana@example.com", 1000)
    assert RefundGrant.objects.get().state == "sent"
    assert PaymentEvent.objects.filter(kind="refund").values_list("means", "amount_minor").get() == (
        "store_credit",
        1000,
    )
    assert breaches() == []


@pytest.mark.django_db
def test_a_transfer_that_never_comes_is_told_and_let_go(now: datetime) -> None:
    order = ordered(at=now, provider="bank_transfer", payment_token="")
    part = ordered(at=now, provider="bank_transfer", payment_token="")
    note_payment_received(order_id=part.pk, amount_minor=100, reference="E2E", by=None, at=now)
    with pytest.raises(TooLate):
        expire_order(order_id=order.pk, at=now)

    assert watch_payments(now + timedelta(days=3)) == 0
    assert [watch_payments(now + timedelta(days=5)) for _twice in range(2)] == [2, 0]
    watch_payments(now + timedelta(days=8))

    order.refresh_from_db()
    part.refresh_from_db()
    assert (order.status, part.status) == ("cancelled", "placed")  # some of its money is here: a person looks
    told = Event.objects.filter(order_number=order.number).order_by("id").values_list("name", "payload__by")
    assert list(told)[1:] == [("orders.payment.reminded", None), ("orders.order.cancelled", "unpaid")]
    assert sum(StockLevel.objects.values_list("allocated", flat=True)) == 1
    assert breaches() == []


@pytest.mark.django_db
def test_what_a_bank_took_back_cannot_go_back_twice(now: datetime) -> None:
    order = ordered(at=now)
    payment = order.payment
    payment.refresh_from_db()
    charged_back(order=order, payment=payment, amount_minor=2890, reference="dp_1", at=now)

    with pytest.raises(NothingToRefund):
        give(order, 1, now)
    assert Order.objects.get().payment_status == "charged_back"
    assert breaches() == []


@pytest.mark.django_db
def test_store_credit_is_given_once_and_runs_out(now: datetime) -> None:
    for _twice in range(2):
        give_credit(email=" Ana@Example.com", amount_minor=500, currency="EUR", reason="x", key="k", by=None, at=now)
    account = StoreCredit.objects.get()
    code = issue_code(account=account, at=now)

    assert (account.email, account.balance_minor) == ("ana@example.com", 500)
    assert account_of_code(code.lower().replace("-", " "), currency="EUR") == account
    assert account_of_code("AAAA-AAAA-AAAA-AAAA", currency="EUR") is None
    assert account_of_code(code, currency="USD") is None
    assert expire_credit(now + timedelta(days=3 * 365)) == 0
    assert [expire_credit(now + timedelta(days=3 * 365 + 1)) for _twice in range(2)] == [1, 0]
    account.refresh_from_db()
    assert (account.balance_minor, CreditEntry.objects.count()) == (0, 2)
    assert breaches() == []


def test_what_runs_out_is_spent_first() -> None:
    soon, later = date(2026, 1, 1), date(2027, 1, 1)
    lines = [Line(1, 500, later), Line(2, 300, soon), Line(3, 200), Line(4, -400)]

    assert run_out(lines, today=date(2026, 1, 1)) == []
    assert run_out(lines, today=date(2026, 1, 2)) == []  # the 300 were spent
    assert run_out(lines, today=date(2027, 1, 2)) == [(1, 400)]
    assert run_out([*lines, Line(5, -400)], today=date(2027, 1, 2)) == []


@given(st.binary(min_size=10, max_size=10))
def test_a_code_reads_back_however_it_is_typed(secret: bytes) -> None:
    code = write_code(secret)

    assert len(code) == 19
    assert read_code(f" {code.lower().replace('-', ' ').replace('o', '0').replace('i', '1')} ") == code
    assert read_code(code[:-1]) is None


def test_small_rules_of_money() -> None:
    assert not needs_second_person(amount_minor=200, decided_before_minor=0, limit_minor=200)
    assert needs_second_person(amount_minor=101, decided_before_minor=100, limit_minor=200)
    assert not needs_second_person(amount_minor=10**6, decided_before_minor=0, limit_minor=0)
    split = {"captured_minor": 1000, "credit_minor": 300}
    assert credit_part(amount_minor=700, back_minor=0, back_credit_minor=0, **split) == 0
    assert credit_part(amount_minor=800, back_minor=0, back_credit_minor=0, **split) == 100
    assert credit_part(amount_minor=200, back_minor=800, back_credit_minor=100, **split) == 200
    over = {"provider": "bank_transfer", "due_minor": 1000, "captured_minor": 1200, "beyond_minor": 200}
    assert paid_status(refunded_minor=200, **over) == "paid"  # what was too much goes back
    assert paid_status(refunded_minor=201, **over) == "part_refunded"
    assert paid_status(refunded_minor=1200, **over) == "refunded"
    assert paid_status(refunded_minor=200, **over | {"due_minor": 1001}) == "pending"  # and pays for nothing


WHATS = st.one_of(
    st.builds(Amount, st.integers(1, 3000)),
    st.builds(lambda n, fee: (n, fee), st.integers(0, 3), st.booleans()),
    st.just(Everything()),
)
STEPS = st.lists(st.tuples(WHATS, st.integers(1, 3500), st.sampled_from(["original", "store_credit"])), max_size=7)


@pytest.mark.django_db
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS)
def test_any_sequence_of_refunds_sums_to_what_was_paid(now: datetime, steps: list[tuple[object, int, str]]) -> None:
    order = ordered((VariantFactory(price_minor=999), 3), at=now)
    line = order.lines.get().pk
    for number, (wish, amount, destination) in enumerate(steps):
        what: What = Pieces({line: wish[0]}, delivery=wish[1]) if isinstance(wish, tuple) else wish  # type: ignore[assignment]
        try:
            give(order, amount, now, origin=f"{order.pk}:{number}", what=what, destination=destination)
        except (NothingToRefund, MoreThanPaid, NoSuchPiece):
            continue
    execute_refunds(now)
    cancel_order(order_id=order.pk, by=None, at=now)
    execute_refunds(now)

    payment, order = Payment.objects.get(order=order), Order.objects.get(pk=order.pk)
    parts = [part for grant in payment.grants.order_by("id") for part in items(grant)]
    assert payment.refunded_minor == payment.captured_minor == order.total_minor
    assert sum(part[3] for part in parts) == order.total_minor
    assert sum(part[4] for part in parts) == order.tax_minor
    assert breaches() == []


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_ten_persons_approve_at_once_and_one_of_them_does(
    now: datetime, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """With the locks one; the control without them: several believe they did."""
    order = ordered((VariantFactory(price_minor=30_000), 1), at=now)
    asked = give(order, 30_000, now, by=person())
    leads = [person("approve_refund") for _ in range(10)]
    if not guarded:
        monkeypatch.setattr(Order.objects, "select_for_update", lambda **_: Order.objects.all())
        monkeypatch.setattr(Payment.objects, "select_for_update", Payment.objects.all)
        monkeypatch.setattr(RefundGrant.objects, "select_for_update", RefundGrant.objects.all)
        looked = threading.Barrier(10)
        monkeypatch.setattr(approving, "_require_right", lambda _by: looked.wait(timeout=20))

    found = at_once(lambda n: approve_refund(grant_id=asked.pk, by=leads[n], at=now).state, 10)

    assert found.count("granted") == (1 if guarded else 10)
    assert Event.objects.filter(name="orders.refund.granted").count() == found.count("granted")


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_ten_orders_spend_one_credit_and_it_never_goes_below_nothing(
    now: datetime, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """T06.  The control: look first, then take, without the guard in the statement and without the constraint."""
    give_credit(email="ana@example.com", amount_minor=1000, currency="EUR", reason="x", key="k", by=None, at=now)
    account = StoreCredit.objects.get()
    orders = [ordered(at=now) for _ in range(10)]
    looked = threading.Barrier(10)

    def careless(number: int) -> str:
        enough = StoreCredit.objects.get().balance_minor >= 300
        looked.wait(timeout=20)
        StoreCredit.objects.update(balance_minor=F("balance_minor") - 300)
        return "spent" if enough else "refused"

    def spend(number: int) -> str:
        credit.spend(account=account, order=orders[number], amount_minor=300, at=now)
        return "spent"

    if not guarded:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE orders_storecredit DROP CONSTRAINT orders_storecredit_balance_minor_check")
    try:
        found = at_once(spend if guarded else careless, 10)

        assert found.count("spent") == (3 if guarded else 10)
        assert (StoreCredit.objects.get().balance_minor >= 0) is guarded
    finally:
        StoreCredit.objects.update(balance_minor=100)
        if not guarded:
            with connection.cursor() as cursor:
                cursor.execute(
                    "ALTER TABLE orders_storecredit ADD CONSTRAINT orders_storecredit_balance_minor_check"
                    " CHECK (balance_minor >= 0)"
                )
