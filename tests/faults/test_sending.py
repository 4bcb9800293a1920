"""Real workers, a real mail server, and things that go wrong: nothing is lost, and nothing goes out twice unseen.

Source: reliability reference T20, T21, T23; B5, B7.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from notifications.models import Attempt, Message
from shop.models import Event
from shop.operations.events import record_event
from shop.queries.audit import breaches
from tests.factories.notifications import queued, told
from tests.factories.orders import placed_order
from tests.faults.harness import Backroom, backroom, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

EVENTS = 60
SEED = 20260302


@pytest.fixture
def room() -> Iterator[Backroom]:
    with backroom() as place:
        yield place


def record_thrice(count: int, at: datetime) -> set[str]:
    """Record `count` facts, each three times as a careless caller would, on six orders; return the facts' numbers."""
    orders = [placed_order(at=at, number=f"KP-10{n:02d}-0001") for n in range(6)]
    for number in range(count):
        for _copy in range(3):
            told(orders[number % 6], "orders.link.requested", at=at)
    return {str(pk) for pk in Event.objects.filter(name="orders.link.requested").values_list("pk", flat=True)}


def unsent() -> int:
    return Message.objects.exclude(state="sent").count()


def all_sent(count: int) -> bool:
    return Message.objects.filter(state="sent").count() == count


def twice(room: Backroom) -> dict[str, int]:
    """Message-IDs that were accepted more than once."""
    return {identity: copies for identity, copies in room.peer.copies().items() if copies > 1}
