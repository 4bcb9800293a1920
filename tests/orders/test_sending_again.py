"""What came back to us is sent again: the same pieces, a new parcel, a new day, and nothing of the money moves."""

from __future__ import annotations

from datetime import datetime
from threading import Barrier

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from orders.models import DelayCase, Parcel, ParcelPlan
from orders.operations import coming_back
from orders.operations.access import issue_link
from orders.operations.coming_back import send_again, take_parcel_back
from orders.operations.deciding import keep_waiting
from orders.operations.delays import note_delay
from orders.operations.packing import pack_parcel
from orders.operations.readdressing import stage_delivery
from orders.operations.shipping import WordMissing, hand_over_parcel
from orders.queries.plans import committed
from orders.rules.redelivery import Delivery
from orders.rules.states import Impossible
from shop.models import Event, StockLevel
from shop.operations.stock import SoldOut
from shop.queries.audit import breaches
from tests.crowds import kinds, together
from tests.factories.bags import ordered
from tests.factories.shop import StaffFactory, VariantFactory
from tests.orders.test_coming_back import COD, DAY, in_two, scanned, sent, shelf
from tests.pages import words

pytestmark = pytest.mark.django_db


def again(parcel: Parcel, at: datetime) -> Parcel:
    return send_again(parcel_id=parcel.pk, by=StaffFactory(), at=at)


def delivered(parcel: Parcel, at: datetime) -> None:
    pack_parcel(parcel_id=parcel.pk, by=None, at=at)
    hand_over_parcel(parcel_id=parcel.pk, carrier="demo", tracking_number=f"HP-A-{parcel.pk}", by=StaffFactory(), at=at)
    scanned(parcel, "delivered", at + 2 * DAY)


@pytest.mark.parametrize("paying", [{}, COD])
def test_it_is_packed_again_told_with_its_day_and_arrives(now: datetime, paying: dict[str, str]) -> None:
    order = ordered((VariantFactory(stock=5), 2), at=now, **paying)
    first, line = sent(order, now), order.lines.get()
    scanned(first, "returned", now + 3 * DAY)
    came = now + 7 * DAY  # the promised day is over
    kept = order.payment.kept_minor

    second = again(first, came)

    order.refresh_from_db(), line.refresh_from_db(), first.refresh_from_db()
    assert (first.status, first.came_back_at, second.status, second.number) == ("cancelled", came, "planned", 2)
    assert (line.qty_handed_over, line.qty_cancelled, shelf(line)) == (0, 0, (5, 2, 0))
    assert (order.status, order.fulfilment_status, order.payment.kept_minor) == ("placed", "open", kept)
    told = committed(list(order.promises.order_by("version", "id")))
    assert (told.reason, told.deliver_by_on > came.date()) == (
        "Your parcel could not be delivered and came back to us. We send it to you again.", True,
    )  # fmt: skip
    assert DelayCase.objects.filter(order=order, settled_at=None).count() == 1
    assert {breach.code for breach in breaches()} <= {"O23", "N06"}  # nobody has sent the letter yet

    delivered(second, came + DAY)
    order.refresh_from_db(), line.refresh_from_db()
    assert (order.fulfilment_status, line.qty_delivered, shelf(line)) == ("delivered", 2, (3, 0, 0))


def test_her_page_and_the_packing_desk_show_the_new_parcel(now: datetime) -> None:
    order = ordered((VariantFactory(stock=5), 1), at=now)
    first = sent(order, now)
    person, client = StaffFactory(), Client()
    rights = ["view_order", "view_parcel", "take_parcel_back", "pack_parcel"]
    person.user_permissions.set(Permission.objects.filter(content_type__app_label="orders", codename__in=rights))
    client.force_login(person)
    desk = f"/admin/orders/order/{order.pk}/change/"
    assert "send it again" not in words(client.get(desk))
    scanned(first, "returned", now + 3 * DAY)
    assert "It came back: send it again" in words(client.get(desk))

    client.post(f"/admin/orders/parcel/{first.pk}/send-again/")
    assert "Parcel 2 is planned for what came back." in words(client.get(desk))
    client.post(f"/admin/orders/parcel/{first.pk}/send-again/")

    assert "no longer open here" in words(client.get(desk))
    assert Parcel.objects.filter(order=order).count() == 2
    page = words(Client().get(f"/orders/{issue_link(order=order, at=timezone.now())}/"))
    assert "We send it to you again." in page


def test_a_second_delay_waits_for_her_word_and_the_first_one_not(now: datetime) -> None:
    """Nobody sends a parcel a second time, late for the second time, to somebody who has said nothing."""
    order = ordered((VariantFactory(stock=5), 1), at=now)
    first = sent(order, now)
    scanned(first, "returned", now + DAY)
    note_delay(order_id=order.pk, at=now + DAY)
    assert DelayCase.objects.get().reason.startswith("Your parcel is on its way back to us")

    second = again(first, now + 20 * DAY)
    pack_parcel(parcel_id=second.pk, by=None, at=now + 20 * DAY)
    sending = {"carrier": "demo", "tracking_number": "HP-AGAIN", "by": StaffFactory(), "at": now + 20 * DAY}

    with pytest.raises(WordMissing):
        hand_over_parcel(parcel_id=second.pk, **sending)
    keep_waiting(order_id=order.pk, by=StaffFactory(), at=now + 20 * DAY)
    assert hand_over_parcel(parcel_id=second.pk, **sending).status == "handed_over"


def test_its_address_can_be_corrected_until_it_is_packed(now: datetime) -> None:
    order = ordered((VariantFactory(stock=5), 1), at=now)
    first = sent(order, now)
    place = Delivery("Rua Nova 3", "", "4050-262", "Porto", "", "")
    with pytest.raises(Exception, match="left"):
        stage_delivery(order_id=order.pk, delivery=place, by=None, at=now + DAY)

    again(first, now + 4 * DAY)
    change = stage_delivery(order_id=order.pk, delivery=place, by=None, at=now + 4 * DAY)

    assert change.state == "staged"


def test_of_two_parcels_the_one_that_came_back_goes_again(now: datetime) -> None:
    order, first, second = in_two(now)
    inside = sorted(first.lines.values_list("line_id", "quantity"))

    third = again(first, now + 4 * DAY)
    scanned(second, "delivered", now + 5 * DAY)
    delivered(third, now + 6 * DAY)

    order.refresh_from_db()
    assert sorted(third.lines.values_list("line_id", "quantity")) == inside
    assert (order.fulfilment_status, order.payment.granted_minor) == ("delivered", 0)


def test_a_parcel_on_days_of_its_own_keeps_a_plan(now: datetime) -> None:
    order = ordered((VariantFactory(stock=5), 1), at=now)
    first, promise = sent(order, now), order.promises.get()
    days = {name: getattr(promise, name) for name in ("deliver_from_on", "deliver_by_on", "starts_on", "pack_by_at")}
    ParcelPlan.objects.create(
        parcel=first, version=1, hand_over_by_at=promise.hand_over_by_at, breaks_at=promise.breaks_at,
        basis=promise.basis, made_at=now, **days,
    )  # fmt: skip

    second = again(first, now + 4 * DAY)

    assert ParcelPlan.objects.filter(parcel=first).count() == 1
    newest = ParcelPlan.objects.filter(parcel=second).latest("version")
    assert (newest.version, newest.deliver_by_on > promise.deliver_by_on) == (2, True)


def test_only_what_left_and_only_once_and_not_what_others_wait_for(now: datetime) -> None:
    order = ordered((VariantFactory(stock=5), 1), at=now)
    with pytest.raises(Impossible):
        again(order.parcels.get(), now)
    first = sent(order, now)
    StockLevel.objects.update(on_hand=0, allocated=3, oversell_limit=5, policy="backorder")
    with pytest.raises(SoldOut):
        again(first, now + DAY)
    StockLevel.objects.update(on_hand=4, allocated=0, oversell_limit=0, policy="deny")
    again(first, now + DAY)
    with pytest.raises(Impossible):
        again(first, now + DAY)
    with pytest.raises(Impossible):
        take_parcel_back(parcel_id=first.pk, disposition="restock", by=StaffFactory(), at=now + DAY)

    assert Event.objects.filter(name="orders.parcel.sent-again").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("locked", [True, False])
def test_two_who_send_it_again_make_one_parcel(now: datetime, locked: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    order = ordered((VariantFactory(stock=9), 1), at=now)
    first, people, gate = sent(order, now), [StaffFactory(), StaffFactory()], Barrier(2)

    def look_together(pk: int) -> Parcel:
        """Both have looked before either writes: what the lock is there against."""
        found = Parcel.objects.select_related("order__customer").get(pk=pk)
        gate.wait()
        return found

    if not locked:
        monkeypatch.setattr(coming_back, "lock_parcel", look_together)
    results = together(*[lambda by=by: send_again(parcel_id=first.pk, by=by, at=now + DAY) for by in people])

    assert (kinds(results) == [Impossible.__name__, Parcel.__name__]) is locked
    if locked:
        assert (Parcel.objects.count(), shelf(order.lines.get())) == (2, (9, 1, 0))
