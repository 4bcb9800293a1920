"""Orders put together on the phone: held, sent, looked at, ordered once by the placement every order goes through."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from orders.models import Cart, CartLine, Order, OrderDraft, Promotion, ServiceLevel
from orders.operations.basket import NotEnough
from orders.operations.drafting import (
    DraftOver,
    TooMuchOff,
    drop_draft,
    issue_draft_link,
    make_draft,
    send_draft,
    watch_drafts,
)
from orders.operations.placing import place_order
from orders.operations.preparing import BagEmpty, BagSpent
from orders.queries.drafts import offer_of
from shop.models import Event, StockReservation, Variant
from shop.queries.audit import breaches
from tests.crowds import at_once
from tests.factories.bags import ANA, shown_to
from tests.factories.orders import service_level
from tests.factories.shop import StaffFactory, VariantFactory
from tests.pages import words

DETAILS = {
    "email": "ana@example.com", "full_name": "Ana Costa", "street": "Rua das Flores 12", "extra": "",
    "postcode": "4050-262", "city": "Porto", "region": "", "country": "PT", "phone": "", "courier_note": "",
    "service": "door-pt",
}  # fmt: skip
CARD = {"payment": "test_card", "card_number": "4242 4242 4242 4242", "card_expiry": "04/49", "card_cvc": "123"}


def draft_for(at: datetime, *wanted: tuple[Variant, int], discount_bp: int = 0) -> OrderDraft:
    service_level()
    pieces = [(variant.pk, number) for variant, number in wanted or ((VariantFactory(price_minor=2000), 2),)]
    return make_draft(wanted=pieces, details=DETAILS, discount_bp=discount_bp, locale="en", by=StaffFactory(), at=at)


def hidden(page: Any) -> dict[str, str]:
    found = re.findall(r'type="hidden" name="(key|shown)" value="([^"]*)"', page.content.decode())
    return {name: unescape(value) for name, value in found}


@pytest.mark.django_db
def test_it_is_held_and_the_agreed_discount_counts(now: datetime) -> None:
    draft = draft_for(now, discount_bp=1000)

    held = StockReservation.objects.get()
    cart = draft.cart
    assert cart is not None
    assert (held.holder, held.quantity) == (f"orders.cart:{cart.pk}", 2)
    assert held.expires_at > timezone.now() + timedelta(hours=47)
    assert shown_to(cart, ANA, at=now).total_minor == 3600 + 490
    assert Promotion.objects.get().name == "Agreed with you: 10 %"
    assert breaches() == []


@pytest.mark.django_db
def test_what_may_not_be_agreed_or_is_not_there_writes_nothing(now: datetime) -> None:
    variant = VariantFactory(stock=1)
    with pytest.raises(TooMuchOff):
        draft_for(now, (variant, 1), discount_bp=1001)
    with pytest.raises(NotEnough):
        draft_for(now, (variant, 2))

    assert (OrderDraft.objects.count(), Cart.objects.count(), StockReservation.objects.count()) == (0, 0, 0)


@pytest.mark.django_db
def test_she_looks_pays_and_it_is_an_order(client: Client) -> None:
    draft = draft_for(timezone.now(), discount_bp=500)
    page_url = f"/drafts/{issue_draft_link(draft)}/"

    page = client.get(page_url)

    said = words(page)
    assert "Your order, as we talked about it" in said
    assert "Agreed with you: 5 % −€2.00" in said
    assert "Pay €42.90" in said
    assert 'value="Rua das Flores 12"' in page.content.decode()
    assert page.headers["Referrer-Policy"] == "same-origin"
    filled = DETAILS | CARD | {"action": "place"}
    declined = client.post(page_url, filled | hidden(page) | {"card_number": "4000 0000 0000 0002"})
    assert (declined.status_code, StockReservation.objects.get().quantity) == (402, 2)
    done = client.post(page_url, filled | hidden(declined))

    order = Order.objects.get(status="placed")
    assert (done.status_code, order.total_minor, order.cart_id) == (302, 4290, draft.cart_id)
    assert "This is ordered already" in words(client.get(page_url))
    assert client.post(page_url, filled | hidden(declined)).status_code == 302  # the same button again: the same order
    assert watch_drafts(timezone.now()) == 1
    draft.refresh_from_db()
    assert (draft.state, draft.order, draft.email, draft.details) == ("placed", order, "", {})
    assert Order.objects.filter(status="placed").count() == 1
    assert "This is ordered already" in words(client.get(page_url))
    assert breaches() == []


def dearer() -> None:
    Variant.objects.update(price_minor=2100)
    ServiceLevel.objects.update(price_minor=990, hours=[["08:00", "12:00", 700]])


@pytest.mark.django_db
@pytest.mark.parametrize("before_the_page", [True, False])
def test_what_was_agreed_holds_whatever_the_catalogue_says(client: Client, before_the_page: bool) -> None:
    draft = draft_for(timezone.now())
    page_url = f"/drafts/{issue_draft_link(draft)}/"
    if before_the_page:
        dearer()
    page = client.get(page_url)
    dearer()

    answer = client.post(page_url, DETAILS | CARD | {"action": "place"} | hidden(page))

    order = Order.objects.get()
    assert (answer.status_code, order.total_minor, order.lines.get().unit_minor) == (302, 4490, 2000)
    assert (
        f"until {date_format(timezone.localtime(draft.expires_at), 'j F, H:i')}, and until then its prices hold."
        in (words(page))
    )
    assert breaches() == []


@pytest.mark.django_db
def test_without_an_agreement_the_sum_of_today_is_shown_before_she_pays(client: Client) -> None:
    """The control."""
    draft = draft_for(timezone.now())
    CartLine.objects.update(agreed_minor=None)
    Cart.objects.update(agreed_delivery_minor=None)
    page_url = f"/drafts/{issue_draft_link(draft)}/"
    page = client.get(page_url)
    dearer()

    answer = client.post(page_url, DETAILS | CARD | {"action": "place"} | hidden(page))

    assert (answer.status_code, Order.objects.count()) == (409, 0)
    assert "The total was €44.90 and is now €51.90." in words(answer)


@pytest.mark.django_db
def test_what_became_cheaper_is_shown_before_she_pays_and_costs_less(client: Client) -> None:
    draft = draft_for(timezone.now())
    page_url = f"/drafts/{issue_draft_link(draft)}/"
    page = client.get(page_url)
    Variant.objects.update(price_minor=1900)

    answer = client.post(page_url, DETAILS | CARD | {"action": "place"} | hidden(page))
    assert (answer.status_code, Order.objects.count()) == (409, 0)
    assert "The total was €44.90 and is now €42.90." in words(answer)
    client.post(page_url, DETAILS | CARD | {"action": "place"} | hidden(answer))

    assert Order.objects.get().total_minor == 4290


@pytest.mark.django_db
def test_hours_that_were_agreed_hold_and_others_cost_what_they_cost_today(now: datetime) -> None:
    service_level()
    ServiceLevel.objects.update(hours=[["08:00", "12:00", 200], ["12:00", "17:00", 100]])
    chosen = DETAILS | {"service": "door-pt.0800-1200"}
    pieces = [(VariantFactory(price_minor=2000).pk, 2)]
    draft = make_draft(wanted=pieces, details=chosen, discount_bp=0, locale="en", by=StaffFactory(), at=now)
    ServiceLevel.objects.update(price_minor=990, hours=[["08:00", "12:00", 700], ["12:00", "17:00", 600]])

    def total(choice: str) -> int:
        draft.details["service"] = choice
        found = offer_of(draft, provider="test_card", at=now)
        return found.totals.total_minor if found else 0

    assert total("door-pt.0800-1200") == 4000 + 490 + 200
    assert total("door-pt.1200-1700") == 4000 + 490 + 600


@pytest.mark.django_db
def test_a_link_opens_one_draft_until_a_fresh_one_is_sent_or_it_is_over(client: Client) -> None:
    now = timezone.now()
    draft = draft_for(now)
    old, new = issue_draft_link(draft), issue_draft_link(draft)
    assert [client.get(f"/drafts/{token}/").status_code for token in (old, new, "x")] == [404, 200, 404]

    assert watch_drafts(now + timedelta(hours=47)) == 0
    assert [watch_drafts(now + timedelta(hours=49)) for _twice in range(2)] == [1, 0]

    over = client.get(f"/drafts/{new}/")
    assert (over.status_code, "We do not hold this for you any more" in words(over)) == (410, True)
    draft.refresh_from_db()
    assert (draft.state, draft.email, StockReservation.objects.count()) == ("expired", "", 0)
    with pytest.raises(DraftOver):
        send_draft(draft_id=draft.pk, by=StaffFactory(), at=now)
    assert breaches() == []


@pytest.mark.django_db
def test_staff_put_it_together_look_and_send_it(client: Client) -> None:
    service_level()
    mug = VariantFactory(price_minor=2000, stock=5)
    clerk = StaffFactory()
    clerk.user_permissions.set(Permission.objects.filter(codename__in=["view_orderdraft", "add_orderdraft"]))
    client.force_login(clerk)
    typed = DETAILS | {"sku_1": mug.sku.lower(), "pieces_1": 2, "discount": "5", "locale": "en"}

    for wrong, sentence in (
        ({"sku_1": "NOBODY"}, "There is no article NOBODY on sale."),
        ({"discount": "11"}, "At most 10 per cent can be agreed on the phone."),
        ({"postcode": "1"}, "Enter a postcode like"),
        ({"pieces_1": "6"}, f"Of {mug.sku} only"),
        ({"sku_1": ""}, "Enter the article number of at least one piece."),
    ):
        answer = client.post("/admin/orders/orderdraft/add/", typed | wrong)
        assert (answer.status_code, sentence in words(answer)) == (422, True), words(answer)
    assert OrderDraft.objects.count() == 0
    made = client.post("/admin/orders/orderdraft/add/", typed)

    draft = OrderDraft.objects.get()
    assert made.headers["Location"] == f"/admin/orders/orderdraft/{draft.pk}/change/"
    said = words(client.get(made.headers["Location"]))
    assert "€42.90" in said
    assert f"({mug.sku}) at €20.00 each" in said
    client.post(f"/admin/orders/orderdraft/{draft.pk}/send/")
    assert Event.objects.get(name="orders.draft.sent").payload == {"draft_id": draft.pk}
    client.post(f"/admin/orders/orderdraft/{draft.pk}/drop/")
    draft.refresh_from_db()
    assert (draft.state, StockReservation.objects.count()) == ("dropped", 0)
    assert breaches() == []


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_one_draft_is_one_order_whatever_is_pressed(
    now: datetime, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """20 presses from 20 tabs while somebody drops it; the control takes each press for a bag of its own."""
    draft = draft_for(now, (VariantFactory(stock=50), 1))
    cart = draft.cart
    assert cart is not None
    shown = shown_to(cart, ANA, at=now)
    clerk = StaffFactory()

    def press(number: int) -> str:
        if number == 0:
            drop_draft(draft_id=draft.pk, by=clerk, at=now)
            return "dropped"
        mine = cart.pk if guarded else _copy(cart)
        return place_order(key=uuid4(), cart_id=mine, request=ANA, shown=shown, at=now).status

    found = at_once(press, 21)

    orders = Order.objects.filter(status="placed").count()
    if not guarded:
        assert orders > 1
        return
    assert [one for one in found if one not in ("placed", "dropped", BagSpent, BagEmpty, DraftOver)] == []
    assert orders == found.count("placed")
    assert orders + found.count("dropped") == 1
    assert breaches() == []


def _copy(cart: Cart) -> int:
    """What a shop does that makes an order of the page and not of the bag."""
    twin = Cart.objects.create(token_hash=uuid4().hex, touched_at=cart.touched_at)
    for line in cart.lines.all():
        twin.lines.create(variant=line.variant, quantity=line.quantity, shown_price_minor=0, added_at=line.added_at)
    return twin.pk
