"""Greetings: with consent, on the day, once a year, never soon after what we last wrote unasked, gone with consent."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from notifications.forms import rows
from notifications.models import Greeting, Message
from notifications.operations.greeting import greet
from notifications.operations.sending import send_messages
from notifications.operations.wishing import Hours, choose_wishes
from orders.models import Order
from shop.models import Event, EventDelivery, User
from shop.operations.accounts import change_profile
from shop.operations.events import relay_events
from tests.factories.notifications import queued, told
from tests.factories.orders import placed_order
from tests.factories.shop import UserFactory

pytestmark = pytest.mark.django_db

ANA = "ana@example.com"


@pytest.fixture(autouse=True)
def _monday(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


def leaves_birthday(user: User, day: date | None, at: datetime) -> None:
    change_profile(
        user_id=user.pk, name="Ana Costa", language="en", birthday_on=day, birthday_agreed=day is not None, at=at
    )
    relay_events(at)


def likes(at: datetime, *, wanted: bool) -> None:
    hours = Hours(None, None, "Europe/Lisbon")
    choose_wishes(address=ANA, wishes={("anniversary", "email"): wanted}, hours=hours, first_channel="email", at=at)


def come() -> list[str]:
    return list(Event.objects.filter(name__endswith=".come").order_by("id").values_list("name", flat=True))


def look(at: datetime) -> int:
    Greeting.objects.update(due_at=at)
    return greet(at)


def test_her_birthday_is_told_once_on_its_day_however_often_somebody_looks(now: datetime) -> None:
    leaves_birthday(UserFactory(email=ANA), date(1990, 3, 3), now)
    assert Greeting.objects.get().due_at == datetime.fromisoformat("2026-03-03T09:00:00+00:00")

    assert look(now) == 1  # the day before
    assert come() == []
    for _look in range(3):
        look(now + timedelta(days=1))

    assert come() == ["notifications.birthday.come"]
    assert Greeting.objects.get().due_at == datetime.fromisoformat("2027-03-03T09:00:00+00:00")


def test_a_greeting_is_never_late(now: datetime) -> None:
    leaves_birthday(UserFactory(email=ANA), date(1990, 3, 3), now)

    look(now + timedelta(days=2))

    assert come() == []


def test_who_takes_her_birthday_back_is_not_greeted_even_when_it_is_written_already(now: datetime) -> None:
    user = UserFactory(email=ANA)
    leaves_birthday(user, date(1990, 3, 2), now - timedelta(days=1))
    look(now)
    relay_events(now)
    assert Message.objects.get().state == "queued"

    leaves_birthday(user, None, now)
    send_messages(now)

    assert (Message.objects.get().state, Greeting.objects.count()) == ("suppressed", 0)
    assert Message.objects.get().reason == "She took back that we may write this."


def test_a_greeting_whose_consent_went_before_it_was_written_is_held_back_and_parks_nothing(now: datetime) -> None:
    user = UserFactory(email=ANA)
    leaves_birthday(user, date(1990, 3, 2), now - timedelta(days=1))
    look(now)
    Greeting.objects.all().delete()

    relay_events(now)

    assert Message.objects.get().state == "suppressed"
    assert not EventDelivery.objects.exclude(state="done").exists()


def test_the_day_of_her_first_order_is_remembered_only_if_she_ticked_it(now: datetime) -> None:
    placed_order(at=now - timedelta(days=365))
    ticks = {tick.name: tick.ticked for _title, kinds in rows(["email"], {}) for row in kinds for tick in row.ticks}
    assert (ticks["anniversary.email"], ticks["birthday.email"]) == (False, True)

    likes(now - timedelta(days=1), wanted=True)
    look(now)
    likes(now, wanted=False)
    look(now)
    relay_events(now)

    assert come() == ["notifications.anniversary.come"]
    assert not Message.objects.filter(state="queued").exists()
    assert not Greeting.objects.exists()


@pytest.mark.parametrize(("days", "state"), [(13, "suppressed"), (15, "queued")])
def test_a_greeting_keeps_two_weeks_of_distance_to_what_we_wrote_unasked(now: datetime, days: int, state: str) -> None:
    order = placed_order(at=now - timedelta(days=365))
    earlier = queued(told(order, "orders.review.invited", at=now), kind="review_invitation", state="sent", sent_at=now)
    Message.objects.filter(pk=earlier.pk).update(unasked_at=now - timedelta(days=days))
    likes(now - timedelta(days=1), wanted=True)

    look(now)
    relay_events(now)

    assert Message.objects.get(kind="anniversary").state == state


def test_a_cancelled_first_order_is_no_reason_to_celebrate(now: datetime) -> None:
    order = placed_order(at=now - timedelta(days=365))
    likes(now - timedelta(days=1), wanted=True)
    Order.objects.filter(pk=order.pk).update(status="cancelled")

    look(now)

    assert (come(), Greeting.objects.count()) == ([], 0)
