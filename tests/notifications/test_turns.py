"""The peace of a reader: mails nobody asked for go one in two weeks, whoever sends them, however many at once."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from notifications.models import Message
from notifications.operations import claiming, turns
from notifications.operations.resending import resend_message
from notifications.operations.sending import send_messages
from notifications.operations.turns import has_its_turn
from notifications.queries.frequency import turn_of
from orders.models import Order
from shop.operations.events import relay_events
from tests.crowds import together
from tests.factories.notifications import event_for, queued, told
from tests.factories.orders import placed_order
from tests.factories.shop import StaffFactory

NUMBERS = ("KP-1000-0001", "KP-1000-0002")


@pytest.fixture(autouse=True)
def _no_company(settings: Settings) -> None:
    settings.SMALL_NEWS_MINUTES = 0


def invited(at: datetime) -> list[Message]:
    """An invitation for each of two orders of Ana's, written and due."""
    for number in NUMBERS:
        event_for("review_invitation", at=at, order=placed_order(at=at, number=number))
    relay_events(at)
    return list(Message.objects.filter(kind="review_invitation").order_by("id"))


@pytest.mark.django_db
def test_the_second_invitation_waits_two_weeks_and_says_so_while_news_of_its_order_goes_out() -> None:
    at = timezone.now()
    first, second = invited(at)

    send_messages(at)
    asked = told(Order.objects.get(number=NUMBERS[1]), "orders.link.requested", at=at)
    relay_events(at)
    send_messages(at)

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.unasked_at) == ("sent", at)
    assert (second.state, second.due_at, second.unasked_at) == ("queued", at + timedelta(days=14), None)
    assert second.reason.startswith("It waits until ")
    assert second.reason.endswith(": we wrote to her of our own accord lately.")
    assert Message.objects.get(event=asked).state == "sent"


@pytest.mark.django_db
def test_what_waited_goes_when_its_turn_has_come_and_its_reason_goes_with_it() -> None:
    at = timezone.now()
    _first, second = invited(at - timedelta(days=14))
    send_messages(at - timedelta(days=14))
    Message.objects.filter(pk=second.pk).update(due_at=at)

    send_messages(at)

    second.refresh_from_db()
    assert (second.state, second.reason, second.unasked_at) == ("sent", "", at)


@pytest.mark.django_db
def test_what_would_wait_too_long_is_dropped_with_a_sentence() -> None:
    at = timezone.now()
    _first, second = invited(at)
    Message.objects.filter(pk=second.pk).update(created_at=at - timedelta(days=8))  # of its three weeks one is over

    send_messages(at)

    second.refresh_from_db()
    assert second.state == "suppressed"
    assert second.reason.startswith("We wrote to her of our own accord lately; the next such mail may go on ")


@pytest.mark.django_db
def test_a_mail_that_came_to_nothing_takes_nobodys_turn() -> None:
    at = timezone.now()
    first, second = invited(at)
    Message.objects.filter(pk=first.pk).update(state="failed", unasked_at=at)

    send_messages(at)

    second.refresh_from_db()
    assert second.state == "sent"


@pytest.mark.django_db
def test_what_staff_send_once_more_needs_no_turn() -> None:
    at = timezone.now()
    first, _second = invited(at)
    send_messages(at)

    resend_message(message_id=first.pk, reason="She asked for it.", by=StaffFactory(), at=at)
    relay_events(at)
    send_messages(at)

    assert Message.objects.filter(event__name="notifications.message.resent").get().state == "sent"


def both_at_once(at: datetime, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Two workers ask for Ana's turn at the same moment; whoever has read waits a second for the other to have read."""
    invited(at)
    gate = Barrier(2)

    def read(*args: Any, **fields: Any) -> Any:
        found = turn_of(*args, **fields)
        with suppress(BrokenBarrierError):
            gate.wait(timeout=1)
        return found

    monkeypatch.setattr(turns, "turn_of", read)
    claims = claiming.claim_messages(2)
    rows = Message.objects.select_related("event").in_bulk([claim.message_id for claim in claims])
    return together(*(partial(has_its_turn, claim, rows[claim.message_id], at) for claim in claims))


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_with_a_mail_for_the_same_reader_one_lets_it_go(monkeypatch: pytest.MonkeyPatch) -> None:
    at = timezone.now()

    assert sorted(both_at_once(at, monkeypatch)) == [False, True]

    assert sorted(Message.objects.values_list("state", "lane")) == [("claimed", 1), ("queued", 3)]


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_of_her_name_both_would_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control."""
    monkeypatch.setattr(turns, "hold_peace_of", lambda address: None)

    assert both_at_once(timezone.now(), monkeypatch) == [True, True]


@pytest.mark.django_db
def test_her_turn_is_found_by_an_index(now: datetime) -> None:
    letter = queued(told(placed_order(at=now), "orders.order.placed", at=now))
    columns = [field.column for field in Message._meta.concrete_fields]
    other = {"id": "m.id + n", "kind": "'k' || n", "message_id": "'m' || n"}
    values = ", ".join(other.get(column, f"m.{column}") for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO notifications_message ({', '.join(columns)}) SELECT {values}"  # noqa: S608 -- our own columns
            " FROM notifications_message m, generate_series(1, 2000) n WHERE m.id = %s",
            [letter.pk],
        )
        cursor.execute("ANALYZE notifications_message")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT unasked_at FROM notifications_message"
            " WHERE lower(recipient) = 'ana@example.com' AND unasked_at > now() - interval '14 days'"
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "message_unasked" in plan
