"""Delivery windows: offered by the service, priced, frozen on the order, told to everybody, changed until it leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from notifications.messages import draft_sent, order_placed, parcel_handed_over
from notifications.messages.rendering import render
from orders.messages.label import label
from orders.messages.papers import slip_words
from orders.models import Order, OrderDraft, Parcel, Payment, ServiceLevel
from orders.operations.access import issue_link
from orders.operations.changing import confirm_change
from orders.operations.drafting import issue_draft_link
from orders.operations.placing import place_order
from orders.operations.preparing import ChangedSinceShown
from orders.queries.changing import plan_change, wishes_of
from orders.queries.offers import NotServed
from orders.rules.changing import NotChangeable, Why
from orders.rules.guard import Shown
from orders.rules.hours import Window
from orders.rules.totals import Priced, totals
from shop.models import Event
from shop.queries.audit import breaches
from tests.factories.bags import ANA, filled_bag, ordered, shown_to
from tests.factories.orders import service_level
from tests.factories.shop import StaffFactory, VariantFactory
from tests.orders.test_changing import PAYS, stage
from tests.orders.test_checkout_page import Clock, clock, press  # noqa: F401
from tests.orders.test_drafting import DETAILS
from tests.orders.test_operations_fulfilment import handed_over
from tests.orders.test_redelivery import redeliver
from tests.orders.test_redelivery import stage as stage_delivery_of
from tests.owners import OwnersClient
from tests.pages import words

HOURS = [["08:00", "12:00", 0], ["18:00", "21:00", 200]]


@pytest.fixture
def client() -> Client:
    """The browser of whoever ordered."""
    return OwnersClient()


@pytest.fixture
def service(db: None) -> ServiceLevel:
    service_level()
    ServiceLevel.objects.filter(code="door-pt").update(hours=HOURS)
    return ServiceLevel.objects.get(code="door-pt")


def in_the_evening(now: datetime, **wanted: object) -> Order:
    """An order of one mug with two euros for the evening: 30.90."""
    cart, _token = filled_bag(at=now)
    request = replace(ANA, window="1800-2100", **wanted)  # type: ignore[arg-type]
    seen = shown_to(cart, request, at=now)
    shown = replace(seen, total_minor=seen.total_minor + 200)
    return place_order(key=uuid4(), cart_id=cart.pk, request=request, shown=shown, at=now)


def link(order: Order) -> str:
    return issue_link(order=order, at=datetime(2099, 1, 1, tzinfo=order.placed_at.tzinfo))


@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 20), st.sampled_from([0, 600, 2300])), min_size=1),
    st.integers(0, 5000),
    st.integers(0, 5000),
)
def test_the_fee_with_its_hours_is_shared_to_the_cent(rows: list[tuple[int, int, int]], fee: int, hours: int) -> None:
    found = totals(lines=[Priced(*row) for row in rows], delivery_minor=fee + hours)

    assert found.total_minor == sum(unit * pieces for unit, pieces, _rate in rows) + fee + hours
    assert sum(part for _rate, part, _tax in found.delivery_shares) == fee + hours


@pytest.mark.django_db
def test_they_are_offered_chosen_paid_for_and_kept(client: Client, clock: Clock, service: ServiceLevel) -> None:  # noqa: F811
    _cart, token = filled_bag(at=clock.now)
    client.cookies["bag"] = token
    page = client.get("/checkout/")
    said = words(page)

    assert "Thu 5 – Fri 6 March, between 08:00 and 12:00" in said
    assert "Thu 5 – Fri 6 March, between 18:00 and 21:00 €6.90" in said
    press(client, page, service="door-pt.1800-2100", home_part_of_day="morning")
    order = Order.objects.get()
    assert order.window == Window(time(18), time(21), 200)
    assert (order.delivery_minor, order.total_minor, order.home_part_of_day) == (690, 3090, "any")
    assert order.payment.captured_minor == 3090
    service.hours = []
    service.save()
    assert Order.objects.get().window == Window(time(18), time(21), 200)
    assert breaches() == []


@pytest.mark.django_db
def test_free_delivery_still_pays_for_its_hours(client: Client, clock: Clock, service: ServiceLevel) -> None:  # noqa: F811
    ServiceLevel.objects.update(free_from_minor=1000)
    _cart, token = filled_bag(at=clock.now)
    client.cookies["bag"] = token

    press(client, service="door-pt.1800-2100")

    assert (Order.objects.get().delivery_minor, Order.objects.get().total_minor) == (200, 2600)


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["door-pt.0900-1000", "door-pt.", "door-pt.x.y", "pickup.0800-1200"])
def test_hours_nobody_keeps_are_refused(client: Client, clock: Clock, service: ServiceLevel, typed: str) -> None:  # noqa: F811
    _cart, token = filled_bag(at=clock.now)
    client.cookies["bag"] = token

    answer = press(client, service=typed)

    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert "That delivery does not go to this country. Choose one of these." in words(answer)
    assert not Order.objects.exists()


@pytest.mark.django_db
def test_hours_that_went_or_cost_more_meanwhile_are_said_before_paying(now: datetime, service: ServiceLevel) -> None:
    ServiceLevel.objects.update(hours=[["18:00", "21:00", 300]])
    with pytest.raises(ChangedSinceShown) as changed:
        in_the_evening(now)
    ServiceLevel.objects.update(hours=[])
    with pytest.raises(NotServed):
        in_the_evening(now)

    assert changed.value.change.total_minor == (3090, 3190)
    assert not Order.objects.exists()


@pytest.mark.django_db
def test_a_service_without_hours_shows_none_and_hours_cost_no_query(client: Client, clock: Clock) -> None:  # noqa: F811
    _cart, token = filled_bag(at=clock.now)
    client.cookies["bag"] = token
    asked = []
    for hours in ([], HOURS):
        ServiceLevel.objects.update(hours=hours)
        client.get("/checkout/")
        with CaptureQueriesContext(connection) as queries:
            page = client.get("/checkout/")
        asked.append(len(queries))
        assert ("between" in words(page)) is bool(hours)

    assert asked[0] == asked[1]
    token = link(ordered(at=clock.now))
    for address in ("", "thanks/", "delivery/"):
        said = words(client.get(f"/orders/{token}/{address}"))
        assert "The courier comes" not in said
        assert ("between 08:00 and 12:00" in said) is (address == "delivery/")  # the service keeps hours now


@pytest.mark.django_db
def test_everybody_is_told(client: Client, now: datetime, service: ServiceLevel) -> None:
    order = in_the_evening(now, courier_note="Ring twice.")
    token, said = link(order), "The courier comes between 18:00 and 21:00, as you chose."

    assert said[:-1] in words(client.get(f"/orders/{token}/thanks/"))
    kept = client.get(f"/orders/{token}/arrival.ics").text.replace("\r\n ", "")
    assert "SUMMARY:Parcel from Hearth & Thread arrives between 18:00 and 21:00\r\n" in kept
    assert said in words(client.get(f"/orders/{token}/"))
    letter = render(order_placed.KIND, order_placed.context(order, now))
    assert (said in letter.text, said in letter.html) == (True, True)
    parcel = Parcel.objects.select_related("order__service__destination_calendar").get(order=order)
    note = "Deliver it between 18:00 and 21:00. Ring twice."
    assert label(parcel, total=1, promise=None)["note"] == note
    assert slip_words(order, [])["note"] == f"For the courier: {note}"
    gone = handed_over(order, now)
    letter = render(parcel_handed_over.KIND, parcel_handed_over.context(gone, now))
    assert (said in letter.text, said in letter.html) == (True, True)


@pytest.mark.django_db
def test_they_change_until_it_leaves_at_what_they_cost(now: datetime, service: ServiceLevel) -> None:
    order = in_the_evening(now)

    for key, window, total in (
        ("0800-1200", Window(time(8), time(12)), 2890),
        ("", None, 2890),
        ("1800-2100", Window(time(18), time(21), 200), 3090),
    ):
        redeliver(order, now, window=key)
        order.refresh_from_db()
        assert (order.window, order.total_minor) == (window, total)
    assert Event.objects.filter(name="orders.order.delivery-changed").count() == 3
    handed_over(order, now)
    with pytest.raises(NotChangeable) as left:
        stage_delivery_of(order, now, window="0800-1200")
    assert left.value.why == Why.LEFT
    assert breaches() == []


@pytest.mark.django_db
def test_nobody_gets_hours_that_cost_more_than_her_credit_pays(
    client: Client, now: datetime, service: ServiceLevel
) -> None:
    order = ordered(at=now)
    Payment.objects.filter(order=order).update(provider="store_credit")
    token = link(order)
    typed = {"street": "Rua das Flores 12", "postcode": "4050-262", "city": "Porto", "window": "1800-2100"}

    assert "between 18:00 and 21:00" not in words(client.get(f"/orders/{token}/delivery/"))
    assert client.post(f"/orders/{token}/delivery/", typed | {"action": "choose"}).status_code == 422
    with pytest.raises(NotChangeable) as no:
        stage_delivery_of(order, now, window="1800-2100")

    order.refresh_from_db()
    assert (no.value.why, order.window, order.street) == (Why.HOURS_PRICE, None, ANA.street)


@pytest.mark.django_db
def test_a_changed_order_keeps_paying_for_its_hours(now: datetime, service: ServiceLevel) -> None:
    """Three mugs cross the limit from which delivery is free: the fee goes, the hours stay."""
    ServiceLevel.objects.update(free_from_minor=6000)
    order = in_the_evening(now)
    mug = order.lines.get().variant

    change = stage(order, now, (mug, 3))
    plan = plan_change(Order.objects.get(pk=order.pk), wishes_of(change), at=now)
    assert plan.as_shown() == Shown(3 * 2400 + 200, plan.days[1])
    confirm_change(change_id=change.pk, order_id=order.pk, shown=plan.as_shown(), payment_token=PAYS, by=None, at=now)

    assert (Order.objects.get().delivery_minor, Order.objects.get().total_minor) == (200, 7400)
    assert breaches() == []


@pytest.mark.django_db
def test_half_a_window_is_none(now: datetime) -> None:
    order = ordered(at=now)
    for half in ({"window_from": time(8)}, {"window_to": time(8)}, {"window_from": time(9), "window_to": time(8)}):
        with pytest.raises(IntegrityError, match="order_window_is_one"), transaction.atomic():
            Order.objects.filter(pk=order.pk).update(**half)


@pytest.mark.django_db
def test_staff_type_them_a_line_each(client: Client, service: ServiceLevel) -> None:
    lead = StaffFactory()
    lead.user_permissions.set(Permission.objects.filter(codename__in=["view_servicelevel", "change_servicelevel"]))
    client.force_login(lead)
    address = f"/admin/orders/servicelevel/{service.pk}/change/"
    form = client.get(address).context["adminform"].form
    typed = {name: "" if value is None else value for name, value in form.initial.items()}
    assert typed["windows"] == "08:00-12:00\n18:00-21:00 200"

    refused = client.post(address, typed | {"windows": "12:00-08:00"})
    assert "“12:00-08:00” ends before it begins." in words(refused)
    service.refresh_from_db()
    assert service.hours == HOURS
    assert client.post(address, typed | {"windows": "9:00 - 11:30 150"}).status_code == 302
    service.refresh_from_db()
    assert service.hours == [["09:00", "11:30", 150]]


@pytest.mark.django_db
def test_hours_agreed_on_the_phone_stand_on_her_page(client: Client, clock: Clock, service: ServiceLevel) -> None:  # noqa: F811
    clerk, mug = StaffFactory(), VariantFactory(price_minor=2400, stock=5)
    clerk.user_permissions.set(Permission.objects.filter(codename__in=["view_orderdraft", "add_orderdraft"]))
    client.force_login(clerk)
    agreed = {"service": "door-pt.1800-2100", "sku_1": mug.sku, "pieces_1": 1, "discount": "0", "locale": "en"}

    assert "PT: To your door, between 18:00 and 21:00" in words(client.get("/admin/orders/orderdraft/add/"))
    client.post("/admin/orders/orderdraft/add/", DETAILS | agreed)

    draft = OrderDraft.objects.get()
    assert "€30.90" in words(client.get(f"/admin/orders/orderdraft/{draft.pk}/change/"))
    letter = render(draft_sent.KIND, draft_sent.context(draft, clock.now))
    said = "The courier comes between 18:00 and 21:00, as you chose."
    assert (said in letter.text, said in letter.html) == (True, True)
    client.logout()
    page = client.get(f"/drafts/{issue_draft_link(draft)}/")
    assert page.context["form"]["service"].value() == "door-pt.1800-2100"
    assert "Pay €30.90" in words(page)
