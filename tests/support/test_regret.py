"""Faults of ours are regretted once, with a gesture as long as the month's budget lasts."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import InternalError, connection, transaction
from django.db.utils import IntegrityError

from notifications.models import Message
from orders.models import (
    CreditEntry,
    DelayCase,
    Order,
    OrderLine,
    PromiseOutcome,
    RefundGrant,
    StoreCredit,
)
from orders.operations.arrivals import say_not_quite
from orders.operations.credit import give_credit, give_gift
from orders.operations.refunding import grant_refund
from orders.operations.splitting import split_parcel
from returns.operations import deciding
from returns.operations.receiving import Finding, receive_return
from returns.operations.seed_reasons import seed_reasons
from shop.models import Event, User
from shop.operations.events import relay_events
from shop.queries.audit import breaches
from support.models import Conversation, Fault, Gesture, GestureBudget
from support.models.regret import FaultKind
from support.operations import regretting
from support.operations.regretting import AlreadySettled, LessThanGiven, leave_out, set_budget, write_regrets
from tests.crowds import together
from tests.factories.bags import ordered
from tests.factories.notifications import delay, said, told
from tests.factories.orders import placed_order
from tests.factories.regret import a_fault, budget, policy
from tests.factories.returns import asked, deliver, delivered_order, requested
from tests.factories.shop import StaffFactory, UserFactory, VariantFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def arrived_late(order: Order, *, at: datetime, days: int = 4, cause: str = "workshop") -> None:
    """It arrived so many days after the first promise."""
    PromiseOutcome.objects.create(
        order=order, delivered_at=at, promised_by_on=at.date() - days * DAY, told_by_on=at.date(), kept_first=False,
        kept_told=True, late_days=days, told_in_time=True, country="PT", service=order.service, stage="workshop",
        cause=cause,
    )  # fmt: skip


def letters() -> list[tuple[str, str]]:
    while relay_events(Order.objects.latest("id").placed_at):
        pass
    return list(Message.objects.filter(kind__in=["regret", "credit_given"]).order_by("id").values_list("kind", "state"))


def test_a_first_promise_that_was_missed_is_regretted_once_with_one_letter_that_carries_the_gesture(
    now: datetime,
) -> None:
    order = placed_order(at=now)
    policy(FaultKind.LATE, from_days=3)
    budget(now.date())
    arrived_late(order, at=now)

    for _time in range(3):
        write_regrets(now)

    fault = Fault.objects.get()
    assert (fault.key, fault.kind, fault.state, fault.why) == (f"promise:{order.pk}", "late", "regretted", "")
    assert (fault.gesture.amount_minor, GestureBudget.objects.get().spent_minor) == (500, 500)
    assert StoreCredit.objects.get(email=order.email).balance_minor == 500
    assert letters() == [("credit_given", "suppressed"), ("regret", "queued")]
    letter = Message.objects.get(kind="regret")
    assert "€5.00" in letter.text
    assert "It came on Monday 2 March." in letter.text
    assert [breach for breach in breaches() if breach.code in ("U10", "U11")] == []


@pytest.mark.parametrize(
    ("cause", "found"), [("incident", ["crisis"]), ("payment", []), ("address", []), ("carrier", ["late"])]
)
def test_what_waited_for_her_is_no_fault_of_ours_and_a_crisis_is_called_one(
    now: datetime, cause: str, found: list[str]
) -> None:
    arrived_late(placed_order(at=now), at=now, cause=cause)

    write_regrets(now)

    assert list(Fault.objects.values_list("kind", flat=True)) == found


@pytest.mark.parametrize(
    ("cause", "mistake"), [("incident", False), ("workshop", True), ("weather", False), ("carrier", False), ("", True)]
)
def test_only_what_was_our_mistake_is_called_one(now: datetime, cause: str, mistake: bool) -> None:
    order = placed_order(at=now)
    arrived_late(order, at=now, cause=cause)

    write_regrets(now)
    letters()

    letter = Message.objects.get(kind="regret")
    assert letter.subject == f"{order.number}: we are sorry"
    assert ["mistake" in part for part in (letter.text, letter.html)] == [mistake, mistake]
    sorry = "That was our mistake, and we are sorry." if mistake else "We are sorry that you had to wait."
    assert (sorry in letter.text, f">{sorry}</h1>" in letter.html) == (True, True)


def test_the_letter_of_a_crisis_is_sorry_for_the_wait_in_german_too(now: datetime) -> None:
    order = placed_order(at=now)
    Order.objects.update(locale="de")
    arrived_late(order, at=now, cause="incident")

    write_regrets(now)
    letters()

    letter = Message.objects.get(kind="regret")
    assert letter.subject == f"{order.number}: Es tut uns leid"
    assert "Es tut uns leid, dass Sie warten mussten." in letter.text
    assert ["Fehler" in part for part in (letter.text, letter.html)] == [False, False]


def test_when_the_budget_is_gone_the_letter_goes_without_a_gesture_and_a_lead_is_told(now: datetime) -> None:
    budget(now.date(), minor=900)
    for number in ("KP-1000-0001", "KP-1000-0002"):
        a_fault(placed_order(at=now, number=number), at=now)

    write_regrets(now)

    assert list(Fault.objects.order_by("id").values_list("state", "why")) == [
        ("regretted", ""),
        ("regretted", "budget"),
    ]
    assert GestureBudget.objects.get().spent_minor == Gesture.objects.get().amount_minor == 500
    assert sorted(letters()) == [("credit_given", "suppressed"), ("regret", "queued"), ("regret", "queued")]
    regrets = Message.objects.filter(kind="regret").order_by("order_number")
    assert ["store credit" in text for text in regrets.values_list("text", flat=True)] == [
        True,
        False,
    ]


def test_a_month_nobody_wrote_begins_with_the_budget_of_the_one_before(now: datetime) -> None:
    a_fault(placed_order(at=now), at=now)
    later = now + 31 * DAY

    write_regrets(later)

    rows = list(
        GestureBudget.objects.order_by("month_on").values_list("month_on__month", "budget_minor", "spent_minor")
    )
    assert rows == [(3, 20_000, 0), (4, 20_000, 500)]


def test_it_waits_while_somebody_speaks_with_her_and_is_written_when_that_is_over(now: datetime) -> None:
    order = delivered_order(at=now)
    policy(FaultKind.PIECE), budget(now.date())
    at = now + 4 * DAY
    told(order, "orders.order.placed", at=now)
    regretting.note_fault(key=f"piece:{order.pk}", kind=FaultKind.PIECE, order_id=order.pk, at=at)
    case = requested(order, at=at)

    write_regrets(at)
    assert Fault.objects.get().due_at == at + timedelta(hours=6)

    deciding.decline_return(case_id=case.pk, reason="It was worn.", by=StaffFactory(), at=at)
    Conversation.objects.update(status="closed", closed_at=at)
    write_regrets(at + DAY)

    assert Fault.objects.get().state == "regretted"


@pytest.mark.parametrize(("wrote", "state"), [("", "regretted"), ("in", "waiting")])
def test_the_case_of_the_delay_itself_holds_the_letter_only_once_she_wrote(
    now: datetime, wrote: str, state: str
) -> None:
    order = placed_order(at=now)
    delay(order, at=now)
    told(order, "orders.order.delayed", at=now, delay_id=DelayCase.objects.get().pk)
    while relay_events(now):
        pass
    case = Conversation.objects.get(kind="delay", status="open")
    if wrote:
        said(case, wrote, at=now)
    arrived_late(order, at=now)

    write_regrets(now)

    assert Fault.objects.get().state == state


def test_what_she_said_and_what_she_sent_back_for_it_is_one_fault(now: datetime) -> None:
    order = delivered_order(at=now)
    order.refresh_from_db()
    at = now + 5 * DAY
    case = requested(order, asked(order.lines.get(), 1, reason="damaged"), at=at)
    dilini = StaffFactory()
    deciding.approve_return(case_id=case.pk, by=dilini, at=at)
    receive_return(case_id=case.pk, findings={case.lines.get().pk: Finding(1)}, by=dilini, at=at)
    say_not_quite(order_id=order.pk, what="broken", words="The handle is off.", at=at)

    while relay_events(at):
        pass

    assert list(Fault.objects.values_list("key", "state")) == [(f"piece:{order.pk}", "waiting")]


def test_a_piece_she_sends_back_because_it_does_not_fit_is_no_fault(now: datetime) -> None:
    order = delivered_order(at=now)

    say_not_quite(order_id=order.pk, what="fit", words="", at=now + 5 * DAY)
    while relay_events(now + 5 * DAY):
        pass

    assert not Fault.objects.exists()


def test_where_an_agent_gave_something_already_nothing_is_written(now: datetime) -> None:
    order = placed_order(at=now)
    a_fault(order, at=now)
    give_gift(order_id=order.pk, amount_minor=300, reason="For the wait", key="1", by=StaffFactory(), at=now)

    write_regrets(now)

    assert (Fault.objects.get().state, Fault.objects.get().why) == ("left_out", "agent")
    assert letters() == [("credit_given", "queued")]


@pytest.mark.parametrize(
    ("destination", "refused", "state"),
    [("original", False, "left_out"), ("store_credit", False, "left_out"), ("original", True, "regretted")],
)
def test_what_a_person_gave_back_for_it_by_hand_is_a_gesture_too(
    now: datetime, destination: str, refused: bool, state: str
) -> None:
    order = placed_order(at=now)
    a_fault(order, at=now)
    grant = by_hand(order, at=now, destination=destination)
    RefundGrant.objects.filter(pk=grant.pk, payment__order=order).update(state="refused" if refused else "granted")

    write_regrets(now)

    fault = Fault.objects.get()
    assert (fault.state, fault.why) == (state, "agent" if state == "left_out" else "")
    assert Gesture.objects.count() == (1 if refused else 0)
    RefundGrant.objects.update(state="granted")


def test_what_went_back_by_itself_is_no_gesture_of_a_person(now: datetime) -> None:
    order = placed_order(at=now)
    a_fault(order, at=now)
    grant_refund(order_id=order.pk, amount_minor=500, reason="x", origin="orders.change:1", by=None, at=now)

    write_regrets(now)

    assert Fault.objects.get().state == "regretted"


def test_what_was_given_before_the_piece_was_here_was_not_given_for_the_piece(now: datetime) -> None:
    """Given while she waited; what is broken when it comes is another matter."""
    order = delivered_order(at=now)
    by_hand(order, at=now + DAY)
    give_gift(order_id=order.pk, amount_minor=300, reason="For the wait", key="1", by=StaffFactory(), at=now + DAY)
    a_fault(order, at=now + 5 * DAY, kind=FaultKind.PIECE)
    Conversation.objects.all().delete()

    write_regrets(now + 5 * DAY)

    assert (Fault.objects.get().state, Gesture.objects.count()) == ("regretted", 1)


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("locked", [True, False])
def test_who_gives_at_the_same_moment_is_seen(now: datetime, monkeypatch: pytest.MonkeyPatch, locked: bool) -> None:
    """The sweep leaves the fault to its next turn.  The control: without the order's lock it gives a second time."""
    order, dilini = placed_order(at=now), StaffFactory()
    a_fault(order, at=now)
    given, looked = threading.Event(), threading.Event()
    if not locked:
        monkeypatch.setattr(regretting, "hold_order", lambda _fault_id: True)

    def agent() -> None:
        with transaction.atomic():
            by_hand(order, at=now, by=dilini)
            given.set()
            assert looked.wait(timeout=20)  # nobody queues behind the other

    def sweep() -> None:
        given.wait(timeout=20)
        write_regrets(now)
        looked.set()

    assert together(agent, sweep) == [None, None]

    assert Fault.objects.get().state == ("waiting" if locked else "regretted")
    write_regrets(now)
    assert Fault.objects.get().state == ("left_out" if locked else "regretted")


def by_hand(order: Order, *, at: datetime, by: User | None = None, destination: str = "original") -> RefundGrant:
    """A refund staff decide on in the admin, for a reason of theirs."""
    return grant_refund(
        order_id=order.pk, amount_minor=500, reason="Sorry", origin=f"orders.staff:{uuid4()}", by=by or StaffFactory(),
        at=at, destination=destination,
    )  # fmt: skip


def came_broken(order: Order, *lines: OrderLine, at: datetime) -> None:
    """She sends pieces back as broken, in one return, and it is settled."""
    case = requested(order, *(asked(line, 1, reason="damaged") for line in lines), at=at)
    dilini = StaffFactory()
    deciding.approve_return(case_id=case.pk, by=dilini, at=at)
    findings = {line.pk: Finding(1) for line in case.lines.all()}
    receive_return(case_id=case.pk, findings=findings, by=dilini, at=at)
    while relay_events(at):
        pass


def in_two_parcels(at: datetime) -> tuple[Order, OrderLine, OrderLine]:
    """Two different mugs that arrive apart."""
    seed_reasons(at)
    order = ordered((VariantFactory(), 1), (VariantFactory(), 1), at=at)
    one, other = order.lines.order_by("id")
    split_parcel(parcel_id=order.parcels.get().pk, first={one.pk: 1}, by=None, at=at)
    for number in (1, 2):
        deliver(order, number=number, at=at)
    order.refresh_from_db()
    return order, one, other


def test_two_broken_pieces_in_one_report_are_one_fault(now: datetime) -> None:
    order, one, other = in_two_parcels(now)

    came_broken(order, one, other, at=now + 5 * DAY)

    assert list(Fault.objects.values_list("key", "parcels")) == [(f"piece:{order.pk}", [1, 2])]


def test_two_reports_of_one_parcel_are_one_fault(now: datetime) -> None:
    order = delivered_order(at=now, pieces=(1, 1))
    one, other = order.lines.order_by("id")

    came_broken(order, one, at=now + 5 * DAY)
    came_broken(order, other, at=now + 6 * DAY)

    assert list(Fault.objects.values_list("key", "parcels")) == [(f"piece:{order.pk}", [1])]


def test_two_reports_of_two_parcels_are_two_faults_each_with_a_letter_of_its_own(now: datetime) -> None:
    order, one, other = in_two_parcels(now)
    policy(FaultKind.PIECE), budget(now.date())

    came_broken(order, one, at=now + 5 * DAY)
    came_broken(order, other, at=now + 6 * DAY)
    write_regrets(now + 6 * DAY)

    faults = Fault.objects.order_by("id").values_list("key", "parcels", "state")
    assert list(faults) == [
        (f"piece:{order.pk}", [1], "regretted"),
        (f"piece:{order.pk}:2", [2], "regretted"),
    ]
    assert Gesture.objects.count() == 2


def test_what_she_says_of_the_whole_arrival_covers_every_parcel_that_is_there(now: datetime) -> None:
    order, _one, other = in_two_parcels(now)
    say_not_quite(order_id=order.pk, what="broken", words="Two of them", at=now + 5 * DAY)
    came_broken(order, other, at=now + 6 * DAY)

    assert list(Fault.objects.values_list("key", "parcels")) == [(f"piece:{order.pk}", [1, 2])]


def test_staff_say_that_it_was_not_ours_and_are_told_when_it_is_too_late(now: datetime) -> None:
    fault = a_fault(placed_order(at=now), at=now)
    leave_out(fault_id=fault.pk, by=StaffFactory(), at=now)

    write_regrets(now)

    assert (Fault.objects.get().why, Gesture.objects.count(), letters()) == ("by_staff", 0, [])
    with pytest.raises(AlreadySettled):
        leave_out(fault_id=fault.pk, by=StaffFactory(), at=now)


def test_who_dies_half_way_leaves_nothing_behind_and_the_sweep_goes_on(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_fault(placed_order(at=now), at=now)

    def dies(*_args: object, **_fields: object) -> None:
        raise RuntimeError("the process died")

    with monkeypatch.context() as broken:
        broken.setattr(regretting, "_record", dies)
        write_regrets(now)
    assert (GestureBudget.objects.get().spent_minor, CreditEntry.objects.count()) == (0, 0)
    assert (Fault.objects.get().state, Gesture.objects.count()) == ("waiting", 0)

    write_regrets(now + timedelta(hours=1))

    assert (GestureBudget.objects.get().spent_minor, CreditEntry.objects.count()) == (500, 1)
    assert Event.objects.filter(name="support.fault.regretted").count() == 1


def test_the_database_refuses_a_second_gesture_and_a_changed_one(now: datetime) -> None:
    fault = a_fault(placed_order(at=now), at=now)
    write_regrets(now)
    row = Gesture.objects.get()
    other = give_credit(
        email="ana@example.com", amount_minor=500, currency="EUR", reason="", key="other", by=None, at=now
    )

    with pytest.raises(IntegrityError, match="support_gesture_fault_id"), transaction.atomic():
        Gesture.objects.create(fault=fault, budget=row.budget, amount_minor=500, entry=other, given_at=now)
    with pytest.raises((InternalError, IntegrityError), match="append-only"), transaction.atomic():
        Gesture.objects.update(amount_minor=1)


def test_a_budget_is_not_set_below_what_was_given(now: datetime) -> None:
    a_fault(placed_order(at=now), at=now)
    write_regrets(now)

    with pytest.raises(LessThanGiven):
        set_budget(month=now.date(), budget_minor=499, by=StaffFactory(), at=now)
    assert set_budget(month=now.date(), budget_minor=500, by=StaffFactory(), at=now).spent_minor == 500


def test_somebody_with_an_account_needs_no_code(now: datetime) -> None:
    order = placed_order(at=now)
    owner = UserFactory(email=order.email)
    a_fault(order, at=now)
    write_regrets(now)
    letters()

    says = "Sign in with this address" in Message.objects.get(kind="regret").text
    assert (owner.email, says) == (order.email, True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM orders_creditcode")
        assert cursor.fetchone() == (0,)
