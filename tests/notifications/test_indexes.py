"""Every way somebody looks for a message is answered by an index; what a message costs is mostly its indexes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Lower

from notifications.models import Attempt, Message

pytestmark = pytest.mark.django_db

LOOKS: dict[str, Callable[[], QuerySet[Any]]] = {
    "message_once": lambda: Message.objects.filter(event_id=7),
    "message_id_once": lambda: Message.objects.filter(message_id="<7@x>"),
    "message_of_order": lambda: Message.objects.filter(order_number="KP-7"),
    "message_told_in": lambda: Message.objects.filter(told_in_id=7),
    "message_to_somebody": lambda: Message.objects.alias(to=Lower("recipient")).filter(to="ana@example.com"),
    "message_by_provider_id": lambda: Message.objects.filter(provider_id="7"),
    "attempt_once": lambda: Attempt.objects.filter(message_id=7),
}


@pytest.mark.parametrize("index", LOOKS)
def test_a_message_is_found_by_its_index(index: str) -> None:
    assert index in LOOKS[index]().explain()


def test_no_index_of_a_message_is_doubled_by_another() -> None:
    assert doubled() == []


def test_an_index_another_one_answers_for_is_noticed() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX once_more ON notifications_message (event_id)")

    assert doubled() == [("once_more", "message_once")]


def doubled() -> list[tuple[str, str]]:
    """Return which index of one column is the beginning of a wider one, or for LIKE beside one of its own."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT narrow.indexrelid::regclass::text, wide.indexrelid::regclass::text
            FROM pg_index narrow JOIN pg_index wide
                ON wide.indrelid = narrow.indrelid AND wide.indexrelid <> narrow.indexrelid
            WHERE narrow.indrelid IN ('notifications_message'::regclass, 'notifications_attempt'::regclass)
                AND wide.indpred IS NULL AND narrow.indpred IS NULL AND narrow.indexprs IS NULL
                AND narrow.indkey[0] = wide.indkey[0] AND narrow.indnatts = 1
            """
        )
        return cursor.fetchall()
