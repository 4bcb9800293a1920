"""Prices agreed on the phone below the catalogue: kept, paid, and above the limit agreed to by two people."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from orders.models import Order, OrderDraft
from orders.operations.approving import NotAllowed, NotAsked, SamePerson
from orders.operations.drafting import (
    DraftOver,
    NotApproved,
    NotBelow,
    approve_draft,
    issue_draft_link,
    make_draft,
    send_draft,
)
from orders.queries.attention import count_asked_prices
from orders.rules.agreed import needs_second_person
from shop.models import Event, User, Variant
from shop.queries.audit import breaches
from tests.accounts import AGAIN, said_again
from tests.factories.orders import service_level
from tests.factories.shop import StaffFactory, VariantFactory
from tests.orders.test_drafting import CARD, DETAILS, hidden
from tests.pages import words

pytestmark = pytest.mark.django_db


def agreed(
    price_minor: int, *, at: datetime, pieces: int = 2, discount_bp: int = 0, by: User | None = None
) -> OrderDraft:
    """A draft of mugs at € 20.00 each in the catalogue."""
    service_level()
    mug = VariantFactory(price_minor=2000)
    return make_draft(
        wanted=[(mug.pk, pieces)],
        details=DETAILS,
        discount_bp=discount_bp,
        locale="en",
        by=by or StaffFactory(),
        at=at,
        prices={mug.pk: price_minor},
    )


def a_lead() -> User:
    lead = StaffFactory()
    names = ["view_orderdraft", "add_orderdraft", "approve_refund"]
    lead.user_permissions.set(Permission.objects.filter(content_type__app_label="orders", codename__in=names))
    return lead


@pytest.mark.parametrize(
    ("price", "discount_bp", "off", "second"),
    [(2000, 0, 0, False), (1800, 0, 400, False), (1799, 0, 402, True), (1900, 500, 390, False), (1900, 600, 428, True)],
)
def test_more_below_the_catalogue_than_one_may_agree_to_waits_for_a_second(
    now: datetime, price: int, discount_bp: int, off: int, second: bool
) -> None:
    draft = agreed(price, discount_bp=discount_bp, at=now)

    assert (draft.off_minor, draft.needs_second, count_asked_prices(now)) == (off, second, int(second))


def test_a_small_share_of_a_large_sum_waits_too(now: datetime, settings: Any) -> None:
    settings.REFUND_APPROVAL_FROM_MINOR = 300

    assert [agreed(price, at=now).needs_second for price in (1850, 1849)] == [False, True]
    settings.REFUND_APPROVAL_FROM_MINOR = 0
    assert agreed(1849, at=now).needs_second is False


def test_nothing_is_agreed_above_the_catalogue(now: datetime) -> None:
    with pytest.raises(NotBelow):
        agreed(2001, at=now)

    assert OrderDraft.objects.count() == 0


def test_she_pays_what_was_agreed_whatever_the_catalogue_says(client: Client) -> None:
    draft = agreed(1850, at=timezone.now())
    page_url = f"/drafts/{issue_draft_link(draft)}/"
    Variant.objects.update(price_minor=2500)
    page = client.get(page_url)
    assert "Pay €41.90" in words(page)

    client.post(page_url, DETAILS | CARD | {"action": "place"} | hidden(page))

    order = Order.objects.get()
    assert (order.total_minor, order.lines.get().unit_minor) == (3700 + 490, 1850)
    assert breaches() == []


def test_nobody_gets_a_link_before_a_second_person_agreed(now: datetime) -> None:
    clerk, lead = a_lead(), a_lead()
    draft = agreed(1000, at=now, by=clerk)

    with pytest.raises(NotApproved):
        send_draft(draft_id=draft.pk, by=lead, at=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        issue_draft_link(draft)
    with pytest.raises(SamePerson):
        approve_draft(draft_id=draft.pk, by=clerk, at=now)
    with pytest.raises(NotAllowed):
        approve_draft(draft_id=draft.pk, by=StaffFactory(), at=now)
    with pytest.raises(DraftOver):
        approve_draft(draft_id=draft.pk, by=lead, at=now + timedelta(hours=49))
    assert not Event.objects.filter(name__in=["orders.draft.approved", "orders.draft.sent"]).exists()

    approve_draft(draft_id=draft.pk, by=lead, at=now)
    send_draft(draft_id=draft.pk, by=clerk, at=now)

    draft.refresh_from_db()
    assert (draft.approved_by, draft.sent_at, count_asked_prices(now)) == (lead, now, 0)
    assert Event.objects.get(name="orders.draft.approved").actor == lead
    with pytest.raises(NotAsked):
        approve_draft(draft_id=draft.pk, by=lead, at=now)


def test_without_the_limit_one_person_is_enough(now: datetime, settings: Any) -> None:
    """The control: it is the limit that asks."""
    settings.DRAFT_DISCOUNT_MOST_BP = 10_000

    draft = agreed(1000, at=now)

    send_draft(draft_id=draft.pk, by=StaffFactory(), at=now)
    assert OrderDraft.objects.get(pk=draft.pk).sent_at == now


def test_the_database_wants_two_people(now: datetime) -> None:
    draft = agreed(1000, at=now)

    with pytest.raises(IntegrityError), transaction.atomic():
        OrderDraft.objects.filter(pk=draft.pk).update(approved_by=draft.made_by, approved_at=now)


def test_staff_agree_on_a_price_and_a_second_one_approves_it(client: Client) -> None:
    service_level()
    mug = VariantFactory(price_minor=2000, stock=9)
    clerk, lead = a_lead(), a_lead()
    client.force_login(clerk)
    typed = DETAILS | {"sku_1": mug.sku, "pieces_1": 2, "price_1": "12,50", "discount": "", "locale": "en"}

    for wrong, sentence in (
        ({"price_1": "20.01"}, "It costs €20.00. Agree on that or on less."),
        ({"price_1": "cheap"}, "Enter an amount like 10.00."),
        ({"sku_2": mug.sku, "pieces_2": 1, "price_2": "13"}, f"Agree on one price for {mug.sku}."),
    ):
        answer = client.post("/admin/orders/orderdraft/add/", typed | wrong)
        assert (answer.status_code, sentence in words(answer)) == (422, True), words(answer)
    made = client.post("/admin/orders/orderdraft/add/", typed)

    draft = OrderDraft.objects.get()
    address = f"/admin/orders/orderdraft/{draft.pk}/"
    said = words(client.get(made.headers["Location"]))
    assert "€15.00: more than one person may agree to. A second one has to approve it." in said
    assert f"({mug.sku}) at €12.50 each" in said
    assert "Send her the link" not in said
    said_again(client).post(f"{address}approval/")
    assert OrderDraft.objects.get().approved_by is None  # she agreed on it herself
    client.post(f"{address}send/")
    assert OrderDraft.objects.get().sent_at is None

    client.force_login(lead)
    assert client.post(f"{address}approval/").headers["Location"].startswith(AGAIN)
    said_again(client).post(f"{address}approval/")
    assert OrderDraft.objects.get().approved_by == lead
    assert "Send her the link" in words(client.get(f"{address}change/"))
    waiting = "/admin/orders/orderdraft/?state__exact=open&needs_second__exact=1&approved_at__isnull=1"
    assert client.get(waiting).status_code == 200


def test_the_limit_itself_is_allowed() -> None:
    def asked(off: int, *, limit: int = 0) -> bool:
        return needs_second_person(off_minor=off, list_minor=10_000, most_bp=1000, limit_minor=limit)

    assert [asked(1000), asked(1001), asked(500, limit=500), asked(501, limit=500)] == [False, True, False, True]
