"""Money of pieces that were exchanged: whatever comes back in whatever order, no more and no less than was paid."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from orders.models import Order, OrderLine, Parcel, Payment
from orders.operations import choosing
from orders.operations.paying import note_payment_received
from orders.operations.refunding import grant_refund
from orders.operations.shortfalls import note_short_pick
from orders.rules.shares import Amount
from returns.models import ReturnCase
from returns.operations.deciding import approve_return
from returns.operations.receiving import Finding, receive_return
from returns.operations.seed_reasons import seed_reasons
from returns.operations.settling import settle_return
from returns.queries.refunds import preview_of
from shop.queries.audit import breaches
from tests.factories.orders import placed_order
from tests.factories.returns import asked, deliver, delivered_order, requested
from tests.factories.shop import StaffFactory, VariantFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


class Story:
    """An order of one mug (24.00, delivery 4.90) that arrived, and what is sent to and fro."""

    def __init__(self, at: datetime, pieces: tuple[int, ...] = (1,)) -> None:
        self.order: Order = delivered_order(at=at, pieces=pieces)
        self.at, self.dilini, self.parcels = at + 4 * DAY, StaffFactory(), 1

    @property
    def bought(self) -> OrderLine:
        return self.order.lines.order_by("id")[0]

    def swap(self, line: OrderLine, quantity: int = 1, *, arrives: bool = True) -> tuple[ReturnCase, OrderLine]:
        """Agree to an exchange for the same piece in another form, and let the new one arrive."""
        other = VariantFactory(product=line.variant.product, label=f"Form {self.parcels}", price_minor=2400)
        wish = asked(line, quantity, wanted="exchange", exchange_variant_id=other.pk)
        case = requested(self.order, wish, at=self.at)
        approve_return(case_id=case.pk, by=self.dilini, at=self.at)
        self.parcels += 1
        if arrives:
            deliver(self.order, number=self.parcels, at=self.at)
            self.at += 4 * DAY
        return case, case.lines.get().exchange_line  # type: ignore[return-value]

    def back(self, line: OrderLine, quantity: int = 1, finding: Finding | None = None) -> ReturnCase:
        """Let a piece come back for money; settle it whatever it looks like."""
        case = requested(self.order, asked(line, quantity), at=self.at)
        approve_return(case_id=case.pk, by=self.dilini, at=self.at)
        return self.unpack(case, finding or Finding(quantity))

    def unpack(self, case: ReturnCase, *findings: Finding) -> ReturnCase:
        lines = case.lines.order_by("id")
        found = {line.pk: finding for line, finding in zip(lines, findings, strict=True)}
        receive_return(case_id=case.pk, findings=found, by=self.dilini, at=self.at)
        case.refresh_from_db()
        if case.status == ReturnCase.Status.RECEIVED:
            settle_return(case_id=case.pk, by=self.dilini, at=self.at)
            case.refresh_from_db()
        return case

    def given_back(self) -> int:
        return Payment.objects.get(order=self.order).granted_minor


EMPTY = Finding(0)


@pytest.mark.parametrize("first", ["bought", "exchanged"])
def test_both_pieces_of_an_exchange_whose_parcel_was_empty_give_back_what_was_paid_once(
    now: datetime, first: str
) -> None:
    """She has two pieces and paid for one: the first that comes back is the one we missed."""
    story = Story(now)
    case, sent = story.swap(story.bought)
    assert story.unpack(case, EMPTY).refund_minor == 0

    one, other = (story.bought, sent) if first == "bought" else (sent, story.bought)
    assert story.back(one).refund_minor == 0
    assert story.back(other).refund_minor == 2890

    assert (story.given_back(), breaches()) == (2890, [])


def test_the_replacement_that_is_back_before_what_it_stands_for_is_paid_when_that_comes(now: datetime) -> None:
    story = Story(now)
    case, sent = story.swap(story.bought)
    assert story.back(sent).refund_minor == 0

    assert story.unpack(case, Finding(1)).refund_minor == 2890

    assert (story.given_back(), breaches()) == (2890, [])


def test_a_piece_exchanged_twice_gives_back_what_was_paid_once(now: datetime) -> None:
    story = Story(now)
    first, second_piece = story.swap(story.bought)
    story.unpack(first, Finding(1))
    second, third_piece = story.swap(second_piece)
    assert story.unpack(second, EMPTY).refund_minor == 0

    assert story.back(second_piece).refund_minor == 0
    assert story.back(third_piece).refund_minor == 2890

    assert (story.given_back(), breaches()) == (2890, [])


def test_both_in_one_parcel_are_paid_once_and_the_preview_says_so(now: datetime) -> None:
    story = Story(now)
    case, sent = story.swap(story.bought)
    story.unpack(case, EMPTY)

    both = requested(story.order, asked(story.bought), asked(sent), at=story.at)
    assert preview_of(both).total_minor == 2890
    approve_return(case_id=both.pk, by=story.dilini, at=story.at)
    assert story.unpack(both, Finding(1), Finding(1)).refund_minor == 2890

    assert list(both.lines.order_by("id").values_list("amount_minor", flat=True)) == [2400, 0]
    assert (story.given_back(), breaches()) == (2890, [])


def test_what_staff_gave_back_without_a_return_is_no_debt_of_hers(now: datetime) -> None:
    """Of two she keeps one as a gift: the other, sent back, gives back its own price."""
    story = Story(now, pieces=(2,))
    grant_refund(
        order_id=story.order.pk, amount_minor=2400, reason="Keep it", origin="staff:1", by=None, at=story.at,
        what=Amount(2400, story.bought.pk),
    )  # fmt: skip

    assert story.back(story.bought).refund_minor == 1200
    assert story.back(story.bought).refund_minor == 1690

    assert (story.given_back(), breaches()) == (story.order.total_minor, [])


def test_a_piece_whose_money_is_back_already_still_counts_as_sent_back(now: datetime) -> None:
    """The delivery fee goes with the last piece, also when the one before it was worth nothing any more."""
    story = Story(now, pieces=(1, 1))
    grant_refund(
        order_id=story.order.pk, amount_minor=2400, reason="A chip", origin="staff:1", by=None, at=story.at,
        what=Amount(2400, story.bought.pk),
    )  # fmt: skip
    assert story.back(story.bought).refund_minor == 0

    last = story.back(story.order.lines.order_by("id")[1])

    assert last.delivery_minor == 490
    assert (story.given_back(), breaches()) == (story.order.total_minor, [])


def short(story: Story, line: OrderLine) -> choosing.Unavailability:
    parcel = Parcel.objects.filter(order=story.order).latest("number")
    return note_short_pick(
        parcel_id=parcel.pk, line_id=line.pk, missing=1, reason="", key="short", by=story.dilini, at=story.at
    )


@pytest.mark.parametrize("came", ["before", "after"])
def test_a_replacement_that_is_not_there_gives_the_price_back_once_the_piece_is_here(now: datetime, came: str) -> None:
    story = Story(now)
    exchange, sent = story.swap(story.bought, arrives=False)
    if came == "before":
        story.unpack(exchange, Finding(1))
    missing = short(story, sent)
    worth = choosing.worth_of(missing)

    choosing.choose_rest(case_id=missing.pk, order_id=story.order.pk, by=None, at=story.at)

    assert (worth, story.given_back()) == ((2400, 2400) if came == "before" else (0, 0))
    if came == "after":
        assert story.unpack(exchange, Finding(1)).refund_minor == 2890
    assert (story.given_back(), breaches()) == (2400 if came == "before" else 2890, [])


def test_a_price_taken_off_a_missing_piece_is_not_taken_off_the_one_that_came(now: datetime) -> None:
    """Of two one was missing before she paid: the one that came gives its price back, and the fee with it."""
    seed_reasons(now)
    order, dilini = placed_order(at=now, quantity=2, paid=False), StaffFactory()
    Payment.objects.filter(order=order).update(provider="cash_on_delivery")
    line, parcel = order.lines.get(), Parcel.objects.get(order=order)
    missing = note_short_pick(
        parcel_id=parcel.pk, line_id=line.pk, missing=1, reason="", key="short", by=dilini, at=now
    )
    choosing.choose_rest(case_id=missing.pk, order_id=order.pk, by=None, at=now)
    deliver(order, number=1, at=now)
    note_payment_received(order_id=order.pk, amount_minor=2890, reference="cash", by=dilini, at=now + 4 * DAY)

    case = requested(order, asked(line), at=now + 4 * DAY)
    approve_return(case_id=case.pk, by=dilini, at=now + 4 * DAY)
    receive_return(case_id=case.pk, findings={case.lines.get().pk: Finding(1)}, by=dilini, at=now + 4 * DAY)

    assert Payment.objects.get(order=order).granted_minor == 2890
    assert breaches() == []
