"""The money of pieces that were never sent: asked for no more, given back once, and right on every paper.

Source: commerce reference b-13 (exactly what was paid), d.3; Directive 2006/112/EC art. 90 and 219.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client

from orders.messages import papers
from orders.models import Document, Order, OrderLine, Parcel, Payment, RefundGrant, Unavailability
from orders.operations import choosing
from orders.operations.access import issue_link
from orders.operations.deciding import NotInstead, take_instead
from orders.operations.delays import note_delay
from orders.operations.documents import issue_what_is_due
from orders.operations.exchanging import add_exchange
from orders.operations.packing import pack_parcel
from orders.operations.paying import note_payment_received
from orders.operations.placing import place_order
from orders.operations.refunding import grant_refund
from orders.operations.shipping import hand_over_parcel
from orders.operations.shortfalls import note_short_pick
from orders.operations.splitting import split_parcel
from orders.queries.delays import variants_instead
from orders.queries.unavailability import options_for
from orders.rules.shares import Amount, Pieces
from shop.models import StockArrival, StockLevel, StockLocation, Variant
from shop.operations import arrivals, stock
from shop.queries.audit import breaches
from tests.factories.bags import ANA, filled_bag, for_everybody, gift_wrap, ordered, shown_to
from tests.factories.shop import StaffFactory, VariantFactory
from tests.orders.test_operations_fulfilment import our_breaches, scan
from tests.pages import words

pytestmark = pytest.mark.django_db
AT_THE_DOOR = {"provider": "cash_on_delivery", "payment_token": ""}
BY_TRANSFER = {"provider": "bank_transfer", "payment_token": ""}


def missing(line: OrderLine, *, at: datetime, pieces: int = 1, key: str = "k") -> Unavailability:
    """Find that pieces of a line are not on their shelf."""
    parcel = Parcel.objects.get(lines__line=line, status=Parcel.Status.PLANNED)
    return note_short_pick(
        parcel_id=parcel.pk, line_id=line.pk, missing=pieces, reason="", key=key, by=StaffFactory(), at=at
    )


def leave_out(line: OrderLine, *, at: datetime, key: str = "k") -> None:
    case = missing(line, at=at, key=key)
    choosing.choose_rest(case_id=case.pk, order_id=case.order_id, by=None, at=at)


def send(parcel: Parcel, *, at: datetime) -> None:
    pack_parcel(parcel_id=parcel.pk, by=None, at=at)
    hand_over_parcel(parcel_id=parcel.pk, carrier="demo", tracking_number=f"HP-{parcel.pk}", by=StaffFactory(), at=at)


def papers_of(order: Order, at: datetime) -> list[tuple[str, int, int]]:
    issue_what_is_due(order_id=order.pk, at=at)
    return list(Document.objects.filter(order=order).order_by("id").values_list("kind", "total_minor", "tax_minor"))


# -- Asked for less ---------------------------------------------------------------------------------------------------


def test_two_pieces_missing_one_after_the_other_are_both_asked_for_no_more(now: datetime) -> None:
    order = ordered((VariantFactory(stock=9), 3), at=now, **AT_THE_DOOR)
    line = order.lines.get()
    assert order.total_minor == 7690

    leave_out(line, at=now, key="first")
    assert (Payment.objects.get().due_minor, OrderLine.objects.get().units_paid_minor) == (5290, [0, 2400, 2400])
    leave_out(line, at=now, key="second")

    order.refresh_from_db()
    assert (Payment.objects.get().due_minor, order.total_minor) == (2890, 2890)
    assert OrderLine.objects.get().units_paid_minor == [0, 0, 2400]
    assert breaches() == []


def test_what_went_back_of_a_piece_before_it_was_missing_stays_gone(now: datetime) -> None:
    order = ordered((VariantFactory(stock=9), 2), at=now, **BY_TRANSFER)
    assert order.total_minor == 5290
    note_payment_received(order_id=order.pk, amount_minor=3000, reference="T1", by=StaffFactory(), at=now)
    grant_refund(order_id=order.pk, amount_minor=1490, reason="Sorry", origin="t:1", by=None, at=now)

    leave_out(order.lines.get(), at=now)

    line, payment = OrderLine.objects.get(), Payment.objects.get()
    assert (line.units_paid_minor, line.paid_minor) == ([500, 2400], 2900)  # of the first 5.00 are back already
    assert payment.due_minor == Order.objects.get().total_minor == 3390
    assert breaches() == []


# -- Papers -----------------------------------------------------------------------------------------------------------


def half_sent(now: datetime) -> tuple[Order, OrderLine]:
    """An order of two parcels paid at the door, the first of which has left with its invoice; the line to come."""
    order = ordered(
        (VariantFactory(price_minor=3000, stock=5), 1),
        (VariantFactory(price_minor=5000, stock=5), 1),
        at=now,
        **AT_THE_DOOR,
    )
    here, later = order.lines.order_by("id")
    parcel = order.parcels.get()
    split_parcel(parcel_id=parcel.pk, first={here.pk: 1}, by=StaffFactory(), at=now)
    send(parcel, at=now)
    return order, later


def test_an_invoice_is_reduced_by_a_credit_note_when_pieces_are_left_out(now: datetime) -> None:
    order, later = half_sent(now)
    assert [(kind, total) for kind, total, _tax in papers_of(order, now)] == [("invoice", 8490)]

    leave_out(later, at=now)

    assert papers_of(order, now) == [("invoice", 8490, order.tax_minor), ("credit_note", 5000, later.tax_minor)]
    note = Document.objects.get(kind="credit_note")
    said = papers.printed(note)
    assert [row[0] for row in said["lines"]] == [f"{later.title}, {later.options_label}\n{later.sku}"]
    assert (said["lines"][0][1], said["total"]) == ("1", "€50.00")
    assert said["notes"][0] == "A piece was missing, and it is left out."
    note_payment_received(order_id=order.pk, amount_minor=3490, reference="r", by=StaffFactory(), at=now)
    order.refresh_from_db()
    assert (order.total_minor, order.payment_status, len(papers_of(order, now))) == (3490, "paid", 2)
    assert breaches() == []


def test_an_invoice_that_was_reduced_still_holds_for_a_later_refund(now: datetime) -> None:
    order, later = half_sent(now)
    papers_of(order, now)
    leave_out(later, at=now)
    note_payment_received(order_id=order.pk, amount_minor=3490, reference="r", by=StaffFactory(), at=now)

    grant_refund(order_id=order.pk, amount_minor=490, reason="Late", origin="t:1", by=None, at=now)

    found = [(kind, total) for kind, total, _tax in papers_of(order, now)]
    assert found == [("invoice", 8490), ("credit_note", 5000), ("credit_note", 490)]
    assert set(Document.objects.filter(kind="credit_note").values_list("corrects__number", flat=True)) == {
        Document.objects.get(kind="invoice").number
    }
    assert breaches() == []


def test_an_invoice_that_comes_later_names_only_what_is_sent(now: datetime) -> None:
    order = ordered((VariantFactory(stock=5), 3), at=now, **AT_THE_DOOR)
    leave_out(order.lines.get(), at=now)
    send(order.parcels.get(), at=now)

    assert [(kind, total) for kind, total, _tax in papers_of(order, now)] == [("invoice", 5290)]
    part = Document.objects.get().content["parts"][0]
    assert (part["quantity"], part["each_minor"], part["discount_minor"], part["paid_minor"]) == (2, 2400, 0, 4800)
    assert breaches() == []


# -- Nothing but the wrapping is no rest -----------------------------------------------------------------------------


@pytest.mark.parametrize("whole", [True, False])
def test_a_piece_paid_back_by_hand_before_it_was_missing_stands_on_a_later_invoice(now: datetime, whole: bool) -> None:
    """It was paid, so the invoice says for what, and the credit note takes it off."""
    order = ordered((VariantFactory(stock=9), 1), (VariantFactory(stock=9, price_minor=5000), 1), at=now, **BY_TRANSFER)
    line, staff = order.lines.order_by("id")[0], StaffFactory()
    note_payment_received(order_id=order.pk, amount_minor=2400, reference="T1", by=staff, at=now)
    what = Pieces({line.pk: 1}) if whole else Amount(2400, line.pk)
    grant_refund(order_id=order.pk, amount_minor=2400, reason="Gone", origin="t:1", by=None, at=now, what=what)
    leave_out(line, at=now)

    rest = Payment.objects.get().open_minor
    note_payment_received(order_id=order.pk, amount_minor=rest, reference="T2", by=staff, at=now)
    issue_what_is_due(order_id=order.pk, at=now)

    invoice = Document.objects.get(kind="invoice")
    parts = {
        part["sku"]: (part["quantity"], part["each_minor"], part["paid_minor"]) for part in invoice.content["parts"]
    }
    assert parts[line.sku] == (1, 2400, 2400)
    assert Document.objects.get(kind="credit_note").total_minor == 2400
    assert breaches() == []


def wrapped(now: datetime) -> Order:
    """An order of one mug in wrapping paper."""
    gift_wrap()
    cart, _token = filled_bag((VariantFactory(stock=5), 1), at=now)
    cart.gift_wrap = True
    cart.save()
    return place_order(key=uuid4(), cart_id=cart.pk, request=ANA, shown=shown_to(cart, ANA, at=now), at=now)


def choices(line: OrderLine, now: datetime) -> list[str]:
    return [str(choice) for choice in options_for(missing(line, at=now), at=now).choices]


def test_wrapping_paper_alone_is_no_rest(now: datetime) -> None:
    order = wrapped(now)
    line = order.lines.exclude(sku="GIFT-WRAP").get()

    case = missing(line, at=now)

    assert [str(choice) for choice in options_for(case, at=now).choices] == ["cancel"]
    with pytest.raises(choosing.NotOffered):
        choosing.choose_rest(case_id=case.pk, order_id=order.pk, by=None, at=now)
    assert RefundGrant.objects.count() == 0


def test_a_free_gift_alone_is_no_rest(now: datetime) -> None:
    for_everybody(kind="gift", amount_minor=None, gift=VariantFactory(stock=5), name="Gift")
    order = ordered((VariantFactory(stock=5), 1), at=now)

    assert choices(order.lines.get(kind="sale"), now) == ["cancel"]


def test_what_was_bought_is_a_rest_when_the_gift_is_missing(now: datetime) -> None:
    for_everybody(kind="gift", amount_minor=None, gift=VariantFactory(stock=5), name="Gift")
    order = ordered((VariantFactory(stock=5), 1), at=now)
    case = missing(order.lines.get(kind="free"), at=now, key="gift")
    assert [str(choice) for choice in options_for(case, at=now).choices] == ["rest", "cancel"]
    choosing.choose_rest(case_id=case.pk, order_id=order.pk, by=None, at=now)

    assert choices(order.lines.get(kind="sale"), now) == ["cancel"]
    assert (RefundGrant.objects.count(), breaches()) == (0, [])


def test_paper_that_has_left_is_a_rest_for_there_is_no_other_way_out(now: datetime) -> None:
    order = wrapped(now)
    mug, paper = order.lines.exclude(sku="GIFT-WRAP").get(), order.lines.get(sku="GIFT-WRAP")
    parcel = order.parcels.get()
    split_parcel(parcel_id=parcel.pk, first={paper.pk: 1}, by=None, at=now)
    send(parcel, at=now)

    assert choices(mug, now) == ["rest"]


# -- Something else for what is late ---------------------------------------------------------------------------------


def late(order: Order) -> datetime:
    """Let the promise of an order pass; return the moment it is noticed."""
    at = order.promises.get().breaks_at + timedelta(days=1)
    note_delay(order_id=order.pk, at=at)
    return at


def test_another_form_goes_for_what_is_still_to_be_sent(now: datetime) -> None:
    sage = VariantFactory(stock=5)
    moss = VariantFactory(product=sage.product, label="Moss", stock=1)
    order = ordered((sage, 2), at=now)
    line = order.lines.get()
    assert variants_instead([line]) == {line.pk: []}  # one is not enough for two
    missing(line, at=now)
    at = late(order)

    take_instead(order_id=order.pk, line_id=line.pk, variant_id=moss.pk, by=None, at=at)

    line.refresh_from_db()
    assert (line.sku, line.qty_missing, line.spoken_for) == (moss.sku, 1, 1)
    assert list(StockLevel.objects.order_by("id").values_list("variant", "allocated")) == [(sage.pk, 0), (moss.pk, 1)]
    assert our_breaches() == []


def test_nothing_stands_in_for_a_line_of_which_all_is_missing(now: datetime) -> None:
    sage = VariantFactory(stock=5)
    moss = VariantFactory(product=sage.product, label="Moss", stock=1)
    order = ordered((sage, 1), at=now)
    line = order.lines.get()
    missing(line, at=now)
    at = late(order)

    with pytest.raises(NotInstead):
        take_instead(order_id=order.pk, line_id=line.pk, variant_id=moss.pk, by=None, at=at)

    assert our_breaches() == []


def test_a_form_that_lies_in_two_places_counts_with_both(now: datetime) -> None:
    sage = VariantFactory(stock=5)
    moss: Variant = VariantFactory(product=sage.product, label="Moss", stock=1)
    attic = StockLocation.objects.create(code="attic", name="Attic")
    stock.open_level(variant_id=moss.pk, location_id=attic.pk, oversell_limit=0, by=StaffFactory(), at=now)
    level = StockLevel.objects.get(variant=moss, location=attic)
    stock.receive(item=stock.Wanted(moss.pk, 1, "attic"), level_id=level.pk, at=now)
    order = ordered((sage, 2), at=now)
    line = order.lines.get()

    assert variants_instead([line]) == {line.pk: [moss]}
    take_instead(order_id=order.pk, line_id=line.pk, variant_id=moss.pk, by=None, at=late(order))

    assert list(StockLevel.objects.filter(variant=moss).order_by("id").values_list("allocated", flat=True)) == [1, 1]
    assert our_breaches() == []


def test_the_invoice_names_what_goes_instead(now: datetime) -> None:
    sage = VariantFactory(stock=5)
    moss = VariantFactory(product=sage.product, label="Moss", stock=3)
    order = ordered((sage, 1), at=now)
    papers_of(order, now)

    take_instead(order_id=order.pk, line_id=order.lines.get().pk, variant_id=moss.pk, by=None, at=late(order))

    documents = Document.objects.order_by("id")
    assert [(each.kind, each.total_minor, each.content["parts"][0]["sku"]) for each in documents] == [
        ("invoice", 2890, sage.sku),
        ("credit_note", 2890, sage.sku),
        ("invoice", 2890, moss.sku),
    ]
    assert our_breaches() == []


def test_an_invoice_of_which_something_went_back_stays_as_it_is(now: datetime) -> None:
    sage = VariantFactory(stock=5)
    moss = VariantFactory(product=sage.product, label="Moss", stock=3)
    order = ordered((sage, 1), at=now)
    grant_refund(order_id=order.pk, amount_minor=100, reason="Sorry", origin="t:1", by=None, at=now)
    papers_of(order, now)

    take_instead(order_id=order.pk, line_id=order.lines.get().pk, variant_id=moss.pk, by=None, at=late(order))

    assert [(kind, total) for kind, total, _tax in papers_of(order, now)] == [("invoice", 2890), ("credit_note", 100)]
    assert our_breaches() == []


# -- What costs nothing is missing -----------------------------------------------------------------------------------

KINDS = ["free", "instead", "exchange"]


@pytest.fixture(params=KINDS)
def for_nothing(request: pytest.FixtureRequest, now: datetime) -> tuple[OrderLine, datetime]:
    """A line that costs nothing, of a kind, next to a bought bowl; its parcel is to be packed from the moment on."""
    sage = VariantFactory(stock=5)
    moss = VariantFactory(product=sage.product, label="Moss", stock=1)
    if request.param == "free":
        for_everybody(kind="gift", amount_minor=None, gift=sage, name="Gift")
    order = ordered((VariantFactory(stock=5, price_minor=5000), 1), (sage, 1), at=now)
    bought = order.lines.get(kind="sale", variant=sage)
    at = now
    if request.param == "instead":
        case = missing(bought, at=now, key="before")
        choosing.choose_other(case_id=case.pk, order_id=order.pk, variant_id=moss.pk, by=None, at=now)
    if request.param == "exchange":
        parcel = order.parcels.get()
        send(parcel, at=now)
        scan(Parcel.objects.get(), "delivered", now + timedelta(days=1))
        at = now + timedelta(days=2)
        add_exchange(
            order_id=order.pk, exchange_of_id=bought.pk, variant_id=moss.pk, quantity=1, key="x", by=None, at=at
        )
    VariantFactory(product=sage.product, label="Ink", stock=3)
    return order.lines.get(kind=request.param), at


@pytest.fixture
def page(
    for_nothing: tuple[OrderLine, datetime], client: Client, monkeypatch: pytest.MonkeyPatch
) -> tuple[Client, str]:
    """Her page of the order, whose piece that costs nothing is missing."""
    line, at = for_nothing
    monkeypatch.setattr("django.utils.timezone.now", lambda: at)
    expected = StockLevel.objects.get(variant=line.variant_id)
    missing(line, at=at)
    arrivals.announce_arrival(
        level_id=expected.pk,
        pieces=1,
        expected_on=at.date() + timedelta(days=7),
        source=StockArrival.Source.PRODUCTION,
        note="",
        by=None,
        at=at,
    )
    return client, f"/orders/{issue_link(order=line.order, at=at)}/"


def test_her_page_offers_what_can_be_had_of_a_piece_that_cost_nothing(
    page: tuple[Client, str], for_nothing: tuple[OrderLine, datetime]
) -> None:
    client, path = page
    said = words(client.get(path))

    kind = for_nothing[0].kind
    for choice in ("Send Ink instead", "Wait for the next ones", "Leave it out"):
        assert choice in said
    assert ("€24.00 goes back to you" in said) == (kind == "instead")
    assert "€0.00" not in said
    assert ("Cancel the whole order" in said) == (kind != "exchange")


@pytest.mark.parametrize("choice", ["other", "later", "rest", "cancel"])
def test_every_choice_can_be_made_about_a_piece_that_cost_nothing(
    page: tuple[Client, str], for_nothing: tuple[OrderLine, datetime], choice: str
) -> None:
    (client, path), (line, _at) = page, for_nothing
    case = Unavailability.objects.get(line=line)
    ink = Variant.objects.get(label="Ink")

    answer = client.post(f"{path}missing/{case.pk}/", {"choice": choice, "variant": ink.pk}, follow=True)

    case.refresh_from_db()
    line.refresh_from_db()
    assert answer.status_code == 200
    if (choice, line.kind) == ("cancel", "exchange"):  # she has what she bought
        assert (case.state, case.choice) == ("open", "")
        return
    assert (case.choice, case.state) == (choice, "waiting" if choice == "later" else "settled")
    back = {"rest": 2400 if line.kind == "instead" else 0, "cancel": line.order.total_minor}.get(choice, 0)
    assert sum(RefundGrant.objects.values_list("amount_minor", flat=True)) == back
    assert line.qty_missing == (1 if choice == "later" else 0)
    assert our_breaches() == []
