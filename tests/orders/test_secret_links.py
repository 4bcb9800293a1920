"""Which link opens what: every page behind a token, asked with every token that must not open it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from orders.models import Order, OrderAccess
from orders.operations import access
from orders.operations.access import LIFETIME, LinkUnknown, issue_link, order_of_link
from returns.models import ReturnCase
from shop.models import Event
from tests.factories.orders import placed_order
from tests.factories.returns import delivered_order, requested
from tests.owners import know

pytestmark = pytest.mark.django_db

READ = ["", "thanks/", "arrival.ics", "return/", "return/{case}/", "return/{case}/slip/"]
WRITE = ["cancellation/", "return/", "return/{case}/withdrawal/"]


@pytest.fixture
def case(now: datetime) -> ReturnCase:
    return requested(delivered_order(at=now), at=now + timedelta(days=4))


def ask(token: str, case: ReturnCase) -> set[int]:
    """Every page of the case's order, read and written, through `token`."""
    client = Client()
    pages = {way: f"/orders/{token}/{way.format(case=case.number)}" for way in {*READ, *WRITE}}
    return {client.get(pages[way]).status_code for way in READ} | {client.post(pages[way]).status_code for way in WRITE}


def ended(order: Order) -> str:
    return issue_link(order=order, at=timezone.now() - LIFETIME - timedelta(seconds=1))


def revoked(order: Order) -> str:
    token = issue_link(order=order, at=timezone.now())
    OrderAccess.objects.update(revoked_at=timezone.now())
    return token


def for_something_else(order: Order) -> str:
    token = issue_link(order=order, at=timezone.now())
    OrderAccess.objects.update(purpose="other")
    return token


def cut_short(order: Order) -> str:
    return issue_link(order=order, at=timezone.now())[:-1]


@pytest.mark.parametrize("token_of", [ended, revoked, for_something_else, cut_short])
def test_a_link_that_does_not_live_opens_nothing(case: ReturnCase, token_of: object) -> None:
    events = Event.objects.count()

    assert ask(token_of(case.order), case) == {404}  # type: ignore[operator]
    assert Event.objects.count() == events


def test_a_living_link_opens_everything(case: ReturnCase) -> None:
    """The negative control."""
    assert 404 not in ask(issue_link(order=case.order, at=timezone.now()), case)


def test_a_link_of_another_order_reaches_nothing_of_this_one(case: ReturnCase, now: datetime) -> None:
    other = placed_order(at=now, number="KP-7777-1111", email="rui@example.com")
    link = f"/orders/{issue_link(order=other, at=timezone.now())}/"
    line = case.lines.get().order_line_id
    client, before = know(Client(), other), (case.status, ReturnCase.objects.count())

    answers = [
        client.get(f"{link}return/{case.number}/"),
        client.get(f"{link}return/{case.number}/slip/"),
        client.post(f"{link}return/{case.number}/withdrawal/"),
        client.get(f"{link}return/?line={line}"),
        client.post(f"{link}return/", {"line": line, "step": "send", "submission_key": str(case.submission_key)}),
    ]

    assert [answer.status_code for answer in answers] == [404] * 5
    case.refresh_from_db()
    assert (case.status, ReturnCase.objects.count()) == before


def test_no_page_behind_a_link_is_kept_or_indexed(case: ReturnCase) -> None:
    token = issue_link(order=case.order, at=timezone.now())

    answers = [Client().get(f"/orders/{token}/{way.format(case=case.number)}") for way in READ]

    for answer in answers:
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"


@pytest.mark.parametrize(("slides", "opens"), [(True, True), (False, False)])
def test_a_link_ends_a_quarter_after_it_was_last_used(
    now: datetime, monkeypatch: pytest.MonkeyPatch, slides: bool, opens: bool
) -> None:
    if not slides:  # the control: nobody moves the end
        monkeypatch.setattr(access, "_keep_open", lambda link, at: None)
    order = placed_order(at=now)
    token = issue_link(order=order, at=now)

    assert order_of_link(token=token, at=now + timedelta(days=89)) == order

    later = now + timedelta(days=89 + 89)
    if opens:
        assert order_of_link(token=token, at=later) == order
        later += timedelta(days=90)
    with pytest.raises(LinkUnknown):
        order_of_link(token=token, at=later)
    with pytest.raises(LinkUnknown):
        order_of_link(token=issue_link(order=order, at=now), at=now + timedelta(days=90))


def test_a_link_that_was_told_more_keeps_it(now: datetime) -> None:
    order = placed_order(at=now)
    token = issue_link(order=order, at=now)
    OrderAccess.objects.update(expires_at=now + timedelta(days=180))

    order_of_link(token=token, at=now + timedelta(days=1))

    assert OrderAccess.objects.get().expires_at == now + timedelta(days=180)


def test_a_look_writes_at_most_once_a_day(now: datetime, django_assert_num_queries: object) -> None:
    token = issue_link(order=placed_order(at=now), at=now)

    with django_assert_num_queries(1):  # type: ignore[operator]
        order_of_link(token=token, at=now + timedelta(hours=23))
    with django_assert_num_queries(2):  # type: ignore[operator]
        order_of_link(token=token, at=now + timedelta(hours=25))
    with django_assert_num_queries(1):  # type: ignore[operator]
        order_of_link(token=token, at=now + timedelta(hours=26))


def test_a_page_that_says_no_tells_the_way_to_a_fresh_link(client: Client, now: datetime) -> None:
    answer = client.get(f"/orders/{ended(placed_order(at=now))}/")

    assert answer.status_code == 404
    assert '<a href="/orders/find/">Mail me a fresh link to my order</a>' in answer.content.decode()
