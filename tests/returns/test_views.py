"""The shopper's pages: choose, review, send, follow; and what a stranger sees."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from orders.models import Order
from orders.operations.access import issue_link
from returns.models import CaseLine, ReturnCase
from returns.operations.deciding import approve_return, decline_return
from returns.operations.receiving import Finding, receive_return
from returns.queries.lines import shop_day
from shop.models import Variant
from shop.rules.wording import day
from tests.factories.orders import placed_order
from tests.factories.returns import asked, delivered_order, requested
from tests.factories.shop import ProductFactory, StaffFactory, VariantFactory
from tests.owners import OwnersClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    """The browser of whoever ordered."""
    return OwnersClient()


def arrived(**fields: Any) -> Order:
    """An order that arrived two days ago."""
    return delivered_order(at=timezone.now() - timedelta(days=5), **fields)


def link(order: Order) -> str:
    return issue_link(order=order, at=timezone.now())


def page(name: str, token: str, *more: str) -> str:
    return reverse(f"returns:{name}", args=[token, *more])


def form(order: Order, step: str = "send", **changes: Any) -> dict[str, Any]:
    """What a browser sends for the first line of an order."""
    line = order.lines.order_by("id")[0]
    fields = {"quantity": 1, "reason": "changed-mind", "detail": "", "outcome": "refund"} | changes
    return {
        "submission_key": str(uuid4()),
        "step": step,
        "line": [line.pk],
        **{f"line-{line.pk}-{name}": value for name, value in fields.items()},
    }


def test_the_form_says_the_last_day_before_anything_is_typed(client: Client) -> None:
    order = arrived()

    answer = client.get(page("request", link(order)))

    last = day(shop_day(order.delivered_at) + timedelta(days=30), "en")  # type: ignore[arg-type]
    assert answer.status_code == 200
    assert f"You can ask until <strong>{last}</strong>" in " ".join(answer.content.decode().split())
    assert b"noindex" in answer.content


def test_several_lines_are_chosen_first(client: Client) -> None:
    order = arrived(pieces=(1, 2))
    token, lines = link(order), list(order.lines.order_by("id"))

    first = client.get(page("request", token))
    second = client.get(page("request", token), {"line": lines[1].pk})

    assert [row.state.line for row in first.context["offer"].lines] == lines
    assert [row["line"] for row in second.context["rows"]] == [lines[1]]


def test_review_shows_the_sum_and_writes_nothing(client: Client) -> None:
    order = arrived()

    answer = client.post(page("request", link(order)), form(order, "review"))

    text = " ".join(answer.content.decode().split())
    assert answer.status_code == 200
    assert answer.context["refund"].total_minor == 2890
    assert "Delivery fee, because everything comes back" in text
    assert "€28.90" in text
    assert ReturnCase.objects.count() == 0


def test_change_brings_back_what_was_typed(client: Client) -> None:
    order = arrived()

    answer = client.post(page("request", link(order)), form(order, "change", detail="Too heavy for me"))

    assert b"Too heavy for me" in answer.content
    assert answer.context["problems"] == []
    assert ReturnCase.objects.count() == 0


def test_send_opens_the_return_once(client: Client) -> None:
    order = arrived()
    token, data = link(order), form(order, detail="Too heavy for me")

    first = client.post(page("request", token), data)
    again = client.post(page("request", token), data)

    case = ReturnCase.objects.get()
    for answer in (first, again):
        assert (answer.status_code, answer.headers["Location"]) == (302, page("case", token, case.number))
    line = case.lines.get()
    assert (line.quantity, line.reason.code, line.detail, line.wanted) == (
        1,
        "changed-mind",
        "Too heavy for me",
        "refund",
    )


def test_exchange_is_offered_with_the_day_it_arrives(client: Client) -> None:
    mug = ProductFactory()
    sage = VariantFactory(product=mug)
    VariantFactory(product=mug, label="Rust")
    VariantFactory(product=mug, label="Ink", stock=0)
    order = arrived(variants=(sage,))

    answer = client.get(page("request", link(order)))

    words = [label for _, label in answer.context["rows"][0]["form"]["exchange"].field.choices]
    assert words[0] == "Choose a piece"
    assert words[1].startswith("The same again (Sage): in stock, arrives ")
    assert words[2].startswith("Rust: in stock, arrives ")
    assert len(words) == 3


def test_exchange_is_asked_for(client: Client) -> None:
    mug = ProductFactory()
    sage, rust = VariantFactory(product=mug), VariantFactory(product=mug, label="Rust")
    order = arrived(variants=(sage,))

    client.post(page("request", link(order)), form(order, outcome="exchange", exchange=rust.pk))

    line = CaseLine.objects.get()
    assert (line.wanted, line.exchange_variant) == ("exchange", rust)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"reason": ""}, "Choose a reason; “I would rather not say” is fine."),
        ({"reason": "too-small"}, "Choose one of the reasons of the list."),
        ({"outcome": ""}, "Choose money back or a piece in exchange."),
        (
            {"outcome": "exchange", "exchange": "999999"},
            "Choose again: the piece you wanted in exchange is not to be had any more.",
        ),
        ({"outcome": "exchange"}, "Choose the piece you would like in exchange."),
        ({"outcome": "swap"}, "Choose money back or a piece in exchange."),
        ({"quantity": 3}, "Choose how many pieces you send back, from those you still have."),
        ({"detail": "x" * 501}, "Keep it within 500 characters; write us a mail for more."),
    ],
)
def test_a_broken_form_comes_back_with_a_sentence_and_nothing_lost(
    client: Client, changes: dict[str, Any], sentence: str
) -> None:
    order = arrived(pieces=(2,))

    answer = client.post(page("request", link(order)), form(order, **({"detail": "Keep these words"} | changes)))

    text = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in text
    assert "detail" in changes or "Keep these words" in text
    assert ReturnCase.objects.count() == 0


def test_a_piece_sold_meanwhile_is_a_sentence_not_a_case(client: Client) -> None:
    mug = ProductFactory()
    sage, rust = VariantFactory(product=mug), VariantFactory(product=mug, label="Rust", stock=1)
    order = arrived(variants=(sage,))
    data = form(order, outcome="exchange", exchange=rust.pk)
    placed_order(at=timezone.now(), variant=rust, number="KP-2041-9999")

    answer = client.post(page("request", link(order)), data)

    assert answer.status_code == 422
    assert b"not to be had any more" in answer.content
    assert ReturnCase.objects.count() == 0


def test_nothing_to_send_back_says_from_when_and_until_when(client: Client) -> None:
    waiting = placed_order(at=timezone.now(), number="KP-2041-0001")
    over = delivered_order(at=timezone.now() - timedelta(days=60), number="KP-2041-0002")

    not_yet, too_late = (client.get(page("request", link(order))) for order in (waiting, over))

    assert b"Has not arrived yet." in not_yet.content
    assert b"for 30 days after the last parcel" in not_yet.content
    assert b"The last day to send it back was" in too_late.content


def test_a_stranger_gets_nowhere(client: Client) -> None:
    ana, eva = arrived(), arrived(number="KP-2041-9999", email="eva@example.com")
    case = requested(ana, at=timezone.now())
    theirs = eva.lines.get()
    forged = form(ana) | {"line": [theirs.pk]}

    assert client.get(page("request", "x" * 32)).status_code == 404
    assert client.post(page("request", "x" * 32), form(ana)).status_code == 404
    for name in ("case", "slip"):
        assert client.get(page(name, link(eva), case.number)).status_code == 404
    assert client.post(page("withdraw", link(eva), case.number)).status_code == 404
    assert client.get(page("request", link(ana)), {"line": theirs.pk}).status_code == 404
    assert client.get(page("request", link(ana)), {"line": "²"}).status_code == 404
    assert client.post(page("request", link(ana)), forged).status_code == 404

    case.refresh_from_db()
    assert (case.status, ReturnCase.objects.count()) == ("requested", 1)


def test_a_form_without_a_key_or_a_step_is_refused(client: Client) -> None:
    order = arrived()
    token = link(order)

    for broken in ({"submission_key": "abc"}, {"step": "delete"}):
        assert client.post(page("request", token), form(order) | broken).status_code == 400
    assert ReturnCase.objects.count() == 0


def test_a_key_of_another_order_opens_nothing(client: Client) -> None:
    ana, eva = arrived(), arrived(number="KP-2041-9999")
    known = requested(ana, at=timezone.now())

    answer = client.post(page("request", link(eva)), form(eva) | {"submission_key": str(known.submission_key)})

    assert answer.status_code == 400
    assert ReturnCase.objects.get() == known


def test_state_never_changes_by_get(client: Client) -> None:
    order = arrived()
    case = requested(order, at=timezone.now())

    assert client.get(page("withdraw", link(order), case.number)).status_code == 405

    case.refresh_from_db()
    assert case.status == "requested"


def test_the_case_page_tells_each_state(client: Client) -> None:
    order, now, dilini = arrived(), timezone.now(), StaffFactory()
    token, case = link(order), requested(order, at=now)

    def text() -> str:
        answer = client.get(page("case", token, case.number))
        assert answer.status_code == 200
        return " ".join(answer.content.decode().split())

    assert "We answer you by" in text()
    assert "I keep it after all" in text()
    approve_return(case_id=case.pk, by=dilini, at=now)
    assert "Rua do Almada 210" in text()
    assert "Please post it by" in text()
    receive_return(case_id=case.pk, findings={case.lines.get().pk: Finding(1)}, by=dilini, at=now)
    assert "€28.90 goes to the card you paid with." in text()
    assert "I keep it after all" not in text()


def test_the_case_page_shows_why_it_was_declined(client: Client) -> None:
    order = arrived()
    case = requested(order, at=timezone.now())
    decline_return(case_id=case.pk, reason="It was <engraved> for you.", by=StaffFactory(), at=timezone.now())

    answer = client.get(page("case", link(order), case.number))

    assert b"It was &lt;engraved&gt; for you." in answer.content


def test_she_keeps_it_after_all(client: Client) -> None:
    order = arrived()
    token, case = link(order), requested(order, at=timezone.now())

    answer = client.post(page("withdraw", token, case.number), follow=True)
    again = client.post(page("withdraw", token, case.number), follow=True)

    case.refresh_from_db()
    assert case.status == "withdrawn"
    assert b"You keep it, and nobody waits for a parcel any more." in answer.content
    assert b"That came too late" in again.content


def test_the_slip_carries_the_number_big(client: Client) -> None:
    order = arrived()
    case = requested(order, at=timezone.now())

    answer = client.get(page("slip", link(order), case.number))

    assert f'<span class="slip-number">{case.number}</span>' in answer.content.decode()


def test_returns_stand_on_the_order_page(client: Client) -> None:
    order = arrived()
    token, case = link(order), requested(order, at=timezone.now())

    answer = client.get(reverse("orders:track", args=[token]))

    assert page("case", token, case.number) in answer.content.decode()


@pytest.mark.parametrize("pieces", [(1, 1), (1, 1, 1, 1)])
def test_the_choice_costs_the_same_for_more_lines(
    client: Client, pieces: tuple[int, ...], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    order = arrived(pieces=pieces, variants=tuple(_sibling() for _ in pieces))
    token = link(order)

    with django_assert_max_num_queries(10):
        client.get(page("request", token))


@pytest.mark.parametrize("pieces", [(1,), (1, 1, 1)])
def test_the_case_page_costs_the_same_for_more_lines(
    client: Client, pieces: tuple[int, ...], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    order = arrived(pieces=pieces)
    token = link(order)
    case = requested(order, *[asked(line) for line in order.lines.order_by("id")], at=timezone.now())

    with django_assert_max_num_queries(10):
        client.get(page("case", token, case.number))


def _sibling() -> Variant:
    return VariantFactory(product=ProductFactory())
