"""Events: recorded with the change, handed on once, never stopped by a poison one."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from shop import subscriptions
from shop.models import Event, EventDelivery
from shop.operations.events import MAX_ATTEMPTS, NotInTransaction, record_event, relay_events

heard: list[int] = []


@pytest.fixture(autouse=True)
def _listening(monkeypatch: pytest.MonkeyPatch) -> None:
    heard.clear()
    monkeypatch.setattr(subscriptions, "_consumers", {})
    monkeypatch.setattr(subscriptions, "_listeners", subscriptions.defaultdict(list))
    subscriptions.subscribe("tests.listener", "shop.tea.poured", call=lambda event: heard.append(event.pk))


@pytest.mark.django_db(transaction=True)
def test_record_event_refuses_outside_a_transaction(now: datetime) -> None:
    with pytest.raises(NotInTransaction):
        record_event(name="shop.tea.poured", subject="shop.tea:1", at=now)

    assert Event.objects.count() == 0


@pytest.mark.django_db
def test_relay_hands_an_event_to_its_listener_once(now: datetime) -> None:
    event = record_event(name="shop.tea.poured", subject="shop.tea:1", at=now)

    first, second = relay_events(now), relay_events(now)

    assert (first, second, heard) == (1, 0, [event.pk])
    assert EventDelivery.objects.get().state == "done"


@pytest.mark.django_db
def test_a_poison_event_is_parked_and_others_go_on(now: datetime) -> None:
    def spill(event: Event) -> None:
        raise ValueError("spilt")

    subscriptions.subscribe("tests.clumsy", "shop.tea.spilt", call=spill)
    record_event(name="shop.tea.spilt", subject="shop.tea:1", at=now)
    good = record_event(name="shop.tea.poured", subject="shop.tea:2", at=now)

    for _attempt in range(MAX_ATTEMPTS):
        EventDelivery.objects.filter(state="due").update(due_at=now - timedelta(days=365))
        relay_events(now - timedelta(days=360))

    assert heard == [good.pk]
    parked = EventDelivery.objects.get(consumer="tests.clumsy")
    assert (parked.state, parked.attempts, parked.error) == ("parked", MAX_ATTEMPTS, "ValueError: spilt")


@pytest.mark.django_db
def test_events_cannot_be_rewritten(now: datetime) -> None:
    event = record_event(name="shop.tea.poured", subject="shop.tea:1", at=now)

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE shop_event SET name = 'shop.tea.never' WHERE id = %s", [event.pk])

    event.refresh_from_db()
    assert event.name == "shop.tea.poured"
