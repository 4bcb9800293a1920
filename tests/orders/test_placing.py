"""Placement: one order per submission, nothing half-done, and every crash is finished or let go."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from orders.models import (
    CartLine,
    Order,
    OrderLine,
    Parcel,
    PaymentEvent,
    Promise,
    Submission,
    TaxRate,
    TestCardEntry,
)
from orders.operations import finishing, placing
from orders.operations.finishing import PaymentDeclined, finish_placements
from orders.operations.placing import SubmissionReused, place_order
from orders.operations.preparing import BagEmpty, BagSpent, ChangedSinceShown
from orders.queries.offers import NotServed
from orders.rules.checkout import CheckoutRequest
from orders.rules.guard import Shown
from orders.rules.promise import NobodyHome
from shop.models import (
    BusinessCalendar,
    CalendarException,
    Event,
    MeasurementDefinition,
    StockLevel,
    Variant,
    VariantMeasurement,
)
from shop.operations.stock import SoldOut
from shop.queries.audit import breaches
from tests.factories.bags import ANA, filled_bag, ordered, shown_to
from tests.factories.orders import service_level
from tests.factories.shop import VariantFactory

pytestmark = pytest.mark.django_db

KEY = UUID("7e57ab1e-0000-4000-8000-000000000001")


def place(cart: object, at: datetime, request: CheckoutRequest = ANA, key: UUID = KEY, **shown: object) -> Order:
    """Press the button on a page that was just shown, or that showed something else."""
    said = replace(shown_to(cart, request, at=at), **shown)  # type: ignore[arg-type]
    return place_order(key=key, cart_id=cart.pk, request=request, shown=said, at=at)  # type: ignore[attr-defined]


def nothing_was_written() -> bool:
    tables = (Order, OrderLine, Parcel, Promise, PaymentEvent, Submission, TestCardEntry, Event)
    left = StockLevel.objects.exclude(allocated=0).count()
    return left == 0 and all(table.objects.count() == 0 for table in tables)  # type: ignore[attr-defined]


def test_an_order_is_what_was_shown(now: datetime) -> None:
    variant = VariantFactory()
    width = MeasurementDefinition.objects.create(code="width", label="Width", kind="product")
    VariantMeasurement.objects.create(variant=variant, definition=width, value_mm=82, tolerance_mm=3)

    order = ordered((variant, 2), at=now)

    order.refresh_from_db()
    assert (order.status, order.payment_status, order.fulfilment_status) == ("placed", "paid", "open")
    assert (order.goods_minor, order.delivery_minor, order.total_minor) == (4800, 490, 5290)
    assert order.tax_minor == 898 + 92
    assert order.number.startswith("KP-")
    assert len(order.number) == 12
    line = order.lines.get()
    assert (line.sku, line.title, line.options_label) == (variant.sku, variant.product.name, "Sage")
    assert (line.unit_minor, line.gross_minor, line.tax_rate_bp, line.tax_minor) == (2400, 4800, 2300, 898)
    assert line.measurements == {"width": {"label": "Width", "value_mm": 82, "tolerance_mm": 3}}
    assert line.image_path == "demo/ceramics-mug-sage-1.webp"
    assert StockLevel.objects.values_list("on_hand", "allocated").get() == (20, 2)
    assert order.parcels.get().lines.values_list("line", "quantity").get() == (line.pk, 2)
    promise = order.promises.get()
    assert (promise.version, promise.basis["service"], promise.basis["making_days"]) == (1, "door-pt", 0)
    assert (order.next_due_kind, order.next_due_at) == ("pack", promise.pack_by_at)
    assert order.payment.captured_minor == 5290
    assert Submission.objects.values_list("state", "order").get() == ("done", order.pk)
    assert list(Event.objects.order_by("id").values_list("name", "payload", "order_number", "visibility")) == [
        ("orders.order.placed", {"order_id": order.pk, "promise_id": promise.pk}, order.number, "customer"),
        (
            "orders.payment.received",
            {"order_id": order.pk, "amount_minor": 5290, "currency": "EUR"},
            order.number,
            "customer",
        ),
    ]
    assert breaches() == []


@pytest.mark.parametrize(
    ("provider", "payment_status"), [("bank_transfer", "pending"), ("cash_on_delivery", "on_delivery")]
)
def test_money_that_comes_later_is_not_in_the_ledger(now: datetime, provider: str, payment_status: str) -> None:
    order = ordered(at=now, provider=provider, payment_token="")

    assert (order.status, order.payment_status) == ("placed", payment_status)
    assert PaymentEvent.objects.count() == 0
    assert Event.objects.values_list("name", flat=True).get() == "orders.order.placed"
    assert breaches() == []


def test_sent_again_it_is_the_same_order(now: datetime) -> None:
    cart, _token = filled_bag(at=now)
    shown = shown_to(cart, ANA, at=now)

    first, second = (
        place_order(key=KEY, cart_id=cart.pk, request=ANA, shown=shown, at=now + timedelta(days=n)) for n in (0, 9)
    )

    assert first == second
    assert (Order.objects.count(), TestCardEntry.objects.count(), PaymentEvent.objects.count()) == (1, 1, 1)


def test_the_same_page_with_other_content_is_refused(now: datetime) -> None:
    cart, _token = filled_bag(at=now)
    place(cart, now)

    with pytest.raises(SubmissionReused):
        place_order(key=KEY, cart_id=cart.pk, request=replace(ANA, city="Lisboa"), shown=Shown(0, now.date()), at=now)

    assert Order.objects.values_list("city", flat=True).get() == "Porto"


def test_a_second_tab_ends_at_the_same_order(now: datetime) -> None:
    cart, _token = filled_bag(at=now)
    shown = shown_to(cart, ANA, at=now)
    order = place(cart, now)

    with pytest.raises(BagSpent) as spent:
        place_order(key=uuid4(), cart_id=cart.pk, request=ANA, shown=shown, at=now)

    assert spent.value.order == order
    assert (Order.objects.count(), Submission.objects.count()) == (1, 1)


def test_a_changed_price_is_shown_before_anything_is_written(now: datetime) -> None:
    cart, _token = filled_bag(at=now)
    shown = shown_to(cart, ANA, at=now)
    Variant.objects.update(price_minor=2500)

    with pytest.raises(ChangedSinceShown) as changed:
        place_order(key=KEY, cart_id=cart.pk, request=ANA, shown=shown, at=now)

    assert changed.value.change.total_minor == (2890, 2990)
    assert changed.value.change.deliver_by_on is None
    assert nothing_was_written()


def test_a_passed_cutoff_is_shown_before_anything_is_written(now: datetime) -> None:
    cart, _token = filled_bag(at=now)
    shown = shown_to(cart, ANA, at=now)
    afternoon = now + timedelta(hours=6)

    with pytest.raises(ChangedSinceShown) as changed:
        place_order(key=KEY, cart_id=cart.pk, request=ANA, shown=shown, at=afternoon)

    assert changed.value.change.deliver_by_on is not None
    assert changed.value.change.total_minor is None
    assert nothing_was_written()
    assert place(cart, afternoon).status == "placed"


def test_sold_out_meanwhile_says_what_is_left(now: datetime) -> None:
    variant, other = VariantFactory(), VariantFactory()
    cart, _token = filled_bag((other, 1), (variant, 3), at=now)
    variant.stock.update(allocated=18)

    with pytest.raises(SoldOut) as sold_out:
        place(cart, now)

    assert [(s.variant_id, s.wanted, s.available) for s in sold_out.value.shortages] == [(variant.pk, 3, 2)]
    variant.stock.update(allocated=0)
    assert nothing_was_written()


def test_a_piece_taken_off_sale_is_not_sold(now: datetime) -> None:
    variant = VariantFactory()
    cart, _token = filled_bag((variant, 1), at=now)
    Variant.objects.update(active=False)

    with pytest.raises(SoldOut):
        place(cart, now)

    assert nothing_was_written()


def test_an_unknown_service_and_a_country_without_tax_are_refused(now: datetime) -> None:
    cart, _token = filled_bag(at=now)
    shown = shown_to(cart, ANA, at=now)
    service_level("door-de", country="DE", time_zone="Europe/Berlin")
    TaxRate.objects.filter(country="DE").delete()

    for wrong in ({"service_code": "rocket"}, {"country": "XX"}, {"country": "DE", "service_code": "door-de"}):
        with pytest.raises(NotServed):
            place_order(key=KEY, cart_id=cart.pk, request=replace(ANA, **wrong), shown=shown, at=now)

    assert nothing_was_written()


def test_an_empty_bag_is_no_order(now: datetime) -> None:
    cart, _token = filled_bag(at=now)
    shown = shown_to(cart, ANA, at=now)
    CartLine.objects.all().delete()

    with pytest.raises(BagEmpty):
        place_order(key=KEY, cart_id=cart.pk, request=ANA, shown=shown, at=now)

    assert nothing_was_written()


def test_nobody_at_home_is_asked_and_then_promised(now: datetime) -> None:
    cart, _token = filled_bag(at=now)  # Thursday 5 to Friday 6 March
    home = replace(ANA, home_weekdays=(0,))

    with pytest.raises(NobodyHome) as asked:
        place(cart, now, home)
    assert asked.value.next_on.isoformat() == "2026-03-09"
    assert nothing_was_written()

    order = place(cart, now, replace(home, when_nobody_home="wait"))
    promise = order.promises.get()
    assert (promise.deliver_from_on, promise.deliver_by_on) == (asked.value.next_on, asked.value.next_on)


def test_anyway_keeps_the_range_and_the_note(now: datetime) -> None:
    cart, _token = filled_bag(at=now)

    order = place(cart, now, replace(ANA, home_weekdays=(0,), when_nobody_home="anyway"))

    assert order.promises.get().deliver_by_on.isoformat() == "2026-03-06"
    assert order.home_weekdays == [0]


def test_a_day_offered_for_waiting_is_guarded(now: datetime) -> None:
    cart, _token = filled_bag(at=now)
    waiting = replace(ANA, home_weekdays=(0,), when_nobody_home="wait")

    with pytest.raises(ChangedSinceShown):
        place(cart, now, waiting, home_on=None)

    assert nothing_was_written()


def test_days_at_home_inside_the_range_narrow_it(now: datetime) -> None:
    order = ordered(at=now, home_weekdays=(4,))

    promise = order.promises.get()
    assert (promise.deliver_from_on.isoformat(), promise.deliver_by_on.isoformat()) == ("2026-03-06", "2026-03-06")


def test_a_declined_card_frees_pieces_and_bag(now: datetime) -> None:
    cart, _token = filled_bag(at=now)

    with pytest.raises(PaymentDeclined) as declined:
        place(cart, now, replace(ANA, payment_token="test:declines"))

    order = Order.objects.get()
    assert (declined.value.order, order.status, order.cart) == (order, "declined", None)
    assert StockLevel.objects.values_list("on_hand", "allocated").get() == (20, 0)
    assert Parcel.objects.values_list("status", flat=True).get() == "cancelled"
    assert PaymentEvent.objects.values_list("kind", "phase").get() == ("capture", "failed")
    assert Event.objects.count() == 0
    assert place(cart, now, key=uuid4()).status == "placed"
    assert breaches() == []


def test_a_declined_submission_sent_again_is_declined_again(now: datetime) -> None:
    cart, _token = filled_bag(at=now)
    request = replace(ANA, payment_token="test:declines")
    for _press in range(2):
        with pytest.raises(PaymentDeclined):
            place(cart, now, request)

    assert Order.objects.count() == 1
    assert TestCardEntry.objects.values_list("asked", flat=True).get() == 1


def test_an_answer_that_gets_lost_is_asked_for_again_and_charges_once(now: datetime) -> None:
    cart, _token = filled_bag(at=now)

    order = place(cart, now, replace(ANA, payment_token="test:answers-late"))
    assert (order.status, PaymentEvent.objects.count()) == ("placing", 0)
    assert finish_placements(now) == 0  # not yet: it asks again after some seconds
    Submission.objects.update(lease_until=now - timedelta(days=1))
    assert finish_placements(now) == 1

    order.refresh_from_db()
    assert (order.status, order.payment.captured_minor) == ("placed", order.total_minor)
    assert TestCardEntry.objects.values_list("asked", "amount_minor").get() == (2, order.total_minor)
    assert breaches() == []


class Crash(BaseException):
    """The process dies here."""


def die(*_: object, **__: object) -> Order:
    raise Crash


@pytest.mark.parametrize("point", ["before the charge", "after the charge"])
def test_a_crash_is_finished_by_the_sweep_and_charged_once(
    now: datetime, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    cart, _token = filled_bag(at=now)

    module, step = (placing, "finish") if point == "before the charge" else (finishing, "finalize")
    with monkeypatch.context() as patch:
        patch.setattr(module, step, die)
        with pytest.raises(Crash):
            place(cart, now)
    assert Order.objects.values_list("status", flat=True).get() == "placing"
    assert finish_placements(now) == 0  # its lease still runs
    Submission.objects.update(lease_until=now - timedelta(days=1))

    assert (finish_placements(now), finish_placements(now)) == (1, 0)

    order = Order.objects.get()
    assert (order.status, order.payment_status) == ("placed", "paid")
    assert TestCardEntry.objects.count() == 1
    assert PaymentEvent.objects.count() == 1
    assert breaches() == []


def test_the_next_press_finishes_a_crashed_claim(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    cart, _token = filled_bag(at=now)
    shown = shown_to(cart, ANA, at=now)

    with monkeypatch.context() as patch:
        patch.setattr(placing, "finish", die)
        with pytest.raises(Crash):
            place(cart, now)
    Submission.objects.update(lease_until=now - timedelta(days=1))

    order = place_order(key=KEY, cart_id=cart.pk, request=ANA, shown=shown, at=now)

    assert (order.status, Order.objects.count()) == ("placed", 1)


def test_a_number_that_is_taken_is_drawn_again(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([20417736, 20417736, 7])
    monkeypatch.setattr("orders.operations.preparing.secrets.randbelow", lambda _most: next(drawn))

    numbers = [ordered(at=now).number for _ in range(2)]

    assert numbers == ["KP-2041-7736", "KP-0000-0007"]


def test_a_promise_stays_when_calendars_change(now: datetime) -> None:
    order = ordered(at=now)
    before = order.promises.values().get()
    CalendarException.objects.create(
        calendar=BusinessCalendar.objects.get(code="workshop"),
        first_on=now.date(),
        last_on=now.date(),
        public_reason="flood",
    )

    assert order.promises.values().get() == before
