"""Store credit on papers and pages: a means of payment below the total, which it leaves as it is."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from orders.gateways.paper import make_pdf
from orders.messages import papers
from orders.models import Document, Order
from orders.operations.access import issue_link
from orders.operations.cancelling import cancel_order
from orders.operations.documents import issue_what_is_due
from orders.rules.payment import Settled, settled
from shop.queries.audit import breaches
from tests.factories.shop import StaffFactory, UserFactory
from tests.orders.test_paying_with_credit import MAIL, bought, credit_of
from tests.pages import words

sums = st.integers(0, 10**9)


@given(total=sums, credit=sums, received=sums)
def test_what_is_paid_and_what_is_left_are_the_whole(total: int, credit: int, received: int) -> None:
    how = settled(total_minor=total, credit_minor=credit, received_minor=received)

    assert how.credit_minor + how.otherwise_minor + how.left_minor == total
    assert min(how.credit_minor, how.otherwise_minor, how.left_minor) >= 0
    assert how.credit_minor <= credit
    assert how.left_minor == max(total - received, 0)


def test_of_an_order_that_costs_less_now_the_card_went_back_first() -> None:
    assert settled(total_minor=6000, credit_minor=5000, received_minor=6000) == Settled(5000, 1000, 0)
    assert settled(total_minor=3000, credit_minor=5000, received_minor=3000) == Settled(3000, 0, 0)


@pytest.mark.django_db
def test_an_invoice_names_credit_below_the_same_total_and_tax(now: datetime) -> None:
    credit_of(1000, now)
    ana = UserFactory(email=MAIL)
    with_credit, without = bought(ana, now, shown_credit=1000), bought(ana, now, shown_credit=0)
    for order in (with_credit, without):
        issue_what_is_due(order_id=order.pk, at=now)

    first, second = Document.objects.order_by("id")
    said, plain = papers.printed(first), papers.printed(second)
    assert said["paid"] == [
        ["Paid with store credit", "-€10.00"],
        ["Paid by test card", "-€18.90"],
        ["Left to pay", "€0.00"],
    ]
    assert plain["paid"] == []
    assert (first.total_minor, first.tax_minor) == (second.total_minor, second.tax_minor)
    assert (said["total"], said["rates"]) == (plain["total"], plain["rates"])
    assert make_pdf("document", said, at=first.issued_at).startswith(b"%PDF-")
    assert breaches() == []


@pytest.mark.django_db
def test_a_credit_note_says_what_goes_into_the_credit_and_settles_nothing(now: datetime) -> None:
    credit_of(1000, now)
    order = bought(UserFactory(email=MAIL), now, shown_credit=1000)
    issue_what_is_due(order_id=order.pk, at=now)

    cancel_order(order_id=order.pk, by=None, at=now)
    issue_what_is_due(order_id=order.pk, at=now)

    said = papers.printed(Document.objects.get(kind="credit_note"))
    assert said["paid"] == []
    assert "€10.00 of it into your store credit." in said["notes"]


@pytest.mark.django_db
def test_an_invoice_from_before_is_printed_as_it_was(now: datetime) -> None:
    order = bought(UserFactory(email=MAIL), now, shown_credit=0)
    issue_what_is_due(order_id=order.pk, at=now)
    document = Document.objects.get()
    document.content = {key: value for key, value in document.content.items() if key != "settled"}

    assert papers.printed(document)["paid"] == []


@pytest.mark.django_db
def test_every_page_says_the_same(client: Client, now: datetime) -> None:
    credit_of(1000, now)
    order = bought(UserFactory(email=MAIL), now, shown_credit=1000, provider="bank_transfer")
    token = issue_link(order=order, at=datetime(2099, 1, 1, tzinfo=now.tzinfo))

    for page in ("thanks/", ""):
        said = words(client.get(f"/orders/{token}/{page}"))
        assert "Total €28.90 Paid with store credit −€10.00 Left to pay €18.90" in said
    lead = StaffFactory()
    lead.user_permissions.set(Permission.objects.filter(codename__in=["view_order", "view_payment"]))
    client.force_login(lead)
    said = words(client.get(f"/admin/orders/order/{order.pk}/change/"))
    assert "Together €28.90 Paid with store credit €10.00 Left to pay €18.90" in said
    said = words(client.get(f"/admin/orders/payment/{order.payment.pk}/change/"))
    assert "Of it with store credit: €10.00 Left to pay: €18.90" in said


@pytest.mark.django_db
def test_without_credit_no_page_speaks_of_it(client: Client, now: datetime) -> None:
    order: Order = bought(UserFactory(email=MAIL), now, shown_credit=0)
    token = issue_link(order=order, at=datetime(2099, 1, 1, tzinfo=now.tzinfo))

    for page in ("thanks/", ""):
        assert "store credit" not in words(client.get(f"/orders/{token}/{page}"))
