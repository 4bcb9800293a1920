"""Missing pieces: listed before anything is saved, told at once, chosen with one press; nothing half-done remains.

Source: reliability reference T03.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from notifications.models import Message
from notifications.operations.sending import send_messages
from orders.models import Order, OrderLine, Parcel, ParcelPlan, Payment, Promise, RefundGrant, Unavailability
from orders.operations import choosing, shortfalls
from orders.operations.access import issue_link
from orders.operations.awaiting import serve_waiting
from orders.operations.cancelling import cancel_order
from orders.operations.delays import note_delay
from orders.operations.packing import PiecesMissing, pack_parcel
from orders.operations.paying import note_payment_received
from orders.queries.unavailability import options_for
from orders.rules.unavailability import Act, OnlyPackedLeft, Taking
from shop.models import Event, StockArrival, StockLevel, User, Variant
from shop.operations import arrivals, stock
from shop.operations.events import relay_events
from shop.queries.audit import breaches
from tests.factories.bags import ordered
from tests.factories.orders import placed_order
from tests.factories.shop import StaffFactory, VariantFactory
from tests.orders.test_operations_fulfilment import our_breaches
from tests.pages import words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


def level_of(variant: Variant) -> StockLevel:
    return StockLevel.objects.get(variant=variant)


def counted(variant: Variant, pieces: int, key: str = "k") -> Taking:
    return Taking(level_of(variant).pk, Act.COUNT, pieces, "a box fell", key)


def agreed(taking: Taking) -> list[tuple[int, int, int]]:
    return [(x.claim.parcel_id, x.claim.line_id, x.pieces) for x in shortfalls.losses_of(taking)]


def lose(variant: Variant, left: int, at: datetime) -> list[Unavailability]:
    taking = counted(variant, left, key=f"lose-{left}")
    return shortfalls.take_from_shelf(taking=taking, agreed=agreed(taking), by=StaffFactory(), at=at)


def expect(variant: Variant, pieces: int, at: datetime) -> StockArrival:
    return arrivals.announce_arrival(
        level_id=level_of(variant).pk,
        pieces=pieces,
        expected_on=at.date() + timedelta(days=7),
        source=StockArrival.Source.PRODUCTION,
        note="",
        by=None,
        at=at,
    )


def open_case(now: datetime, *pieces: int) -> Unavailability:
    """An order of one mug (or of several lines) whose first mug is missing."""
    lines = [(VariantFactory(stock=5), n) for n in pieces or (1,)]
    order = ordered(*lines, at=now)
    return shortfalls.note_short_pick(
        parcel_id=order.parcels.get().pk,
        line_id=order.lines.order_by("id")[0].pk,
        missing=1,
        reason="",
        key="k",
        by=StaffFactory(),
        at=now,
    )


def who(case: Unavailability, at: datetime, by: User | None = None) -> dict[str, object]:
    return {"case_id": case.pk, "order_id": case.order_id, "by": by, "at": at}


# -- Finding out ----------------------------------------------------------------------------------------------------


def test_a_correction_lists_whose_pieces_they_are_and_makes_cases_of_them(now: datetime) -> None:
    variant = VariantFactory(stock=5)
    first = placed_order(at=now - timedelta(days=1), variant=variant, quantity=2, number="KP-1111-1111")
    last = placed_order(at=now, variant=variant, quantity=3, number="KP-2222-2222")

    cases = lose(variant, 1, now)

    level = level_of(variant)
    assert [(case.order_id, case.quantity, case.cause) for case in cases] == [
        (last.pk, 3, "counted"),
        (first.pk, 1, "counted"),
    ]
    assert (level.on_hand, level.allocated) == (1, 1)
    told = Event.objects.filter(name=shortfalls.EVENT).order_by("id")
    assert [event.payload["missing_ids"] for event in told] == [[cases[0].pk], [cases[1].pk]]
    assert breaches() == []


def test_the_same_correction_sent_twice_counts_once(now: datetime) -> None:
    variant = VariantFactory(stock=5)
    placed_order(at=now, variant=variant, quantity=4)
    taking = Taking(level_of(variant).pk, Act.WRITE_OFF, 3, "chips", "k")
    listed = agreed(taking)
    shortfalls.take_from_shelf(taking=taking, agreed=listed, by=StaffFactory(), at=now)

    with pytest.raises(shortfalls.OtherOrdersNow):
        shortfalls.take_from_shelf(taking=taking, agreed=listed, by=StaffFactory(), at=now)

    assert (level_of(variant).on_hand, Unavailability.objects.get().quantity) == (2, 2)


def test_orders_that_came_meanwhile_are_shown_first(now: datetime) -> None:
    variant = VariantFactory(stock=5)
    placed_order(at=now, variant=variant, quantity=3, number="KP-1111-1111")
    taking = counted(variant, 2)
    listed = agreed(taking)
    placed_order(at=now, variant=variant, quantity=2, number="KP-2222-2222")

    with pytest.raises(shortfalls.OtherOrdersNow):
        shortfalls.take_from_shelf(taking=taking, agreed=listed, by=StaffFactory(), at=now)

    assert (level_of(variant).on_hand, Unavailability.objects.count()) == (5, 0)


def test_a_packed_parcel_is_not_opened(now: datetime) -> None:
    variant = VariantFactory(stock=5)
    order = placed_order(at=now, variant=variant, quantity=4)
    pack_parcel(parcel_id=order.parcels.get().pk, by=None, at=now)

    with pytest.raises(OnlyPackedLeft):
        shortfalls.losses_of(counted(variant, 2))


def test_a_short_pick_corrects_the_shelf_and_holds_the_parcel(now: datetime) -> None:
    case = open_case(now, 2)

    level = level_of(case.line.variant)
    assert (level.on_hand, level.allocated, case.cause) == (4, 1, "picked")
    with pytest.raises(PiecesMissing):
        pack_parcel(parcel_id=case.parcel_id, by=None, at=now)
    with pytest.raises(shortfalls.PiecesRefused):
        shortfalls.note_short_pick(
            parcel_id=case.parcel_id, line_id=case.line_id, missing=2, reason="", key="k2", by=StaffFactory(), at=now
        )
    assert breaches() == []


# -- Choosing -------------------------------------------------------------------------------------------------------


def test_another_one_is_sent_instead_at_no_other_price(now: datetime) -> None:
    case = open_case(now, 2)
    sage = case.line.variant
    ink = VariantFactory(product=sage.product, label="Ink", stock=3)
    VariantFactory(product=sage.product, label="Gold", stock=3, price_minor=9900)
    VariantFactory(product=sage.product, label="Moss", stock=0)
    assert [form.pk for form in options_for(case, at=now).others] == [ink.pk]

    chosen = choosing.choose_other(variant_id=ink.pk, **who(case, now))  # type: ignore[arg-type]

    line = OrderLine.objects.get(kind=OrderLine.Kind.INSTEAD)
    assert (line.variant_id, line.quantity, line.gross_minor, line.exchange_of_id) == (ink.pk, 1, 0, case.line_id)
    inside = Parcel.objects.get().lines.order_by("id").values_list("line", "quantity")
    assert list(inside) == [(case.line_id, 1), (line.pk, 1)]
    assert (chosen.state, chosen.choice) == ("settled", "other")
    pack_parcel(parcel_id=case.parcel_id, by=None, at=now)
    assert RefundGrant.objects.count() == 0
    assert breaches() == []


def test_what_is_gone_meanwhile_cannot_be_chosen(now: datetime) -> None:
    case = open_case(now)
    ink = VariantFactory(product=case.line.variant.product, label="Ink", stock=1)
    stock.reserve(wanted=[stock.Wanted(ink.pk, 1, "")], holder="rui")

    with pytest.raises(choosing.NotOffered):
        choosing.choose_other(variant_id=ink.pk, **who(case, now))  # type: ignore[arg-type]

    case.refresh_from_db()
    assert (case.state, OrderLine.objects.count()) == ("open", 1)


def test_the_rest_goes_out_and_the_money_goes_back(now: datetime) -> None:
    case = open_case(now, 1, 2)

    choosing.choose_rest(**who(case, now))  # type: ignore[arg-type]

    grant = RefundGrant.objects.get()
    assert (grant.amount_minor, grant.origin) == (2400, f"orders.unavailability:{case.pk}")
    assert list(grant.items.values_list("line", "whole", "amount_minor")) == [(case.line_id, True, 2400)]
    assert list(Parcel.objects.get().lines.values_list("quantity", flat=True)) == [2]
    pack_parcel(parcel_id=case.parcel_id, by=None, at=now)
    assert breaches() == []


def test_who_has_not_paid_is_asked_for_less(now: datetime) -> None:
    variant = VariantFactory(stock=5)
    order = ordered((variant, 2), at=now, provider="bank_transfer", payment_token="")
    (case,) = lose(variant, 1, now)
    before = order.payment.due_minor

    choosing.choose_rest(**who(case, now))  # type: ignore[arg-type]

    payment = Payment.objects.get()
    assert (payment.due_minor, RefundGrant.objects.count()) == (before - 2400, 0)
    order = Order.objects.get()
    line = order.lines.get()
    assert (order.payment_status, order.goods_minor, order.total_minor) == (Order.Paid.PENDING, 2400, before - 2400)
    assert (line.units_paid_minor, line.tax_minor) == ([0, 2400], line.units_tax_minor[1])
    assert breaches() == []


def test_who_paid_a_part_gets_back_what_is_too_much_now(now: datetime) -> None:
    variant = VariantFactory(stock=5)
    order = ordered((variant, 2), at=now, provider="bank_transfer", payment_token="")
    due = order.payment.due_minor
    note_payment_received(order_id=order.pk, amount_minor=due - 1000, reference="TRF 1", by=StaffFactory(), at=now)
    (case,) = lose(variant, 1, now)

    choosing.choose_rest(**who(case, now))  # type: ignore[arg-type]

    payment = Payment.objects.get()
    assert (payment.due_minor, RefundGrant.objects.get().amount_minor) == (due - 2400, 1400)
    assert Order.objects.get().payment_status == Order.Paid.PAID
    assert breaches() == []


def test_an_order_without_a_rest_is_cancelled_as_a_whole(now: datetime) -> None:
    case = open_case(now)
    with pytest.raises(choosing.NotOffered):
        choosing.choose_rest(**who(case, now))  # type: ignore[arg-type]

    choosing.choose_cancel(**who(case, now))  # type: ignore[arg-type]

    order = Order.objects.get()
    case.refresh_from_db()
    assert (order.status, case.state, case.choice) == ("cancelled", "settled", "cancel")
    assert RefundGrant.objects.get().amount_minor == order.total_minor
    assert (level_of(case.line.variant).on_hand, level_of(case.line.variant).allocated) == (4, 0)
    with pytest.raises(choosing.AlreadyChosen):
        choosing.choose_later(**who(case, now))  # type: ignore[arg-type]
    assert breaches() == []


def test_an_order_cancelled_for_another_reason_closes_its_cases(now: datetime) -> None:
    case = open_case(now, 2)

    cancel_order(order_id=case.order_id, by=None, at=now)

    case.refresh_from_db()
    assert (case.state, case.choice, case.line.variant.stock.get().allocated) == ("settled", "cancel", 0)
    assert breaches() == []


def test_who_waits_gets_a_new_promise_and_the_first_pieces_that_come(now: datetime) -> None:
    case = open_case(now)
    variant = case.line.variant
    stock.allocate(wanted=[stock.Wanted(variant.pk, 4, "others")], order_number="KP-0", at=now)
    arrival = expect(variant, 3, now)

    choosing.choose_later(**who(case, now))  # type: ignore[arg-type]

    promise = Promise.objects.get(version=2)
    assert (promise.deliver_from_on, promise.deliver_by_on) == (date(2026, 3, 13), date(2026, 3, 14))
    assert (promise.source, Order.objects.get().service_status) == ("shopper", "late")
    assert serve_waiting(now) == 0
    with pytest.raises(PiecesMissing):
        pack_parcel(parcel_id=case.parcel_id, by=None, at=now)
    arrivals.note_arrival(arrival_id=arrival.pk, pieces=3, key="a", by=StaffFactory(), at=now)
    with pytest.raises(stock.SoldOut):  # one of the three is hers, whoever comes first
        stock.reserve(wanted=[stock.Wanted(variant.pk, 3, "")], holder="rui")
    assert serve_waiting(now) == 1

    case.refresh_from_db()
    assert (case.state, OrderLine.objects.get().qty_missing) == ("settled", 0)
    pack_parcel(parcel_id=case.parcel_id, by=None, at=now)


def test_the_rest_keeps_its_promise_and_the_waiting_piece_gets_a_plan_of_its_own(now: datetime) -> None:
    case = open_case(now, 1, 2)
    expect(case.line.variant, 1, now)

    choosing.choose_later(**who(case, now))  # type: ignore[arg-type]

    rest, later = Parcel.objects.order_by("number")
    plan = ParcelPlan.objects.get()
    case.refresh_from_db()
    assert (plan.parcel_id, case.parcel_id) == (later.pk, later.pk)
    assert (plan.deliver_by_on, Promise.objects.count()) == (date(2026, 3, 14), 1)
    order = Order.objects.get()
    assert (order.next_due_kind, order.next_due_at) == ("pack", Promise.objects.get().pack_by_at)
    pack_parcel(parcel_id=rest.pk, by=None, at=now)
    assert breaches() == []


def test_a_plan_that_will_not_hold_is_renewed_and_told_while_the_promise_stands(now: datetime) -> None:
    case = open_case(now, 1, 2)
    expect(case.line.variant, 1, now)
    choosing.choose_later(**who(case, now))  # type: ignore[arg-type]
    rest = Parcel.objects.order_by("number")[0]
    Parcel.objects.filter(pk=rest.pk).update(status=Parcel.Status.DELIVERED, delivered_at=now, tracking_number="X")
    first = ParcelPlan.objects.get()

    note_delay(order_id=case.order_id, at=first.hand_over_by_at + timedelta(hours=1))

    renewed = ParcelPlan.objects.get(version=2)
    assert renewed.deliver_by_on > first.deliver_by_on
    assert Promise.objects.count() == 1
    event = Event.objects.get(name="orders.parcel.delayed")
    assert (event.payload["plan_id"], event.payload["old_plan_id"]) == (renewed.pk, first.pk)


@pytest.mark.parametrize("act", ["postpone", "call_off"])
def test_who_waits_is_asked_again_when_the_arrival_does_not_come(act: str, now: datetime) -> None:
    case = open_case(now)
    arrival = expect(case.line.variant, 1, now)
    choosing.choose_later(**who(case, now))  # type: ignore[arg-type]

    if act == "postpone":
        later_on = arrival.expected_on + timedelta(days=9)
        arrivals.postpone_arrival(arrival_id=arrival.pk, expected_on=later_on, by=StaffFactory(), at=now)
    else:
        arrivals.call_off_arrival(arrival_id=arrival.pk, by=StaffFactory(), at=now)
    relay_events(now)

    case.refresh_from_db()
    assert (case.state, case.choice, case.cause, case.arrival) == ("open", "", "arrival", None)
    assert Event.objects.filter(name=shortfalls.EVENT).count() == 2
    assert our_breaches() == []


# -- Her page -------------------------------------------------------------------------------------------------------


@pytest.fixture
def asked(client: Client, now: datetime) -> tuple[Client, str, Unavailability]:
    """Ana's page of an order with a missing mug and two bowls."""
    case = open_case(now, 1, 2)
    return client, f"/orders/{issue_link(order=case.order, at=now)}/", case


def test_the_page_says_what_why_and_what_she_can_have(asked: tuple[Client, str, Unavailability], now: datetime) -> None:
    client, page, case = asked
    ink = VariantFactory(product=case.line.variant.product, label="Ink", stock=3)
    expect(case.line.variant, 1, now)

    said = words(client.get(page))

    assert f"1 × {case.line.title}, Sage." in said
    assert "When we packed your order, it was not on its shelf." in said
    for choice in (
        "Send Ink instead",
        "arrives Fri 13 – Sat 14 March, the rest as promised",
        "€24.00 goes back to you",
    ):
        assert choice in said
    answer = client.post(f"{page}missing/{case.pk}/", {"choice": "other", "variant": ink.pk}, follow=True)
    assert f"Instead of {case.line.title}, Sage we send you Ink." in words(answer)
    assert "Something is missing" not in words(answer)


def test_a_stranger_cannot_choose(asked: tuple[Client, str, Unavailability], now: datetime) -> None:
    client, _page, case = asked
    other = placed_order(at=now, number="KP-9999-9999")
    strangers = f"/orders/{issue_link(order=other, at=now)}/"

    answer = client.post(f"{strangers}missing/{case.pk}/", {"choice": "rest"})

    case.refresh_from_db()
    assert (answer.status_code, case.state) == (404, "open")


def test_choosing_twice_or_nonsense_is_answered_in_words(asked: tuple[Client, str, Unavailability]) -> None:
    client, page, case = asked

    odd = client.post(f"{page}missing/{case.pk}/", {"choice": "gold"}, follow=True)
    gone = client.post(f"{page}missing/{case.pk}/", {"choice": "other", "variant": 999}, follow=True)
    client.post(f"{page}missing/{case.pk}/", {"choice": "rest"})
    again = client.post(f"{page}missing/{case.pk}/", {"choice": "cancel"}, follow=True)

    assert "Choose one of the possibilities below." in words(odd)
    assert "That one has just gone." in words(gone)
    assert "We leave out" in words(again)
    assert Order.objects.get().status == "placed"


def test_the_mail_asks_once_for_all_pieces_and_is_held_back_once_she_has_chosen(now: datetime) -> None:
    variant = VariantFactory(stock=5)
    placed_order(at=now, variant=variant, quantity=4)
    (case,) = lose(variant, 2, now)
    relay_events(now)

    message = Message.objects.get(kind="unavailable")

    assert message.subject == "KP-2041-7736: some pieces are missing, and you choose what we do"
    assert "2 × " in message.text
    choosing.choose_rest(**who(case, now))  # type: ignore[arg-type]
    send_messages(now)
    message.refresh_from_db()
    assert (message.state, message.reason) == ("suppressed", "The shopper has chosen already.")


# -- Staff ----------------------------------------------------------------------------------------------------------


def clerk(*codenames: str) -> Client:
    person = StaffFactory()
    person.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(person)
    return client


WAREHOUSE = (
    "view_stocklevel",
    "change_stocklevel",
    "view_unavailability",
    "take_promised",
    "view_parcel",
    "view_order",
)


def test_the_shelf_leads_to_the_list_and_the_list_saves(now: datetime) -> None:
    variant = VariantFactory(stock=5)
    order = placed_order(at=now, variant=variant, quantity=4)
    level, client = level_of(variant), clerk(*WAREHOUSE)
    form = {"counted": 3, "reason": "fell", "key": "7d7f3c3e-4b8a-4f0c-9a51-1b7a56ac0001"}

    sent = client.post(f"/admin/shop/stocklevel/{level.pk}/count/", form)
    assert sent["Location"].startswith(f"/admin/orders/unavailability/take/{level.pk}/?act=count&")
    listed = client.get(sent["Location"])
    assert order.number in words(listed)
    assert (level_of(variant).on_hand, Unavailability.objects.count()) == (5, 0)

    hidden = {"act": "count", "pieces": 3, "reason": "fell", "key": form["key"], "agreed": listed.context["agreed"]}
    saved = client.post(sent["Location"].partition("?")[0], hidden)

    assert "1 shopper is asked by mail" in words(client.get(saved["Location"]))
    assert (level_of(variant).on_hand, Unavailability.objects.get().quantity) == (3, 1)


def test_the_packing_table_notes_what_is_missing(now: datetime) -> None:
    order = placed_order(at=now, quantity=2)
    parcel, client = order.parcels.get(), clerk(*WAREHOUSE, "pack_parcel")
    address = f"/admin/orders/parcel/{parcel.pk}/short/"
    assert "Something of it is missing" in words(client.get(f"/admin/orders/order/{order.pk}/change/"))
    post = partial(client.post, address)
    row = parcel.lines.get()

    refused = post({"line": row.pk, "missing": 3, "key": "7d7f3c3e-4b8a-4f0c-9a51-1b7a56ac0001"})
    assert (refused.status_code, Unavailability.objects.count()) == (422, 0)
    assert "The parcel holds 2 of it." in words(refused)
    done = post({"line": row.pk, "missing": 1, "key": "7d7f3c3e-4b8a-4f0c-9a51-1b7a56ac0001"})

    assert "the shopper is asked by mail" in words(client.get(done["Location"]))
    assert Unavailability.objects.get().quantity == 1


def test_staff_choose_for_her_on_the_phone(now: datetime) -> None:
    case = open_case(now, 1, 2)
    client = clerk("view_unavailability", "change_unavailability")
    assert "The rest, and money back" in words(client.get(f"/admin/orders/unavailability/{case.pk}/change/"))

    client.post(f"/admin/orders/unavailability/{case.pk}/rest/")

    case.refresh_from_db()
    assert (case.choice, case.chosen_by is not None) == ("rest", True)
