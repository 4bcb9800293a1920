"""Whoever gives money away says again who they are; the press goes on by itself, and nobody else's does.

Source: reliability reference S3 (re-authentication within five minutes).
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from orders.models import CreditEntry, Order, RefundGrant
from orders.operations.refunding import grant_refund
from shop.models import User
from tests.accounts import AGAIN, app_code, sign_in, with_app
from tests.factories.bags import ordered
from tests.factories.shop import PASSWORD, StaffFactory

pytestmark = pytest.mark.django_db

AGAIN_WITH_APP = "/account/again/second-factor/"


@pytest.fixture
def asked(now: datetime, settings: Any) -> RefundGrant:
    """A refund that one person may not give alone."""
    settings.REFUND_APPROVAL_FROM_MINOR = 100
    order = ordered(at=now)
    return grant_refund(order_id=order.pk, amount_minor=500, reason="Sorry", origin="test:1", by=StaffFactory(), at=now)


@pytest.fixture
def lead() -> User:
    person = StaffFactory()
    person.set_password(PASSWORD)
    person.save()
    rights = ["approve_refund", "view_refundgrant", "grant_refund"]
    person.user_permissions.set(Permission.objects.filter(content_type__app_label="orders", codename__in=rights))
    return person


def press(client: Client, grant: RefundGrant) -> Any:
    """Press the button as the page draws it, with the token of its form."""
    page = f"/admin/orders/refundgrant/{grant.pk}/"
    client.get(f"{page}change/")
    token = client.cookies["csrftoken"].value
    return client.post(f"{page}approval/", {"csrfmiddlewaretoken": token})


def state_of(grant: RefundGrant) -> str:
    return RefundGrant.objects.get(pk=grant.pk).state


def test_the_second_person_types_the_password_once_more_and_the_press_goes_on(asked: RefundGrant, lead: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(lead)

    led = press(client, asked)
    assert led.headers["Location"].startswith(AGAIN)
    assert state_of(asked) == "asked"

    page = client.get(led.headers["Location"])
    form = {"csrfmiddlewaretoken": client.cookies["csrftoken"].value, "next": page.context["redirect_field_value"]}
    wrong = client.post(AGAIN, form | {"password": "not-this"})
    assert (wrong.status_code, state_of(asked)) == (422, "asked")
    right = client.post(AGAIN, form | {"password": PASSWORD})

    assert right.headers["Location"] == f"/admin/orders/refundgrant/{asked.pk}/change/"
    assert state_of(asked) == "granted"
    assert RefundGrant.objects.get(pk=asked.pk).decided_by == lead


def test_who_said_it_within_five_minutes_is_not_asked(asked: RefundGrant, lead: User, monkeypatch: Any) -> None:
    client = Client()
    sign_in(client, lead.email)
    client.post(AGAIN, {"password": PASSWORD})

    at = time.time()
    monkeypatch.setattr("time.time", lambda: at + timedelta(minutes=5, seconds=1).total_seconds())
    assert press(client, asked).headers["Location"].startswith(AGAIN)
    monkeypatch.setattr("time.time", lambda: at + timedelta(minutes=4, seconds=59).total_seconds())
    press(client, asked)
    assert state_of(asked) == "granted"


def test_who_has_an_app_may_use_it_instead(asked: RefundGrant, lead: User) -> None:
    secret = with_app(lead)
    client = Client()
    client.force_login(lead)

    next_ = press(client, asked).headers["Location"].partition("next=")[2].replace("%2F", "/")
    client.post(AGAIN_WITH_APP, {"code": app_code(secret), "next": next_})

    assert state_of(asked) == "granted"


def test_the_right_comes_before_the_password(asked: RefundGrant, lead: User) -> None:
    lead.user_permissions.set(Permission.objects.filter(codename="view_refundgrant"))
    client = Client()
    client.force_login(lead)

    assert press(client, asked).status_code == 403


def test_without_the_question_one_press_is_enough(asked: RefundGrant, lead: User, monkeypatch: Any) -> None:
    """The control: it is the question that holds the press."""
    monkeypatch.setattr("shop.admin.base.reauthentication_required", lambda act: act)
    client = Client()
    client.force_login(lead)

    press(client, asked)

    assert state_of(asked) == "granted"


def given(order: Order) -> list[int]:
    """How often something was given for an order: as a refund, as store credit."""
    return [RefundGrant.objects.filter(payment__order=order).count(), CreditEntry.objects.count()]


@pytest.mark.parametrize("asked", [True, False])
def test_who_gives_money_or_credit_says_again_who_she_is(now: datetime, monkeypatch: Any, asked: bool) -> None:
    if not asked:  # the control: nobody is asked
        monkeypatch.setattr("shop.admin.base.reauthentication_required", lambda act: act)
    order, nuwan, client = ordered(at=now), StaffFactory(), Client()
    nuwan.set_password(PASSWORD)
    nuwan.save()
    rights = ["grant_refund", "view_payment", "issue_credit", "view_order"]
    nuwan.user_permissions.set(Permission.objects.filter(content_type__app_label="orders", codename__in=rights))
    client.force_login(nuwan)
    form = {"amount": "5.00", "reason": "Sorry", "destination": "original"}
    buttons = [f"/admin/orders/payment/{order.payment.pk}/refund/", f"/admin/orders/order/{order.pk}/credit/"]

    for turn, button in enumerate(buttons):
        answer = client.post(button, form | {"key": str(uuid4())})
        assert answer.headers["Location"].startswith(AGAIN) == asked
        assert given(order)[turn] == (0 if asked else 1)
        if asked:
            client.post(AGAIN, {"password": PASSWORD, "next": button})
            assert given(order)[turn] == 1
        session = client.session
        session.pop("account_authentication_methods", None)  # five minutes later
        session.save()
