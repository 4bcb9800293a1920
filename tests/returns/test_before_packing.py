"""Who is about to pack is told of a withdrawal, and of a letter about the order, that nobody has dealt with."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from orders.models import Order
from returns.models import Withdrawal
from returns.operations.declaring import Statement, declare_withdrawal, settle_withdrawal
from support.models import Conversation
from tests.factories.orders import placed_order
from tests.factories.shop import StaffFactory
from tests.factories.support import asked

pytestmark = pytest.mark.django_db

WITHDREW, WROTE = "A withdrawal waits", "waits for an answer"
SEES = ("view_order", "view_parcel", "pack_parcel")


def signed_in(*codenames: str) -> Client:
    person = StaffFactory()
    person.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(person)
    return client


def pages(client: Client, order: Order) -> list[str]:
    """Return what stands on the order, its slip and its parcel."""
    addresses = [f"order/{order.pk}/change/", f"order/{order.pk}/slip/", f"parcel/{order.parcels.get().pk}/change/"]
    return [" ".join(client.get(f"/admin/orders/{address}").text.split()) for address in addresses]


def said_by(client: Client, order: Order, words: str) -> list[bool]:
    return [words in page for page in pages(client, order)]


def stated(number: str, at: datetime, *, email: str = "ana@example.com", pieces: str = "") -> Withdrawal:
    said = Statement(order_number=number, name="Ana Costa", email=email, pieces=pieces, locale="en")
    return declare_withdrawal(statement=said, submission_key=uuid4(), at=at)


def test_who_packs_is_told_of_a_withdrawal_until_it_is_dealt_with(now: datetime) -> None:
    order, packer = placed_order(at=now, email="ana@example.com"), signed_in(*SEES)
    before = said_by(packer, order, WITHDREW)

    withdrawal = stated(order.number, now, pieces="The blue <b>mug</b>")
    told = pages(packer, order)
    settle_withdrawal(withdrawal_id=withdrawal.pk, by=StaffFactory(), at=now)

    assert before == [False] * 3
    assert [WITHDREW in page and "The blue &lt;b&gt;mug&lt;/b&gt;" in page for page in told] == [True] * 3
    assert not any("/admin/returns/withdrawal/" in page for page in told)
    assert said_by(packer, order, WITHDREW) == [False] * 3


def test_who_deals_with_withdrawals_is_led_there(now: datetime) -> None:
    order = placed_order(at=now, email="ana@example.com")
    address = f"/admin/returns/withdrawal/{stated(order.number, now).pk}/change/"

    assert said_by(signed_in(*SEES, "view_withdrawal"), order, address) == [True] * 3


def test_a_withdrawal_from_an_address_that_does_not_fit_is_told_as_such(now: datetime) -> None:
    order = placed_order(at=now, email="ana@example.com")
    stated(order.number.lower(), now, email="eve@example.com")

    assert said_by(signed_in(*SEES), order, "Somebody whose address does not fit") == [True] * 3


def test_another_order_is_packed_in_peace(now: datetime) -> None:
    order, other = placed_order(at=now), placed_order(at=now, number="KP-2041-7737")
    stated(other.number, now)
    asked(at=now, order=other)
    packer = signed_in(*SEES)

    assert said_by(packer, order, WITHDREW) + said_by(packer, order, WROTE) == [False] * 6


def test_who_packs_is_told_of_a_letter_until_it_is_answered(now: datetime) -> None:
    order, packer, reader = placed_order(at=now), signed_in(*SEES), signed_in(*SEES, "view_conversation")
    talk = asked(at=now, order=order).conversation
    address = f"/admin/support/conversation/{talk.pk}/change/"

    told, linked = pages(packer, order), said_by(reader, order, address)
    Conversation.objects.filter(pk=talk.pk).update(waiting_since=None)

    assert [WROTE in page and talk.subject in page and address not in page for page in told] == [True] * 3
    assert linked == [True] * 3
    assert said_by(packer, order, WROTE) == [False] * 3
