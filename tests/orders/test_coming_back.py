"""A parcel that could not be delivered comes back to us: its pieces, its money, its order, and what she is told."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Barrier

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from notifications.messages.order_cancelled import context, find
from orders.models import Document, Order, OrderLine, Parcel, RefundGrant
from orders.operations import coming_back
from orders.operations.access import issue_link
from orders.operations.coming_back import OthersNotPaid, take_parcel_back
from orders.operations.delays import note_delay
from orders.operations.documents import issue_what_is_due
from orders.operations.packing import pack_parcel
from orders.operations.paying_out import execute_refunds
from orders.operations.shipping import hand_over_parcel
from orders.operations.splitting import split_parcel
from orders.operations.tracking import apply_tracking
from orders.queries.attention import count_came_back
from orders.queries.delays import open_delay
from orders.queries.personal import holds
from orders.rules.parcels import nothing_reaches_her
from orders.rules.states import Impossible
from shop.models import Event, StockLevel, StockMovement
from shop.personal import Person
from shop.queries.audit import breaches
from tests.breaches import sql, without_triggers
from tests.crowds import kinds, together
from tests.factories.bags import for_everybody, ordered
from tests.factories.shop import StaffFactory, VariantFactory
from tests.orders.test_operations_delays import late_parcel

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ONE_IS_LOST = "UPDATE shop_stockmovement SET on_hand_delta = 1 WHERE kind = 'returned'"
OPEN_AGAIN = "UPDATE orders_order SET status = 'placed'"
COD = {"provider": "cash_on_delivery", "payment_token": ""}
ANA = Person(addresses=frozenset({"ana@example.com"}), user_id=None)


def sent(order: Order, at: datetime, number: int = 1) -> Parcel:
    """Pack a parcel of an order and hand it over."""
    parcel = order.parcels.get(number=number)
    pack_parcel(parcel_id=parcel.pk, by=None, at=at)
    return hand_over_parcel(
        parcel_id=parcel.pk, carrier="demo", tracking_number=f"HP-{order.pk}-{number}", by=StaffFactory(), at=at
    )


def scanned(parcel: Parcel, status: str, at: datetime) -> None:
    apply_tracking(
        parcel_id=parcel.pk, provider="demo", status=status, external_id=f"{status}-{parcel.pk}", occurred_at=at, at=at
    )


def taken_back(parcel: Parcel, at: datetime, disposition: str = "restock") -> Parcel:
    return take_parcel_back(parcel_id=parcel.pk, disposition=disposition, by=StaffFactory(), at=at)


def shelf(line: OrderLine) -> tuple[int, int, int]:
    level = StockLevel.objects.get(variant=line.variant_id)
    return level.on_hand, level.allocated, level.quarantine


def papers(order: Order) -> list[tuple[str, int]]:
    return list(Document.objects.filter(order=order).order_by("id").values_list("kind", "total_minor"))


def given_back(order: Order) -> list[tuple[str, int]]:
    grants = RefundGrant.objects.filter(payment__order=order).order_by("id")
    return list(grants.values_list("origin", "amount_minor"))


def test_an_order_is_over_when_nothing_else_of_it_is_left() -> None:
    assert nothing_reaches_her([])
    assert nothing_reaches_her(["cancelled"])
    for status in ("planned", "packed", "handed_over", "delivered"):
        assert not nothing_reaches_her(["cancelled", status])


def test_an_unpaid_parcel_that_is_refused_ends_its_order_and_its_invoice(now: datetime) -> None:
    order = ordered((VariantFactory(stock=5), 2), at=now, **COD)
    parcel, line = sent(order, now), order.lines.get()
    issue_what_is_due(order_id=order.pk, at=now)
    scanned(parcel, "returned", now + 3 * DAY)
    before = (shelf(line), count_came_back(now), list(holds(ANA)))

    taken_back(parcel, now + 4 * DAY)

    order.refresh_from_db(), line.refresh_from_db(), parcel.refresh_from_db()
    assert before == ((3, 0, 0), 1, [f"Order {order.number} has not arrived yet."])
    assert (order.status, order.cancelled_at, parcel.status, parcel.came_back_at) == (
        "cancelled", now + 4 * DAY, "cancelled", now + 4 * DAY,
    )  # fmt: skip
    assert (line.qty_handed_over, line.qty_cancelled, shelf(line)) == (0, 2, (5, 0, 0))
    assert papers(order) == [("invoice", 5290), ("credit_note", 5290)]
    assert (given_back(order), issue_what_is_due(order_id=order.pk, at=now + 5 * DAY)) == ([], [])
    assert (count_came_back(now), list(holds(ANA))) == (0, [])
    assert breaches() == []


def test_a_paid_parcel_that_could_not_be_delivered_gives_everything_back(now: datetime) -> None:
    order = ordered((VariantFactory(stock=5), 1), at=now)
    parcel, line = sent(order, now), order.lines.get()
    issue_what_is_due(order_id=order.pk, at=now)

    taken_back(parcel, now + 4 * DAY, "quarantine")
    issue_what_is_due(order_id=order.pk, at=now + 4 * DAY)
    while_it_is_sent = list(holds(ANA))
    execute_refunds(now + 4 * DAY)

    order.refresh_from_db()
    assert (order.status, order.payment_status, shelf(line)) == ("cancelled", "refunded", (4, 0, 1))
    assert given_back(order) == [(f"orders.cancel:{order.pk}", 2890)]
    assert papers(order) == [("invoice", 2890), ("credit_note", 2890)]
    assert while_it_is_sent == [f"Money for order {order.number} is on its way back to you."]
    assert list(holds(ANA)) == []
    assert breaches() == []


def test_a_free_gift_inside_comes_back_with_it(now: datetime) -> None:
    for_everybody(kind="gift", amount_minor=None, gift=VariantFactory(stock=5), name="A towel with it")
    order = ordered((VariantFactory(stock=5), 1), at=now)
    parcel = sent(order, now)

    taken_back(parcel, now + 4 * DAY)

    assert [shelf(line) for line in order.lines.order_by("id")] == [(5, 0, 0), (5, 0, 0)]
    assert given_back(order) == [(f"orders.cancel:{order.pk}", order.total_minor)]
    assert breaches() == []


def in_two(at: datetime, **paying: str) -> tuple[Order, Parcel, Parcel]:
    """Two mugs at 24.00 in two parcels, both handed over."""
    order = ordered((VariantFactory(stock=5), 2), at=at, **paying)
    split_parcel(parcel_id=order.parcels.get().pk, first={order.lines.get().pk: 1}, by=StaffFactory(), at=at)
    return order, sent(order, at, 1), sent(order, at, 2)


def test_of_two_parcels_only_the_one_that_came_back_is_paid_back(now: datetime) -> None:
    order, first, second = in_two(now)
    line = order.lines.get()

    taken_back(first, now + 4 * DAY)
    scanned(second, "delivered", now + 5 * DAY)

    order.refresh_from_db(), line.refresh_from_db()
    assert (order.status, order.fulfilment_status, order.delivered_at) == ("placed", "delivered", now + 5 * DAY)
    assert (line.qty_handed_over, line.qty_delivered, line.qty_cancelled, shelf(line)) == (1, 1, 1, (4, 0, 0))
    assert given_back(order) == [(f"orders.came-back:{first.pk}", 2400)]
    execute_refunds(now + 5 * DAY)
    assert list(holds(ANA)) == []
    assert breaches() == []


def test_the_second_of_two_that_comes_back_gives_the_fee_back_too(now: datetime) -> None:
    order, first, second = in_two(now)

    taken_back(first, now + 4 * DAY)
    taken_back(second, now + 5 * DAY)

    order.refresh_from_db()
    assert order.status == "cancelled"
    assert given_back(order) == [(f"orders.came-back:{first.pk}", 2400), (f"orders.cancel:{order.pk}", 2890)]
    assert breaches() == []


def test_of_two_unpaid_parcels_none_is_taken_back_alone(now: datetime) -> None:
    order, first, _second = in_two(now, **COD)

    with pytest.raises(OthersNotPaid):
        taken_back(first, now + 4 * DAY)

    first.refresh_from_db()
    assert (first.status, shelf(order.lines.get())) == ("handed_over", (3, 0, 0))


def test_only_what_is_on_its_way_comes_back_and_only_once(now: datetime) -> None:
    order = ordered((VariantFactory(stock=5), 1), at=now)
    parcel = order.parcels.get()
    with pytest.raises(Impossible):
        taken_back(parcel, now)
    parcel = sent(order, now)
    with pytest.raises(ValueError, match="nowhere"):
        taken_back(parcel, now, "nowhere")
    taken_back(parcel, now + DAY)
    with pytest.raises(Impossible):
        taken_back(parcel, now + DAY)

    assert shelf(order.lines.get()) == (5, 0, 0)
    assert Event.objects.filter(name="orders.parcel.came-back").count() == 1


def test_what_arrived_is_a_return_and_is_not_taken_back(now: datetime) -> None:
    order = ordered((VariantFactory(stock=5), 1), at=now)
    parcel = sent(order, now)
    scanned(parcel, "delivered", now + DAY)

    with pytest.raises(Impossible):
        taken_back(parcel, now + 2 * DAY)


def test_a_scan_that_comes_late_changes_nothing_any_more(now: datetime) -> None:
    order = ordered((VariantFactory(stock=5), 1), at=now, **COD)
    parcel = sent(order, now)
    taken_back(parcel, now + 4 * DAY)

    scanned(parcel, "delivered", now + 5 * DAY)

    parcel.refresh_from_db()
    assert (parcel.status, parcel.delivered_at, order.lines.get().qty_delivered) == ("cancelled", None, 0)


@pytest.mark.parametrize(
    ("paying", "money"),
    [
        ({}, "Everything you paid goes back to you, the delivery fee too."),
        (COD, "You have paid nothing, and need not pay."),
    ],
)
def test_her_page_says_what_happened(now: datetime, client: Client, paying: dict[str, str], money: str) -> None:
    order = ordered((VariantFactory(stock=5), 1), at=now, **paying)
    taken_back(sent(order, now), now + 4 * DAY)

    page = client.get(reverse("orders:track", args=[issue_link(order=order, at=timezone.now())])).content.decode()

    assert page.count("Your parcel came back to us, so the order is closed.") >= 1
    assert money in page
    assert "Nothing more will be sent." not in page


def test_nobody_is_asked_about_a_day_any_more(now: datetime) -> None:
    order, parcel = late_parcel(now)
    note_delay(order_id=order.pk, at=now + 2 * DAY)
    asked = open_delay(order.pk) is not None

    taken_back(parcel, now + 4 * DAY)

    assert (asked, open_delay(order.pk)) == (True, None)


def test_her_letter_says_that_it_came_back_and_what_becomes_of_the_money(now: datetime) -> None:
    order = ordered((VariantFactory(stock=5), 1), at=now)
    taken_back(sent(order, now), now + 4 * DAY)

    told = context(find(Event.objects.get(name="orders.order.cancelled")), now + 4 * DAY)

    assert (told.came_back, told.by_customer, told.unpaid, told.money_back) == (True, False, False, "€28.90")


@pytest.mark.parametrize(
    "broken", ["UPDATE shop_stockmovement SET on_hand_delta = 1 WHERE kind = 'returned'", OPEN_AGAIN]
)
def test_the_audit_finds_what_came_back_and_was_not_put_away(now: datetime, broken: str) -> None:
    order = ordered((VariantFactory(stock=5), 2), at=now, **COD)
    taken_back(sent(order, now), now + DAY)
    assert breaches(("M12",)) == []

    without_triggers("shop_stockmovement")
    sql(broken)

    assert [breach.code for breach in breaches(("M12",))] == ["M12"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("locked", [True, False])
def test_two_people_take_it_back_and_it_happens_once(
    now: datetime, locked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = ordered((VariantFactory(stock=5), 1), at=now)
    parcel, people, gate = sent(order, now), [StaffFactory(), StaffFactory()], Barrier(2)

    def look_together(pk: int) -> Parcel:
        """Both have looked before either writes: what the lock is there against."""
        found = Parcel.objects.select_related("order").get(pk=pk)
        gate.wait()
        return found

    if not locked:
        monkeypatch.setattr(coming_back, "lock_parcel", look_together)

    results = together(
        *[
            lambda by=by: take_parcel_back(parcel_id=parcel.pk, disposition="restock", by=by, at=now + DAY)
            for by in people
        ]
    )

    assert (kinds(results) == [Impossible.__name__, Parcel.__name__]) is locked
    if locked:
        assert Event.objects.filter(name="orders.parcel.came-back").count() == 1
        assert StockMovement.objects.filter(kind="returned").count() == 1
        assert shelf(order.lines.get()) == (5, 0, 0)
        assert given_back(order) == [(f"orders.cancel:{order.pk}", 2890)]
        assert breaches() == []
