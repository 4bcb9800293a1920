"""Which messages may go, in which order, and what a claim costs however long the queue is."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from notifications.models import Message
from notifications.operations import claiming
from shop.models import Event
from tests.factories.notifications import queued, told
from tests.factories.orders import placed_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(now: datetime) -> Event:
    return told(placed_order(at=now), "orders.order.placed", at=now)


def claimed_subjects(limit: int = 50) -> list[str]:
    subjects = dict(Message.objects.values_list("id", "subject"))
    return [subjects[claim.message_id] for claim in claiming.claim_messages(limit)]


def waiting(event: Event, subject: str, **fields: object) -> Message:
    """A message about no order, so that only lane and time decide."""
    return queued(event, subject=subject, recipient=f"{subject}@example.com", **({"order_number": ""} | fields))


def test_what_somebody_waits_for_overtakes_a_long_queue_of_small_things(event: Event) -> None:
    earlier = timezone.now() - timedelta(hours=1)
    for number in range(3):
        waiting(event, f"campaign-{number}", lane=3, due_at=earlier)
    waiting(event, "order", lane=1, due_at=earlier)
    waiting(event, "link", lane=0)

    assert claimed_subjects(2) == ["link", "order"]
    assert claimed_subjects(2) == ["campaign-0", "campaign-1"]


def test_inside_a_lane_the_oldest_due_goes_first(event: Event) -> None:
    moment = timezone.now()
    for number, minutes in enumerate((1, 3, 2)):
        waiting(event, f"m{number}", due_at=moment - timedelta(minutes=minutes))
    waiting(event, "later", due_at=moment + timedelta(minutes=1))

    assert claimed_subjects() == ["m1", "m2", "m0"]


def test_a_channel_claims_its_own_messages_only(event: Event) -> None:
    waiting(event, "text", channel="sms")
    waiting(event, "mail")

    assert claimed_subjects() == ["mail"]


def test_small_news_that_waits_for_company_holds_up_nothing_of_its_order(now: datetime) -> None:
    order = placed_order(at=now)
    soon = timezone.now() + timedelta(minutes=10)
    queued(told(order, "orders.parcel.packed", at=now), subject="small", small=True, due_at=soon)
    queued(told(order, "orders.order.delayed", at=now), subject="important")

    assert claimed_subjects() == ["important"]


def test_a_message_is_claimed_once(event: Event) -> None:
    waiting(event, "only")

    assert (claimed_subjects(), claimed_subjects()) == (["only"], [])


@pytest.mark.parametrize("blocked", [False, True])
def test_a_claim_reads_as_little_of_a_long_queue_as_of_a_short_one(event: Event, blocked: bool) -> None:
    """Buffers and not time: what the plan touches must not grow with the queue or with the archive."""
    _fill(event, 60, state="queued")
    _fill(event, 300, state="sent")
    short = _buffers()
    _fill(event, 1500, state="queued")
    _fill(event, 1500, state="sent")

    long = _buffers()

    assert long <= short * 2
    if blocked:  # the control: without the index of the lanes the same claim reads the whole queue
        with connection.cursor() as cursor:
            cursor.execute("DROP INDEX message_due_by_lane")
        assert _buffers() > short * 2


def _fill(event: Event, count: int, *, state: str) -> None:
    begun = Message.objects.count()
    moment = timezone.now()
    Message.objects.bulk_create(
        Message(event=event, kind="order_placed", recipient=f"{n}@example.com", order_number=f"KP-{n}", state=state,
                due_at=moment, sent_at=moment if state == "sent" else None, message_id=f"<{n}@x>", subject="s",
                text="t" * 500)
        for n in range(begun, begun + count)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE notifications_message")


def _buffers() -> int:
    """Return how many pages one claim of fifty touches; the claim is taken back."""
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT before")
        cursor.execute(
            f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {claiming.CLAIM}",
            {"channel": "email", "limit": 50, "lease": claiming.lease()},
        )
        plan = cursor.fetchone()[0][0]["Plan"]
        cursor.execute("ROLLBACK TO SAVEPOINT before")
    return int(plan["Shared Hit Blocks"]) + int(plan["Shared Read Blocks"])
