"""Groups: every filter keeps whom it should, and nobody who did not agree is written to, however many there are."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from notifications.models import CustomerGroup, Message, Reader, Suppression
from notifications.operations.wishing import stop_kind
from notifications.queries.groups import Counts, Page, counts, page_after, sample
from orders.models import Order
from tests.factories.campaigns import a_group, asks_for_news
from tests.factories.notifications import queued, told
from tests.factories.orders import placed_order
from tests.factories.shop import UserFactory, VariantFactory

pytestmark = pytest.mark.django_db

ANA, BEA = "ana@example.com", "bea@example.com"


def two_customers(at: datetime) -> tuple[Order, Order]:
    """Ana ordered a week ago, in capitals; Bea half a year ago, in Germany and in German; both asked for news."""
    hers = placed_order(at=at - timedelta(days=7), number="KP-1", email="Ana@Example.com")
    beas = placed_order(
        at=at - timedelta(days=180), number="KP-2", email=BEA, quantity=3, variant=VariantFactory(stock=9),
        locale="de",
    )  # fmt: skip
    Order.objects.filter(pk=beas.pk).update(country="DE")
    for address in (ANA, BEA):
        asks_for_news(address, at=at)
    return hers, beas


def test_a_group_that_asks_for_nothing_is_everybody_who_asked_for_news(now: datetime) -> None:
    two_customers(now)
    placed_order(at=now, number="KP-3", email="cleo@example.com")
    asks_for_news("dora@example.com", at=now, wanted=False)

    assert sample(a_group(at=now), at=now) == [ANA, BEA]


@pytest.mark.parametrize(
    ("asks", "kept"),
    [
        ({"ordered_within_days": 30}, [ANA]),
        ({"quiet_for_days": 30}, [BEA]),
        ({"ordered_within_days": 365, "quiet_for_days": 30}, [BEA]),
        ({"country": "DE"}, [BEA]),
        ({"language": "en"}, [ANA]),
        ({"language": "de"}, [BEA]),
        ({"spent_at_least_minor": 7690}, [BEA]),
        ({"spent_at_least_minor": 7691}, []),
        ({"birthday_month": 5}, []),
    ],
)
def test_each_filter_keeps_whom_it_should(asks: dict[str, object], kept: list[str], now: datetime) -> None:
    _hers, beas = two_customers(now)
    assert beas.total_minor == 7690

    assert sample(a_group(at=now, **asks), at=now) == kept


def test_what_she_bought_decides_and_a_cancelled_order_was_no_purchase(now: datetime) -> None:
    hers, beas = two_customers(now)
    mug, cup = (order.lines.get().variant.product for order in (hers, beas))
    shelf = a_group(at=now, name="shelf", bought_category=mug.category)

    assert sample(a_group(at=now, bought_product=cup), at=now) == [BEA]
    assert ANA in sample(shelf, at=now)
    Order.objects.filter(pk=hers.pk).update(status="cancelled")

    assert ANA not in sample(shelf, at=now)


def test_a_birthday_counts_where_the_account_that_proved_the_address_knows_it(now: datetime) -> None:
    two_customers(now)
    UserFactory(email=ANA, birthday_on=date(1990, 5, 3), birthday_agreed_at=now)

    assert sample(a_group(at=now, birthday_month=5), at=now) == [ANA]
    assert sample(a_group(at=now, name="june", birthday_month=6), at=now) == []


def test_the_counts_say_what_holds_each_of_them(now: datetime) -> None:
    _hers, beas = two_customers(now)
    placed_order(at=now, number="KP-3", email="cleo@example.com")
    placed_order(at=now, number="KP-4", email="cleo@example.com")
    asks_for_news("dora@example.com", at=now)
    group = a_group(at=now)
    assert counts(group, at=now) == Counts(would_get=3, too_often=0, closed=0, no_consent=1)

    Suppression.objects.create(channel="email", address=ANA, cause="bounced", since=now)
    queued(told(beas, "orders.review.invited", at=now), recipient=BEA, state="sent", sent_at=now, unasked_at=now)

    assert counts(group, at=now) == Counts(would_get=1, too_often=1, closed=1, no_consent=1)
    assert sample(group, at=now) == [BEA, "dora@example.com"]


def test_one_click_takes_her_out_of_every_group(now: datetime) -> None:
    hers, _beas = two_customers(now)
    message = queued(told(hers, "orders.review.invited", at=now), kind="campaign", recipient=ANA, optional=True)

    stop_kind(message=Message.objects.get(pk=message.pk), at=now)

    assert sample(a_group(at=now), at=now) == [BEA]


FULL = {
    "ordered_within_days": 365, "quiet_for_days": 5, "spent_at_least_minor": 1, "country": "PT", "language": "en",
}  # fmt: skip


def test_counting_takes_two_queries_and_a_page_as_many(
    now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    two_customers(now)
    group = a_group(at=now, **FULL)

    with django_assert_num_queries(2):
        counts(group, at=now)
    with django_assert_num_queries(2):
        page_after(group, after="", most=500, at=now)


def a_crowd(at: datetime, *, size: int) -> None:
    """So many people with an order each, of whom every second asked for news."""
    order = placed_order(at=at - timedelta(days=7))
    columns = [field.column for field in Order._meta.concrete_fields if not field.generated]
    copied = ", ".join(
        {
            "id": "o.id + n", "number": "'KP-C' || n", "email": "'p' || lpad(n::text, 7, '0') || '@example.com'",
            "cart_id": "NULL",
        }.get(column, f"o.{column}")
        for column in columns
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO orders_order ({', '.join(columns)}) SELECT {copied}"  # noqa: S608 -- our own columns
            " FROM orders_order o, generate_series(1, %s) n WHERE o.id = %s",
            [size, order.pk],
        )
        cursor.execute(
            "INSERT INTO notifications_reader (address, time_zone, first_channel, text_channel, text_address,"
            " code_hash, code_tries, changed_at)"
            " SELECT email, '', 'email', '', '', '', 0, now() FROM orders_order WHERE number LIKE 'KP-C%'"
            " AND mod(id, 2) = 0"
        )
        cursor.execute(
            "INSERT INTO notifications_wish (reader_id, kind, channel, wanted, changed_at)"
            " SELECT id, 'campaign', 'email', true, now() FROM notifications_reader"
        )
        cursor.execute("ANALYZE orders_order, notifications_reader, notifications_wish, notifications_message")


def blocks(group: CustomerGroup, *, after: str, at: datetime) -> tuple[str, int]:
    """Return the plans of a page and how much of the tables they touch together."""
    with CaptureQueriesContext(connection) as asked:
        page_after(group, after=after, most=500, at=at)
    with connection.cursor() as cursor:
        plans = []
        for query in asked.captured_queries:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {query['sql']}")
            plans.append([line for (line,) in cursor.fetchall()])
    touched = [next(line for line in plan if "Buffers: shared" in line) for plan in plans]
    parts = [part for line in touched for part in line.split()]
    seen = sum(int(part.partition("=")[2]) for part in parts if part.startswith(("hit=", "read=")))
    return "\n".join(line for plan in plans for line in plan), seen


def test_a_page_of_a_large_group_is_read_by_indexes_and_costs_the_same_anywhere(now: datetime) -> None:
    a_crowd(now, size=20_000)
    group = a_group(at=now, **FULL)

    plan, first = blocks(group, after="", at=now)
    _plan, middle = blocks(group, after="p0010000@example.com", at=now)

    big = ("orders_order", "notifications_reader", "notifications_wish")
    assert not [table for table in big if f"Seq Scan on {table}" in plan]
    assert "reader_once" in plan
    assert "order_of_address" in plan
    assert middle < 2 * first
    assert len(page_after(group, after="p0010000@example.com", most=500, at=now).addresses) == 500


def test_a_page_of_a_rare_group_ends_after_so_many_people_looked_at(now: datetime) -> None:
    a_crowd(now, size=5_000)
    asked = list(Reader.objects.order_by("address").values_list("address", flat=True))
    Order.objects.filter(email=asked[-1]).update(country="DE")
    group = a_group(at=now, name="rare", country="DE")
    common = a_group(at=now, name="common", country="PT")

    assert page_after(group, after="", most=500, at=now) == Page([], up_to=asked[499], is_last=False)
    found = page_after(group, after=asked[-10], most=500, at=now)
    assert found == Page(asked[-1:], up_to=asked[-1], is_last=True)
    assert blocks(group, after="", at=now)[1] < 1.5 * blocks(common, after="", at=now)[1]
