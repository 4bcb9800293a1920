"""Withdraw from a contract: two steps, guests too, nobody learns what exists, and the receipt with its moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from notifications.models import Message
from orders.models import Order
from orders.operations.access import issue_link
from returns.models import Withdrawal
from returns.operations.declaring import SettledAlready, Statement, declare_withdrawal, settle_withdrawal
from returns.rules.policy import may_withdraw_until
from shop.models import Event
from shop.operations.events import relay_events
from tests.factories.orders import placed_order
from tests.factories.returns import delivered_order, withdrawn
from tests.factories.shop import StaffFactory

pytestmark = pytest.mark.django_db

GUEST = reverse("returns:withdrawal")


def typed(order_number: str, step: str = "confirm", **changes: Any) -> dict[str, Any]:
    said = {"order_number": order_number, "name": "Ana Costa", "email": "ana@example.com", "pieces": ""}
    return {"submission_key": str(uuid4()), "step": step} | said | changes


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_guest_withdraws_in_two_steps(client: Client) -> None:
    order = placed_order(at=timezone.now(), email="ana@example.com")

    looked = client.post(GUEST, typed(order.number, "look"))
    before = Withdrawal.objects.count()
    done = client.post(GUEST, typed(f" {order.number.lower()} "))

    assert 'name="step" value="confirm"' in words(looked)
    assert (before, done.status_code) == (0, 200)
    row = Withdrawal.objects.get()
    assert (row.order, row.pieces, row.due_on - timezone.localdate(row.declared_at)) == (order, "", timedelta(days=14))


def test_stranger_learns_nothing(client: Client) -> None:
    order = placed_order(at=timezone.now(), email="ana@example.com")

    hers = client.post(GUEST, typed(order.number, email="eve@example.com"))
    nobodys = client.post(GUEST, typed("KP-9999-9999", email="eve@example.com"))

    assert words(hers).replace(order.number, "N") == words(nobodys).replace("KP-9999-9999", "N")
    assert list(Withdrawal.objects.values_list("order", "email")) == [(None, "eve@example.com")] * 2
    assert not Event.objects.filter(name="returns.withdrawal.declared", order_number=order.number).exists()


def test_what_was_typed_comes_back(client: Client) -> None:
    answer = client.post(GUEST, typed("KP-1", email="nonsense", pieces="The blue mug"))

    assert answer.status_code == 422
    assert "The blue mug" in words(answer)
    assert Withdrawal.objects.count() == 0


def test_sent_twice_is_received_once(client: Client) -> None:
    order = placed_order(at=timezone.now(), email="ana@example.com")
    form = typed(order.number)

    first, second = client.post(GUEST, form), client.post(GUEST, form)

    assert (first.status_code, second.status_code, Withdrawal.objects.count()) == (200, 200, 1)
    assert Event.objects.filter(name="returns.withdrawal.declared").count() == 1


def test_receipts_to_one_address_are_few(client: Client) -> None:
    answers = [client.post(GUEST, typed(f"KP-{n}")).status_code for n in range(6)]

    assert answers == [200] * 5 + [429]
    assert Withdrawal.objects.count() == 5


def test_owner_chooses_pieces_behind_her_link(client: Client) -> None:
    order = delivered_order(at=timezone.now() - timedelta(days=5), pieces=(2, 1))
    page = reverse("returns:withdrawal-of", args=[issue_link(order=order, at=timezone.now())])
    line = order.lines.order_by("id")[0]
    form = {"submission_key": str(uuid4()), "name": "Ana", "email": "ana@example.com", "step": "confirm"}

    shown = client.get(page)
    answer = client.post(page, form | {"units": [f"{line.pk}-2"]})
    client.post(page, form | {"submission_key": str(uuid4()), "units": shown.context["form"].units_of_order})
    forged = client.post(page, form | {"submission_key": str(uuid4()), "units": ["1-99"]})

    assert len(shown.context["form"].units_of_order) == 3
    assert (answer.status_code, forged.status_code) == (200, 422)
    one, everything = Withdrawal.objects.order_by("id")
    named = ", ".join(part for part in (line.title, line.options_label) if part)
    assert (one.order, one.pieces, everything.pieces) == (order, f"1 × {named}", "")


@pytest.mark.parametrize(("days", "shown"), [(3, True), (40, False)])
def test_order_page_shows_the_button_as_long_as_it_lasts(client: Client, days: int, shown: bool) -> None:
    order = delivered_order(at=timezone.now() - timedelta(days=days + 3))
    token = issue_link(order=order, at=timezone.now())

    answer = client.get(reverse("orders:track", args=[token]))

    assert (reverse("returns:withdrawal-of", args=[token]) in answer.content.decode()) is shown
    assert f'href="{GUEST}"' in answer.content.decode()  # in the foot of every page, whatever the day


@pytest.mark.parametrize(
    ("delivered_on", "last_on"),
    [
        (None, None),
        (date(2026, 3, 2), date(2026, 3, 16)),
        (date(2026, 3, 6), date(2026, 3, 20)),
        (date(2026, 3, 7), date(2026, 3, 23)),
        (date(2026, 3, 8), date(2026, 3, 23)),
    ],
)
def test_last_day_is_never_on_a_weekend(delivered_on: date | None, last_on: date | None) -> None:
    assert may_withdraw_until(delivered_on=delivered_on) == last_on


def test_receipt_says_what_and_when_to_the_second() -> None:
    at = datetime(2026, 3, 3, 14, 30, 5, tzinfo=UTC)
    order = placed_order(at=at - timedelta(days=1))
    withdrawn(order, at=at, pieces="The blue mug", email="new@example.com", locale="de")

    while relay_events(at):
        pass

    mail = Message.objects.get(kind="withdrawal_receipt")
    assert mail.recipient == "new@example.com"
    for said in (order.number, "The blue mug", "2026-03-03 14:30:05 WET", "new@example.com", "Ana Costa"):
        assert said in mail.text


def test_unknown_order_gets_its_receipt_as_well() -> None:
    at = timezone.now()
    declare_withdrawal(
        statement=Statement("KP-NONE", "Eve", "eve@example.com", "", "en"), submission_key=uuid4(), at=at
    )

    while relay_events(at):
        pass

    assert Message.objects.get(kind="withdrawal_receipt").recipient == "eve@example.com"


def test_settled_once() -> None:
    at, dilini = timezone.now(), StaffFactory()
    row = withdrawn(placed_order(at=at), at=at)
    settle_withdrawal(withdrawal_id=row.pk, by=dilini, at=at)

    with pytest.raises(SettledAlready):
        settle_withdrawal(withdrawal_id=row.pk, by=dilini, at=at)

    assert Event.objects.filter(name="returns.withdrawal.settled").count() == 1


def test_the_list_is_read_by_what_is_open_and_what_is_dealt_with() -> None:
    at = timezone.now()
    done, waits = (withdrawn(placed_order(at=at, number=number), at=at) for number in ("KP-1", "KP-2"))
    settle_withdrawal(withdrawal_id=done.pk, by=StaffFactory(), at=at)
    desk = Client()
    desk.force_login(StaffFactory(is_superuser=True))

    listed = desk.get("/admin/returns/withdrawal/?settled_at__isempty=1&_facets=True")

    assert ">open (1)</a>" in words(listed).replace(" <", "<").replace("> ", ">")
    assert "dealt with (1)" in words(listed)
    assert list(listed.context["cl"].result_list) == [waits]


def test_database_refuses_a_withdrawal_settled_before_it_came() -> None:
    at = timezone.now()
    row = withdrawn(placed_order(at=at), at=at)

    with pytest.raises(IntegrityError, match="withdrawal_settled_after_it_came"), transaction.atomic():
        Withdrawal.objects.filter(pk=row.pk).update(settled_at=at - timedelta(days=1))
    with pytest.raises(IntegrityError, match="withdrawal_names_an_order"), transaction.atomic():
        Withdrawal.objects.filter(pk=row.pk).update(order_number="")


def test_information_names_the_shop(client: Client, settings: Any) -> None:
    settings.SHOP_LEGAL_NAME = "Costa & Filhas"

    answer = client.get(reverse("returns:withdrawal-rights"))

    assert "Costa &amp; Filhas" in answer.content.decode()
    assert Order.objects.count() == 0
