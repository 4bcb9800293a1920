"""The number of messages that did not arrive, on the first page of the admin."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from notifications.models import Message
from shop.operations.events import relay_events
from tests.factories.notifications import event_for
from tests.notifications.test_admin import colleague

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("state", "days_ago", "expected"), [("failed", 1, 1), ("bounced", 1, 1), ("queued", 1, 0), ("failed", 15, 0)]
)
def test_messages_that_did_not_arrive_lately_are_counted_and_listed(
    client: Client, now: datetime, state: str, days_ago: int, expected: int
) -> None:
    event_for("order_placed", at=now)
    relay_events(now)
    Message.objects.update(state=state, created_at=timezone.now() - timedelta(days=days_ago))
    colleague(client, "view_message")

    (todo,) = client.get("/admin/").context["todos"]

    assert (todo["count"], todo["shown"]) == (expected, str(expected))
    assert client.get(todo["url"]).context["cl"].result_count == expected
