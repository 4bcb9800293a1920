"""Address and hours changed after the order: staged, shown with day and sums, done as it was shown, to the cent."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from orders.gateways.payments.test_card import PAYS
from orders.models import Document, Order, OrderChange, Payment, Promise, RefundGrant, ServiceLevel
from orders.operations.access import issue_link
from orders.operations.cancelling import cancel_order
from orders.operations.changing import confirm_change, finish_changes, leave_as_it_was, offer_change
from orders.operations.documents import issue_what_is_due
from orders.operations.paying_out import execute_refunds
from orders.operations.placing import place_order
from orders.operations.preparing import ChangedSinceShown
from orders.operations.readdressing import stage_delivery
from orders.operations.refunding import grant_refund
from orders.operations.telling import tell_of_incidents
from orders.queries.redelivery import planned
from orders.rules.changing import NotChangeable, Why
from orders.rules.hours import Window
from orders.rules.redelivery import Delivery, MoneyMoves, hours_to_choose
from shop.models import Event
from shop.queries.audit import breaches
from tests.conftest import NOW
from tests.factories.bags import ANA, filled_bag, ordered, shown_to
from tests.factories.incidents import declared
from tests.factories.orders import service_level
from tests.factories.shop import StaffFactory, VariantFactory
from tests.orders.test_changing import sizes, sums
from tests.orders.test_changing import stage as stage_pieces
from tests.orders.test_checkout_page import Clock, clock  # noqa: F401
from tests.orders.test_operations_fulfilment import handed_over
from tests.owners import OwnersClient, know
from tests.pages import words

HOURS = [["08:00", "12:00", 0], ["18:00", "21:00", 200], ["21:00", "22:00", 350]]
PLACE = Delivery("Rua das Flores 12", "", "4050-262", "Porto", "", "")
TYPED = {"street": "Rua das Flores 12", "postcode": "4050-262", "city": "Porto", "action": "choose"}
EVENING, NIGHT, MORNING, ANY = "1800-2100", "2100-2200", "0800-1200", ""


@pytest.fixture
def client() -> Client:
    """The browser of whoever ordered."""
    return OwnersClient()


@pytest.fixture
def service(db: None) -> ServiceLevel:
    return with_hours()


def with_hours() -> ServiceLevel:
    """The ordinary service, which keeps three windows."""
    service_level()
    ServiceLevel.objects.filter(code="door-pt").update(hours=HOURS)
    return ServiceLevel.objects.get(code="door-pt")


def at_hours(now: datetime, key: str = EVENING, **wanted: Any) -> Order:
    """An order of one mug (24.00 and 4.90) brought in these hours."""
    cart, _token = filled_bag(at=now)
    request = replace(ANA, window=key, **wanted)
    seen, window = shown_to(cart, request, at=now), ServiceLevel.objects.get(code="door-pt").window(key)
    shown = replace(seen, total_minor=seen.total_minor + (window.price_minor if window else 0))
    return place_order(key=uuid4(), cart_id=cart.pk, request=request, shown=shown, at=now)


def stage(order: Order, now: datetime, **changes: Any) -> OrderChange:
    return stage_delivery(order_id=order.pk, delivery=replace(PLACE, **changes), by=None, at=now)


def confirm(change: OrderChange, now: datetime, token: str = PAYS) -> OrderChange:
    order = Order.objects.select_related("service").get(pk=change.order_id)
    shown = planned(order, change, at=now).as_shown()
    ids = {"change_id": change.pk, "order_id": order.pk}
    return confirm_change(**ids, shown=shown, payment_token=token, by=None, at=now)


def redeliver(order: Order, now: datetime, **changes: Any) -> OrderChange:
    """Change where or when it comes, as she does: choose, look, say yes."""
    return confirm(stage(order, now, **changes), now)


def refused(order: Order, now: datetime, **changes: Any) -> Why:
    before = OrderChange.objects.count()
    with pytest.raises(NotChangeable) as no:
        stage(order, now, **changes)
    assert OrderChange.objects.count() == before
    return no.value.why


# -- Rules ------------------------------------------------------------------------------------------------------------


def test_hours_are_offered_as_far_as_money_can_move() -> None:
    morning, evening = Window(time(8), time(12)), Window(time(18), time(21), 200)
    known = {"offered": (morning, evening), "mine": evening, "agreed_minor": 200}

    assert hours_to_choose(**known, moves=MoneyMoves()) == (morning, evening)  # type: ignore[arg-type]
    assert hours_to_choose(**known, moves=MoneyMoves(down=False)) == (evening,)  # type: ignore[arg-type]
    assert hours_to_choose((evening,), mine=None, agreed_minor=0, moves=MoneyMoves(up=False)) == ()
    assert hours_to_choose((), mine=evening, agreed_minor=200, moves=MoneyMoves()) == (evening,)


def test_a_delivery_survives_being_kept_as_json() -> None:
    wanted = replace(PLACE, home_weekdays=(1, 3), window=EVENING, region="VA")

    assert Delivery.of_kept(wanted.as_kept()) == wanted


# -- Money ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_cheaper_hours_give_the_difference_back_and_the_invoice_is_written_anew(
    now: datetime, service: ServiceLevel
) -> None:
    order = at_hours(now)
    issue_what_is_due(order_id=order.pk, at=now)

    change = redeliver(order, now, window=MORNING)
    execute_refunds(now)

    order.refresh_from_db()
    assert (order.window, order.delivery_minor, order.tax_minor) == (Window(time(8), time(12)), 490, 541)
    assert (change.state, change.delivery, sums(order)) == ("applied", {}, (2890, 2890, 3090, 200))
    grant = RefundGrant.objects.get()
    assert (grant.amount_minor, grant.origin, grant.state) == (200, f"orders.change:{change.pk}", "sent")
    papers = Document.objects.order_by("id").values_list("kind", "total_minor")
    assert list(papers) == [("invoice", 3090), ("credit_note", 3090), ("invoice", 2890)]
    assert Payment.objects.get().refunded_minor == 200
    assert breaches() == []


@pytest.mark.django_db
def test_dearer_hours_are_paid_before_they_are_hers(now: datetime, service: ServiceLevel) -> None:
    order = at_hours(now)
    change = stage(order, now, window=NIGHT)
    assert (sums(order), Order.objects.get().window_minor) == ((3090, 3090, 3090, 0), 200)

    assert confirm(change, now, token="test:answers-late").state == "paying"
    assert Order.objects.get().window_minor == 200
    with pytest.raises(NotChangeable) as no:
        stage(order, now, window=ANY)
    assert no.value.why == Why.BEING_PAID
    OrderChange.objects.update(due_at=now)
    finish_changes(now)

    order.refresh_from_db()
    assert (order.window, sums(order)) == (Window(time(21), time(22), 350), (3240, 3240, 3240, 0))
    assert breaches() == []


@pytest.mark.django_db
def test_money_for_hours_that_came_too_late_goes_back(now: datetime, service: ServiceLevel) -> None:
    order = at_hours(now)
    change = confirm(stage(order, now, window=NIGHT), now, token="test:answers-late")
    handed_over(order, now)

    OrderChange.objects.update(due_at=now)
    finish_changes(now)
    execute_refunds(now)

    change.refresh_from_db()
    assert (change.state, change.delivery, Order.objects.get().window_minor) == ("refused", {}, 200)
    assert (Payment.objects.get().refunded_minor, sums(order)[0]) == (150, 3090)
    assert [breach for breach in breaches() if breach.code != "O23"] == []


@pytest.mark.django_db
def test_what_the_money_cannot_do_is_refused(now: datetime, service: ServiceLevel) -> None:
    transfer = at_hours(now, provider="bank_transfer", payment_token="")
    assert refused(transfer, now, window="0000-0100") == Why.NO_HOURS
    Payment.objects.filter(order=transfer).update(captured_minor=3090)
    assert refused(transfer, now, window=NIGHT) == Why.HOURS_PRICE
    assert stage(transfer, now, window=MORNING).state == "staged"

    part_back = at_hours(now)
    grant_refund(order_id=part_back.pk, amount_minor=100, reason="x", origin="t", by=None, at=now)
    assert refused(part_back, now, window=MORNING) == Why.HOURS_PRICE
    assert refused(part_back, now, window=NIGHT) == Why.HOURS_PRICE
    redeliver(part_back, now, street="Rua Nova 3", window=EVENING)
    assert Order.objects.get(pk=part_back.pk).street == "Rua Nova 3"


class Sums(TestCase):
    """Whatever hours she takes one after the other, what was paid less what goes back is what the order costs."""

    @settings(max_examples=12)
    @given(st.lists(st.sampled_from([ANY, MORNING, EVENING, NIGHT, "larger", "smaller"]), min_size=1, max_size=5))
    def test_every_way_sums_exactly_to_what_was_paid(self, steps: list[str]) -> None:
        with_hours()
        small, large = sizes(1000, 1333)
        cart, _token = filled_bag((small, 1), at=NOW)
        order = place_order(key=uuid4(), cart_id=cart.pk, request=ANA, shown=shown_to(cart, ANA, at=NOW), at=NOW)
        for step in steps:
            with suppress(NotChangeable):  # the same again is none
                if step in {"larger", "smaller"}:
                    confirm(stage_pieces(order, NOW, (large if step == "larger" else small, 1)), NOW)
                else:
                    confirm(stage(order, NOW, window=step), NOW)
            total, due, received, granted = sums(order)
            assert total == due == received - granted
        order = Order.objects.get(pk=order.pk)
        lines = sum(line.tax_minor for line in order.lines.all())
        assert order.tax_minor == lines + sum(tax for _rate, _fee, tax in order.delivery_shares)
        assert order.delivery_minor == sum(fee for _rate, fee, _tax in order.delivery_shares)
        cancel_order(order_id=order.pk, by=None, at=NOW)
        execute_refunds(NOW)
        payment = Payment.objects.get(order=order)
        assert payment.captured_minor == payment.refunded_minor == payment.granted_minor
        assert breaches() == []


# -- What was shown is what is done -----------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("guarded", [True, False])
def test_hours_that_became_dearer_are_shown_again(
    now: datetime, service: ServiceLevel, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """The control: without the comparison she pays what she has not seen."""
    order = at_hours(now)
    change = stage(order, now, window=NIGHT)
    saw = planned(Order.objects.get(), change, at=now).as_shown()
    ServiceLevel.objects.update(hours=[["21:00", "22:00", 500]])
    ids = {"change_id": change.pk, "order_id": order.pk, "by": None, "at": now}
    if not guarded:
        monkeypatch.setattr("orders.operations.changing.compare", lambda **_both: None)
        confirm_change(shown=saw, payment_token=PAYS, **ids)
        assert sums(order)[2] == 3390
        return

    with pytest.raises(ChangedSinceShown) as differs:
        confirm_change(shown=saw, payment_token=PAYS, **ids)

    assert differs.value.change.total_minor == (3240, 3390)
    assert (sums(order), OrderChange.objects.get().state) == ((3090, 3090, 3090, 0), "staged")
    ServiceLevel.objects.update(hours=[])
    with pytest.raises(NotChangeable) as gone:
        confirm_change(shown=saw, payment_token=PAYS, **ids)
    assert gone.value.why == Why.NO_HOURS


@pytest.mark.django_db
def test_days_that_moved_meanwhile_are_shown_again(now: datetime, service: ServiceLevel) -> None:
    order = ordered(at=now)  # Thursday to Friday
    change = stage(order, now, home_weekdays=(4,))
    saw = planned(Order.objects.get(), change, at=now).as_shown()
    first = Promise.objects.get()
    Promise.objects.create(
        order=order, version=2, source=Promise.Source.INCIDENT, deliver_from_on=date(2026, 3, 10),
        deliver_by_on=date(2026, 3, 14), starts_on=first.starts_on, pack_by_at=first.pack_by_at,
        hand_over_by_at=first.hand_over_by_at, breaks_at=first.breaks_at, basis=first.basis, made_at=now,
    )  # fmt: skip

    with pytest.raises(ChangedSinceShown) as differs:
        confirm_change(change_id=change.pk, order_id=order.pk, shown=saw, by=None, at=now)

    assert differs.value.change.deliver_by_on == (date(2026, 3, 6), date(2026, 3, 13))
    assert Order.objects.get().home_weekdays == []


@pytest.mark.django_db
def test_a_new_place_in_a_crisis_comes_later_and_is_told_of_it_once(now: datetime, service: ServiceLevel) -> None:
    order = ordered(at=now)
    declared(at=now, postcodes=["80"], extra_days=3)
    change = stage(order, now, street="Rua da Praia 1", postcode="8000-100", city="Faro")
    plan = planned(Order.objects.get(), change, at=now)
    assert plan.days == (date(2026, 3, 9), date(2026, 3, 10))

    confirm(change, now)

    promise = Promise.objects.get(version=2)
    assert (promise.source, promise.deliver_by_on) == ("customer", date(2026, 3, 10))
    assert promise.basis["crises"] == {str(plan.said.crises[0].id): 3}  # type: ignore[union-attr]
    while tell_of_incidents(now):
        pass
    assert Promise.objects.count() == 2
    assert not Event.objects.filter(name="orders.order.incident-told").exists()
    redeliver(order, now, street="Rua da Praia 2", postcode="8000-100", city="Faro")
    assert Promise.objects.count() == 2


# -- Staged, left, forgotten ------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_one_change_at_a_time_and_none_keeps_the_place(now: datetime, service: ServiceLevel) -> None:
    small, large = sizes(1000, 1300)
    order = ordered((small, 1), at=now)
    first = stage_pieces(order, now, (large, 1))
    second = stage(order, now, street="Rua Nova 3")

    first.refresh_from_db()
    assert (first.state, first.delivery) == ("withdrawn", None)
    assert second.delivery is not None
    left = leave_as_it_was(change_id=second.pk, order_id=order.pk, at=now)
    assert (left.state, left.delivery, Order.objects.get().street) == ("withdrawn", {}, ANA.street)
    third = stage(order, now, street="Rua Nova 3")
    assert confirm(third, now).delivery == {}
    with pytest.raises(IntegrityError, match="order_change_keeps_no_place"), transaction.atomic():
        OrderChange.objects.filter(pk=third.pk).update(delivery={"street": "x"})
    told = Event.objects.get(name="orders.order.delivery-changed").payload
    assert told == {"order_id": order.pk, "change_id": third.pk, "fields": ["street"]}


@pytest.mark.django_db
def test_nothing_changes_once_it_left_or_when_nothing_is_different(now: datetime, service: ServiceLevel) -> None:
    order = ordered(at=now)
    assert refused(order, now) == Why.SAME
    change = stage(order, now, street="Rua Nova 3")
    handed_over(order, now)

    assert refused(order, now, street="Rua Nova 4") == Why.LEFT
    with pytest.raises(NotChangeable) as no:
        confirm_change(
            change_id=change.pk,
            order_id=order.pk,
            shown=None,
            by=None,
            at=now,  # type: ignore[arg-type]
        )
    assert (no.value.why, Order.objects.get().street) == (Why.LEFT, ANA.street)


# -- Her page and the desk --------------------------------------------------------------------------------------------


def hidden(page: Any) -> dict[str, str]:
    found = re.findall(r'type="hidden" name="(change|total|by_on)" value="([^"]*)"', page.content.decode())
    return dict(found)


def page_of(order: Order) -> str:
    return f"/orders/{issue_link(order=order, at=timezone.now())}/delivery/"


@pytest.mark.django_db
def test_she_sees_what_changes_before_it_does(client: Client, clock: Clock, service: ServiceLevel) -> None:  # noqa: F811
    order = at_hours(clock.now)
    page = page_of(order)
    asks = words(client.get(page))
    assert "between 21:00 and 22:00, €1.50 more" in asks
    assert "any time, €2.00 less" in asks

    shown = client.post(page, TYPED | {"street": "Rua Nova 3", "window": MORNING, "home_weekdays": ["4"]}, follow=True)
    said = words(shown)

    assert "Rua das Flores 12, 4050-262 Porto Rua Nova 3, 4050-262 Porto" in said
    assert "between 18:00 and 21:00 between 08:00 and 12:00" in said
    assert "It arrives Friday 6 March instead of Thu 5 – Fri 6 March." in said
    assert "Delivery €4.90 Total so far €30.90 New total €28.90 VAT in it €5.41" in said
    assert "You get €2.00 back, the way you paid." in said
    assert Order.objects.get().street == ANA.street
    done = client.post(page, hidden(shown) | {"action": "confirm"}, follow=True)
    assert "It is changed." in words(done)
    order.refresh_from_db()
    assert (order.street, order.window, order.home_weekdays) == ("Rua Nova 3", Window(time(8), time(12)), [4])
    assert breaches() == []


@pytest.mark.django_db
def test_a_day_nobody_is_at_home_is_shown_and_leaving_it_changes_nothing(
    client: Client,
    clock: Clock,  # noqa: F811
    service: ServiceLevel,
) -> None:
    order = ordered(at=clock.now)
    page = page_of(order)

    shown = client.post(page, TYPED | {"home_weekdays": ["0"]}, follow=True)

    assert "On the promised days, Thu 5 – Fri 6 March, nobody is at home then: it arrives Monday 9 March." in words(
        shown
    )
    left = client.post(page, hidden(shown) | {"action": "leave"}, follow=True)
    assert "Your order stays as it was." in words(left)
    assert (Promise.objects.count(), Order.objects.get().home_weekdays) == (1, [])


@pytest.mark.django_db
def test_both_values_are_said_when_the_hours_cost_something_else_now(
    client: Client, now: datetime, service: ServiceLevel
) -> None:
    order = at_hours(now)
    page = page_of(order)
    shown = client.post(page, TYPED | {"window": NIGHT}, follow=True)
    assert "You pay €1.50 more, by card." in words(shown)
    ServiceLevel.objects.update(hours=[["21:00", "22:00", 500]])

    again = client.post(page, hidden(shown) | {"action": "confirm", "card_number": "4242424242424242"})

    assert again.status_code == 409
    assert "The new total was €32.40 and is now €33.90." in words(again)
    done = client.post(page, hidden(again) | {"action": "confirm", "card_number": "4242424242424242"}, follow=True)
    assert "It is changed." in words(done)
    assert sums(order) == (3390, 3390, 3390, 0)


@pytest.mark.django_db
def test_staff_change_it_for_her_and_send_the_link_for_what_costs_more(
    client: Client, now: datetime, service: ServiceLevel
) -> None:
    order, clerk = at_hours(now), StaffFactory()
    clerk.user_permissions.set(Permission.objects.filter(codename__in=["view_order", "change_pieces"]))
    desk = Client()
    desk.force_login(clerk)
    url = f"/admin/orders/order/{order.pk}/delivery/"
    assert url in desk.get(f"/admin/orders/order/{order.pk}/change/").content.decode()

    desk.post(url, TYPED | {"street": "Rua Nova 3", "window": MORNING})
    shown = desk.get(url)
    assert "You get €2.00 back" in words(shown)
    assert desk.post(url, hidden(shown) | {"action": "confirm"}).status_code == 303
    assert (Order.objects.get().street, sums(order)) == ("Rua Nova 3", (2890, 2890, 3090, 200))
    assert Event.objects.get(name="orders.order.delivery-changed").actor == clerk

    desk.post(url, TYPED | {"street": "Rua Nova 3", "window": NIGHT})
    assert "Send her the link to pay" in words(desk.get(url))
    desk.post(url, {"action": "offer"})
    change = OrderChange.objects.get(state="staged")
    offer_change(change_id=change.pk, order_id=order.pk, by=clerk, at=now)
    hers = page_of(order)
    offered = client.get(hers)
    assert "You pay €3.50 more, by card." in words(offered)
    client.post(hers, hidden(offered) | {"action": "confirm", "card_number": "4242424242424242"})
    assert sums(order) == (3240, 3240, 3440, 200)
    assert breaches() == []


@pytest.mark.django_db
def test_the_page_costs_the_same_for_an_order_of_three_lines(
    now: datetime, service: ServiceLevel, django_assert_num_queries: Any
) -> None:
    for count in (1, 3):
        order = ordered(*((VariantFactory(), 1) for _ in range(count)), at=now)
        page = page_of(order)
        browser = know(Client(), order)
        with django_assert_num_queries(5):
            browser.get(page)
