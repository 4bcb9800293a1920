"""The promise board: figures against the first promise, what is in danger now, and pages that cost the same."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders.models import DelayCase, Order, Promise, PromiseOutcome
from orders.queries import board
from orders.rules.board import Share
from tests.factories.incidents import copies
from tests.factories.orders import fixed_promise, placed_order
from tests.factories.shop import StaffFactory
from tests.orders.test_operations_fulfilment import handed_over, scan
from tests.pages import words

pytestmark = pytest.mark.django_db

BOARD = "/admin/orders/order/promises/"
DESKS = [f"/admin/orders/order/?desk={name}" for name in ("at-risk", "late-in-silence", "late", "on-the-way")]


def arrived(at: datetime, number: str, *, days: int, level_bp: int | None = None) -> PromiseOutcome:
    """An order placed at `at`, promised for three days later, that arrived after `days`."""
    parcel = handed_over(placed_order(at=at, number=number), at, number=f"HP-{number}")
    scan(parcel, "delivered", at + timedelta(days=days), external_id=f"d-{number}")
    PromiseOutcome.objects.filter(order__number=number).update(level_bp=level_bp)
    return PromiseOutcome.objects.get(order__number=number)


def test_on_time_is_measured_against_the_first_promise(now: datetime) -> None:
    for number, days in (("KP-1", 2), ("KP-2", 3), ("KP-3", 6)):
        arrived(now, number, days=days)
    since = now - timedelta(days=1)

    assert board.totals(since) == board.Totals(Share(2, 3), Share(2, 3), 3, 1)
    assert [(row.name, row.first, row.late_days) for row in board.lanes(since)] == [
        (("PT", "To your door"), Share(2, 3), 3)
    ]
    assert [(row.name, row.first.total) for row in board.lost(since)] == [(("road", ""), 1)]
    assert [row.first for row in board.weeks(since)] == [Share(2, 3)]
    assert board.totals(now + timedelta(days=30)).first == Share(0, 0)


def test_late_in_silence_is_whoever_heard_of_no_day_that_is_still_to_come(now: datetime) -> None:
    untold, told, fine = (placed_order(at=now, number=f"KP-{n}") for n in range(3))
    later = now + timedelta(days=5)
    for order in (untold, told):
        fixed_promise(order, at=now, days=9)
    Promise.objects.filter(order=told, version=2).update(told_at=now + timedelta(days=1))
    Order.objects.filter(pk__in=[untold.pk, told.pk]).update(service_status="late")
    fixed_promise(fine, at=now, days=20)
    Promise.objects.filter(order=fine, version=2).update(told_at=now)

    found = board.late_in_silence(Order.objects.filter(board.OPEN), later)

    assert list(found.values_list("number", flat=True)) == [untold.number]
    assert list(board.late_in_silence(Order.objects.filter(board.OPEN), now)) == []
    assert board.now(later, midnight=later).silent == 1


def reader() -> Client:
    person, client = StaffFactory(), Client()
    person.user_permissions.set(Permission.objects.filter(codename__in=("view_board", "view_order")))
    client.force_login(person)
    return client


def test_the_page_draws_with_its_table_and_without_a_style_of_its_own() -> None:
    at = timezone.now() - timedelta(days=8)
    arrived(at, "KP-1", days=2, level_bp=9_500)
    arrived(at, "KP-2", days=6, level_bp=9_000)

    page = reader().get(BOARD)

    markup, said = page.content.decode(), words(page)
    assert "50.0 % on time against the first promise, of 2 orders that arrived" in said
    assert markup.count("<svg") - markup.count('class="icon') >= 2
    assert markup.count("<circle") == 2
    assert (said.count("too few orders to say"), "yes, as often as it says" in said) == (2, False)
    assert "style=" not in re.sub(r"<link[^>]*>", "", markup[markup.index('id="content-main"') :])
    assert "PT, To your door" in said
    assert "on the road nobody noticed before" in said
    for path in ("?days=30", "?days=365", "?days=x"):
        assert reader().get(BOARD + path).status_code == 200


def test_an_empty_board_says_so() -> None:
    page = reader().get(BOARD)

    assert "Nothing has arrived in this period." in words(page)
    assert 'class="bad"' not in page.content.decode()  # zero is as it should be


def test_a_count_that_was_cut_off_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in ("KP-1", "KP-2"):
        placed_order(at=timezone.now() - timedelta(days=9), number=number)
    Order.objects.update(service_status="at_risk")

    assert "2 open orders at risk" in words(reader().get(BOARD))
    monkeypatch.setattr(board, "COUNT_AT_MOST", 1)
    assert "1+ open orders at risk" in words(reader().get(BOARD))


@pytest.mark.parametrize("desk", ["at-risk", "late-in-silence", "late"])
def test_numbers_lead_to_their_lists(desk: str) -> None:
    order = placed_order(at=timezone.now() - timedelta(days=9))
    Order.objects.update(service_status="at_risk")

    assert order.number in words(reader().get(f"/admin/orders/order/?desk={desk}"))


def one_of_each(at: datetime, name: str) -> None:
    """Orders as the board tells them apart: kept, late for a cause of its own, and open in every kind of danger."""
    level_bp = 9_000 + 100 * int(name)
    arrived(at, f"KP-{name}-kept", days=2, level_bp=level_bp)
    late = arrived(at, f"KP-{name}-late", days=6, level_bp=level_bp)
    PromiseOutcome.objects.filter(pk=late.pk).update(cause=list(DelayCase.Cause)[int(name)], country=f"X{name}")
    open_ones = {kind: placed_order(at=at, number=f"KP-{name}-{kind}") for kind in ("risk", "told", "silent", "road")}
    for kind in ("told", "silent"):
        fixed_promise(open_ones[kind], at=at, days=30)
    Promise.objects.filter(order=open_ones["told"], version=2).update(told_at=at)
    handed_over(open_ones["road"], at, number=f"HP-{name}-road")
    for kind, state in (("risk", "at_risk"), ("told", "late"), ("silent", "late")):
        Order.objects.filter(pk=open_ones[kind].pk).update(service_status=state)


@pytest.mark.parametrize("path", [BOARD, "/admin/orders/order/", *DESKS])
def test_a_page_costs_the_same_whatever_is_late_at_risk_or_open(path: str) -> None:
    at, client = timezone.now() - timedelta(days=8), reader()
    counts = []
    for names in (["1"], ["2", "3"]):
        for name in names:
            one_of_each(at, name)
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    at = timezone.now()
    assert board.now(at, midnight=at) == board.Now(at_risk=3, late=12, today=3, silent=9)  # the told ones are fine


def test_what_ended_is_read_by_its_index(now: datetime) -> None:
    order = placed_order(at=now)
    copies(order, 300)
    Order.objects.exclude(pk=order.pk).update(next_due_at=None)  # most orders of a shop are over
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE orders_order")
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = board.ended(now).explain()

    assert "orders_promiseoutcome_delivered_at" in plan
    plan = Order.objects.filter(board.OPEN, service_status="at_risk").explain()
    assert "order_desk" in plan
