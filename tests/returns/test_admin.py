"""The desk of returns: the queue, the buttons, who may press them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from orders.models import Payment, RefundGrant
from returns.models import Inspection, ReturnCase, ReturnReason
from returns.operations.deciding import approve_return
from returns.operations.receiving import Finding, receive_return
from shop.models import Event, StockLevel, User
from tests.factories.orders import placed_order
from tests.factories.returns import asked, delivered_order, requested
from tests.factories.shop import ProductFactory, StaffFactory, VariantFactory

pytestmark = pytest.mark.django_db

LOOK = ("view_returncase", "view_caseline", "view_inspection")


def staff(*codenames: str) -> tuple[User, Client]:
    """Somebody with these rights of the returns app, and her browser."""
    person, client = StaffFactory(), Client()
    person.user_permissions.set(Permission.objects.filter(content_type__app_label="returns", codename__in=codenames))
    client.force_login(person)
    return person, client


def case_of(number: str = "KP-2041-7736") -> ReturnCase:
    order = delivered_order(at=timezone.now() - timedelta(days=5), number=number)
    return requested(order, at=timezone.now())


def address(view: str, case: ReturnCase) -> str:
    return reverse(f"admin:returns_returncase_{view}", args=[case.pk])


def press(client: Client, url: str, data: dict[str, object] | None = None) -> str:
    """Press a button and return the page it leads to."""
    answer = client.post(url, data)
    assert answer.status_code == 303
    return client.get(answer.headers["Location"]).content.decode()


def status_of(case: ReturnCase) -> str:
    return ReturnCase.objects.values_list("status", flat=True).get(pk=case.pk)


def test_the_queue_shows_open_returns_by_the_day_of_our_next_word() -> None:
    _, client = staff(*LOOK)
    late, soon, hers, done = (case_of(f"KP-2041-000{number}") for number in range(4))
    today = timezone.localdate()
    ReturnCase.objects.filter(pk=late.pk).update(due_on=today - timedelta(days=1))
    ReturnCase.objects.filter(pk=soon.pk).update(due_on=today + timedelta(days=1))
    approve_return(case_id=hers.pk, by=StaffFactory(), at=timezone.now())
    ReturnCase.objects.filter(pk=done.pk).update(status="withdrawn", due_on=None)

    answer = client.get(reverse("admin:returns_returncase_changelist"))
    ours = client.get(reverse("admin:returns_returncase_changelist"), {"stage": "ours"})

    assert list(answer.context["cl"].result_list) == [late, soon, hers]
    assert list(ours.context["cl"].result_list) == [late, soon]
    assert b"overdue" in answer.content


@pytest.mark.parametrize("rows", [1, 3])
def test_the_queue_costs_the_same_for_more_rows(
    rows: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    _, client = staff(*LOOK)
    for number in range(rows):
        case_of(f"KP-2041-000{number}")

    with django_assert_max_num_queries(11):
        client.get(reverse("admin:returns_returncase_changelist"))


def test_the_case_shows_her_words_the_sum_and_the_buttons() -> None:
    _, client = staff(*LOOK, "decide_return")
    order = delivered_order(at=timezone.now() - timedelta(days=5))
    case = requested(order, asked(order.lines.get(), detail="The <handle> is cold"), at=timezone.now())

    answer = client.get(address("change", case))

    text = " ".join(answer.content.decode().split())
    assert answer.status_code == 200
    assert "The &lt;handle&gt; is cold" in text
    assert "€28.90, with the delivery fee" in text
    assert "the law lets her send it back" in text
    assert [button["name"] for button in answer.context["operation_buttons"]] == ["approve", "decline"]


def test_approve_button_agrees() -> None:
    dilini, client = staff(*LOOK, "decide_return")
    case = case_of()

    page = press(client, address("approve", case))

    case.refresh_from_db()
    assert (case.status, case.decided_by) == ("approved", dilini)
    assert "Agreed. We write to her how to send it" in page


def test_a_sold_out_exchange_is_told_and_may_become_money() -> None:
    _, client = staff(*LOOK, "decide_return")
    mug = ProductFactory()
    sage, rust = VariantFactory(product=mug), VariantFactory(product=mug, stock=1)
    order = delivered_order(at=timezone.now() - timedelta(days=5), variants=(sage,))
    wish = asked(order.lines.get(), wanted="exchange", exchange_variant_id=rust.pk)
    case = requested(order, wish, at=timezone.now())
    placed_order(at=timezone.now(), variant=rust, number="KP-2041-9999")

    told = press(client, address("approve", case))
    still = status_of(case)
    client.post(address("approve_with_refund", case))

    assert "A piece she wants in exchange is sold out" in told
    assert (still, status_of(case)) == ("requested", "approved")
    assert case.lines.get().granted == "refund"


def test_decline_button_asks_for_the_sentence_she_reads() -> None:
    _, client = staff(*LOOK, "decide_return")
    case = case_of()

    empty = client.post(address("decline", case), {"reason": ""})
    still = status_of(case)
    client.post(address("decline", case), {"reason": "It was engraved for you."})

    case.refresh_from_db()
    assert (empty.status_code, still) == (422, "requested")
    assert (case.status, case.decline_reason) == ("declined", "It was engraved for you.")


def findings(case: ReturnCase, **fields: object) -> dict[str, object]:
    found = {"quantity": 1, "condition": "like_new", "disposition": "restock", "note": ""} | fields
    return {f"line-{case.lines.get().pk}-{name}": value for name, value in found.items()}


def test_the_parcel_is_unpacked_line_by_line() -> None:
    ruwan, client = staff(*LOOK, "receive_return")
    case = case_of()
    approve_return(case_id=case.pk, by=StaffFactory(), at=timezone.now())

    shown = client.get(address("receive", case))
    wrong = client.post(address("receive", case), findings(case, quantity=2))
    still = status_of(case)
    page = press(client, address("receive", case), findings(case))
    again = press(client, address("receive", case), findings(case))

    case.refresh_from_db()
    assert (shown.status_code, wrong.status_code, still) == (200, 422, "approved")
    assert "Booked in and settled" in page
    assert "not waiting for its parcel" in again
    assert (case.status, case.received_by) == ("settled", ruwan)
    assert Inspection.objects.count() == 1
    assert StockLevel.objects.get().on_hand == 20


def test_settle_button_grants_what_was_shown() -> None:
    dilini, client = staff(*LOOK, "decide_return")
    case = case_of()
    approve_return(case_id=case.pk, by=dilini, at=timezone.now())
    receive_return(
        case_id=case.pk,
        findings={case.lines.get().pk: Finding(1, "used", "quarantine")},
        by=dilini,
        at=timezone.now(),
    )

    page = press(client, address("settle", case))

    assert "Settled: €28.90 goes back." in page
    assert RefundGrant.objects.get().amount_minor == 2890


def test_settle_says_that_her_bank_has_the_money_already() -> None:
    dilini, client = staff(*LOOK, "decide_return")
    case, now = case_of(), timezone.now()
    approve_return(case_id=case.pk, by=dilini, at=now)
    found = {case.lines.get().pk: Finding(1, "used", "quarantine")}
    receive_return(case_id=case.pk, findings=found, by=dilini, at=now)
    Payment.objects.filter(order=case.order).update(charged_back_minor=F("captured_minor"))

    page = press(client, address("settle", case))

    assert "Nothing was changed. What can go back: Nothing of " in page
    assert "and is with her." in page
    assert (RefundGrant.objects.count(), status_of(case)) == (0, "received")


@pytest.mark.parametrize(
    ("view", "rights"),
    [
        ("approve", ("receive_return",)),
        ("approve_with_refund", ("receive_return",)),
        ("decline", ("receive_return",)),
        ("settle", ("receive_return",)),
        ("receive", ("decide_return",)),
    ],
)
def test_nobody_presses_a_button_without_the_right(view: str, rights: tuple[str, ...]) -> None:
    _, client = staff(*LOOK, *rights)
    case = case_of()
    events = Event.objects.count()

    assert client.post(address(view, case), {"reason": "No"}).status_code == 403

    assert (status_of(case), Event.objects.count()) == ("requested", events)


def test_a_case_is_never_edited_added_or_deleted_by_hand() -> None:
    _, client = staff(*LOOK, "change_returncase", "add_returncase", "delete_returncase", "decide_return")
    case = case_of()

    client.post(address("change", case), {"refund_minor": 1, "status": "settled"})

    assert client.get(reverse("admin:returns_returncase_add")).status_code == 403
    assert client.post(address("delete", case), {"post": "yes"}).status_code == 403
    case.refresh_from_db()
    assert (case.status, case.refund_minor) == ("requested", 0)


def test_a_reason_is_retired_not_deleted_and_keeps_its_code() -> None:
    _, client = staff("view_returnreason", "change_returnreason", "delete_returnreason")
    reason = case_of().lines.get().reason
    change = reverse("admin:returns_returnreason_change", args=[reason.pk])
    fields = {"label": "I thought again", "group": "mind", "goods": "any", "postage": "shop", "position": 3}
    retired = {"retired_at_0": "2026-03-01", "retired_at_1": "10:00"}

    client.post(change, fields | retired | {"code": "other"})

    again = ReturnReason.objects.get(pk=reason.pk)
    assert (again.code, again.label, again.postage) == (reason.code, "I thought again", "shop")
    assert again.retired_at is not None
    delete = reverse("admin:returns_returnreason_delete", args=[reason.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403
