"""Notes of staff on an order: written once, kept for ever, read by colleagues and by no shopper."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from orders.models import OrderNote
from orders.operations.access import issue_link
from orders.operations.noting import write_note
from shop.models import Event, User
from tests.factories.bags import ordered
from tests.factories.shop import StaffFactory
from tests.pages import words

pytestmark = pytest.mark.django_db


def colleague(name: str) -> User:
    staff = StaffFactory(name=name)
    staff.user_permissions.set(Permission.objects.filter(codename__in=["view_order", "write_note"]))
    return staff


def test_a_note_is_written_once_and_stands_on_the_page_with_who_and_when(client: Client, now: datetime) -> None:
    order, dilini = ordered(at=now), colleague("Dilini")
    client.force_login(dilini)
    button, key = f"/admin/orders/order/{order.pk}/note/", str(uuid4())
    empty = client.post(button, {"text": " ", "key": key})
    assert (empty.status_code, "Write what colleagues should know." in words(empty)) == (422, True)

    for _twice in range(2):
        client.post(button, {"text": "Rings at the <b>neighbour's</b>.", "key": key})
    write_note(order_id=order.pk, text="Later.", key=uuid4(), by=dilini, at=timezone.now() + timedelta(hours=1))

    page = client.get(f"/admin/orders/order/{order.pk}/change/").content.decode()
    assert OrderNote.objects.count() == 2
    assert 'Rings at the &lt;b&gt;neighbour&#x27;s&lt;/b&gt;. <span class="quiet">Dilini, ' in page
    assert page.index("Later.") < page.index("Rings at")
    told = Event.objects.filter(name="orders.note.written").order_by("id").first()
    assert told is not None
    assert (told.visibility, told.actor, sorted(told.payload)) == ("staff", dilini, ["note_id", "order_id"])


def test_no_shopper_sees_a_note(client: Client, now: datetime) -> None:
    order = ordered(at=now)
    write_note(order_id=order.pk, text="Be gentle.", key=uuid4(), by=colleague("Dilini"), at=now)
    token = issue_link(order=order, at=timezone.now())

    for page in ("", "thanks/", "pieces/", "delivery/"):
        assert "Be gentle." not in client.get(f"/orders/{token}/{page}").content.decode()


def test_a_note_outlives_its_author_and_nothing_changes_it(now: datetime) -> None:
    author = colleague("Dilini")
    note = write_note(order_id=ordered(at=now).pk, text="Kept.", key=uuid4(), by=author, at=now)
    Event.objects.filter(name="orders.note.written").update(actor=None)
    for statement in ("UPDATE orders_ordernote SET text = 'other'", "DELETE FROM orders_ordernote"):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    author.delete()

    note.refresh_from_db()
    assert (note.text, note.author, note.author_name) == ("Kept.", None, "Dilini")


def test_the_page_asks_the_same_number_of_questions_for_three_notes(
    client: Client, now: datetime, django_assert_max_num_queries: Any
) -> None:
    order, dilini = ordered(at=now), colleague("Dilini")
    client.force_login(dilini)
    asked = []
    for count in (1, 2):
        for _n in range(count):
            write_note(order_id=order.pk, text="x", key=uuid4(), by=dilini, at=now)
        with django_assert_max_num_queries(60) as context:
            client.get(f"/admin/orders/order/{order.pk}/change/")
        asked.append(len(context))

    assert asked[0] == asked[1]
