"""What nobody sends back: a free gift, which she keeps, and the paper an order was wrapped in."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.conf import settings as shop_settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from orders.models import Cart, Order, OrderLine, RefundGrant
from orders.operations.placing import place_order
from orders.operations.refunding import grant_refund
from returns.forms import WithdrawalForm
from returns.models import Inspection, ReturnCase
from returns.operations.deciding import approve_return
from returns.operations.declaring import Statement, declare_withdrawal
from returns.operations.receiving import Finding, ImpossibleFinding, receive_return
from returns.operations.requesting import NotReturnable
from returns.operations.seed_reasons import seed_reasons
from returns.queries.offers import offer_of
from returns.queries.refunds import preview_of
from returns.rules.amounts import Refund
from shop.models import StockLevel
from shop.queries.audit import breaches
from tests.factories.bags import ANA, filled_bag, for_everybody, gift_wrap, ordered, shown_to
from tests.factories.returns import asked, deliver, requested
from tests.factories.shop import StaffFactory, VariantFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def with_gift(at: datetime) -> tuple[Order, OrderLine, OrderLine]:
    """A mug (24.00, delivery 4.90) with a free towel, arrived; the line bought, and the gift."""
    seed_reasons(at)
    for_everybody(kind="gift", amount_minor=None, gift=VariantFactory(stock=5), name="A towel with it")
    order = ordered((VariantFactory(stock=5), 1), at=at)
    deliver(order, number=1, at=at)
    order.refresh_from_db()
    return order, order.lines.get(kind="sale"), order.lines.get(kind="free")


def wrapped(*pieces: int, at: datetime) -> Order:
    """Mugs at 24.00, a line for each of `pieces`, wrapped (3.90), delivery 4.90; arrived."""
    seed_reasons(at)
    gift_wrap()
    cart, _token = filled_bag(*[(VariantFactory(stock=5), number) for number in pieces], at=at)
    Cart.objects.filter(pk=cart.pk).update(gift_wrap=True)
    cart.refresh_from_db()
    order = place_order(key=uuid4(), cart_id=cart.pk, request=ANA, shown=shown_to(cart, ANA, at=at), at=at)
    deliver(order, number=1, at=at)
    order.refresh_from_db()
    return order


def mugs(order: Order) -> list[OrderLine]:
    return list(order.lines.exclude(sku=shop_settings.GIFT_WRAP_SKU).order_by("id"))


def agreed(order: Order, line: OrderLine, quantity: int = 1, *, at: datetime) -> ReturnCase:
    case = requested(order, asked(line, quantity), at=at)
    return approve_return(case_id=case.pk, by=StaffFactory(), at=at)


def back(order: Order, line: OrderLine, quantity: int = 1, *, at: datetime) -> ReturnCase:
    """Let pieces come back whole and like new, so that they are settled."""
    case = agreed(order, line, quantity, at=at)
    return receive_return(case_id=case.pk, findings={case.lines.get().pk: Finding(quantity)}, by=StaffFactory(), at=at)


def given_back(order: Order) -> list[int]:
    grants = RefundGrant.objects.filter(payment__order=order).order_by("id")
    return list(grants.values_list("amount_minor", flat=True))


def on_shelf(line: OrderLine) -> tuple[int, int]:
    level = StockLevel.objects.get(variant=line.variant_id)
    return level.on_hand, level.quarantine


def test_a_free_gift_is_not_asked_back(now: datetime) -> None:
    order, bought, gift = with_gift(now)
    at = now + 5 * DAY

    offer = offer_of(order=order, at=at)

    assert [row.state.line for row in offer.lines] == [bought]
    assert offer.refused == ()
    with pytest.raises(NotReturnable):
        requested(order, asked(gift), at=at)
    assert not ReturnCase.objects.exists()


def test_a_gift_stays_hers_when_what_it_came_with_goes_back(now: datetime) -> None:
    order, bought, gift = with_gift(now)

    case = back(order, bought, at=now + 5 * DAY)

    assert (case.status, case.delivery_minor, case.refund_minor) == ("settled", 490, 2890)
    assert given_back(order) == [order.total_minor]
    gift.refresh_from_db()
    assert (gift.qty_delivered, gift.qty_returned, on_shelf(gift)) == (1, 0, (4, 0))
    assert breaches() == []


def test_a_gift_that_came_along_is_booked_in_for_no_money(now: datetime) -> None:
    order, bought, gift = with_gift(now)
    at = now + 5 * DAY
    case = agreed(order, bought, at=at)

    case = receive_return(
        case_id=case.pk,
        findings={case.lines.get().pk: Finding(1)},
        gifts={gift.pk: Finding(1, Inspection.Condition.DAMAGED, Inspection.Disposition.QUARANTINE)},
        by=StaffFactory(),
        at=at,
    )

    assert (case.status, given_back(order)) == ("settled", [2890])  # a damaged gift is nothing to decide about
    gift.refresh_from_db()
    assert (gift.qty_returned, on_shelf(gift), on_shelf(bought)) == (1, (4, 1), (5, 0))
    assert case.lines.get(order_line=gift).amount_minor == 0
    assert breaches() == []


def test_no_more_of_a_gift_comes_along_than_she_has(now: datetime) -> None:
    order, bought, gift = with_gift(now)
    at = now + 5 * DAY
    case = agreed(order, bought, at=at)

    for wrong in ({gift.pk: Finding(2)}, {bought.pk: Finding(1)}):
        with pytest.raises(ImpossibleFinding):
            receive_return(
                case_id=case.pk, findings={case.lines.get().pk: Finding(1)}, gifts=wrong, by=StaffFactory(), at=at
            )

    case.refresh_from_db()
    assert (case.status, case.lines.count(), on_shelf(gift), on_shelf(bought)) == ("approved", 1, (4, 0), (4, 0))


def test_a_gift_that_was_asked_for_before_can_still_be_unpacked(now: datetime) -> None:
    order, bought, gift = with_gift(now)
    at = now + 5 * DAY
    case = agreed(order, bought, at=at)
    row = case.lines.get()
    row.pk, row.order_line = None, gift
    row.save()

    preview = preview_of(case)
    done = receive_return(
        case_id=case.pk, findings={line.pk: Finding(1) for line in case.lines.all()}, by=StaffFactory(), at=at
    )

    assert preview.total_minor == 2890
    assert (done.status, done.refund_minor, given_back(order)) == ("settled", 2890, [2890])
    assert breaches() == []


def test_the_page_for_unpacking_asks_for_gifts_that_came_along(admin_client: Client) -> None:
    at = timezone.now()
    order, bought, gift = with_gift(at - 10 * DAY)
    case = agreed(order, bought, at=at)
    url = reverse("admin:returns_returncase_receive", args=[case.pk])
    line = case.lines.get()

    page = admin_client.get(url).content.decode()
    sent = {
        f"{name}-{field}": value
        for name, number in ((f"line-{line.pk}", 1), (f"gift-{gift.pk}", 1))
        for field, value in {"quantity": number, "condition": "like_new", "disposition": "restock", "note": ""}.items()
    }
    answer = admin_client.post(url, sent)

    assert page.count("A free gift: nobody asks for it back") == 1
    assert answer.status_code == 303
    gift.refresh_from_db()
    assert (gift.qty_returned, on_shelf(gift), given_back(order)) == (1, (5, 0), [2890])


def test_gift_wrap_is_not_asked_back_and_goes_with_the_last_piece(now: datetime) -> None:
    order = wrapped(1, at=now)
    at = now + 5 * DAY
    (mug,) = mugs(order)

    offer = offer_of(order=order, at=at)
    case = agreed(order, mug, at=at)
    shown = preview_of(case)
    case = receive_return(case_id=case.pk, findings={case.lines.get().pk: Finding(1)}, by=StaffFactory(), at=at)

    assert ([row.state.line for row in offer.lines], offer.refused) == ([mug], ())
    assert shown == Refund((2400,), 490, 390)
    assert (case.delivery_minor, case.wrap_minor, case.refund_minor) == (490, 390, 3280)
    assert given_back(order) == [order.total_minor] == [3280]
    assert breaches() == []


def test_gift_wrap_stays_paid_while_something_is_kept(now: datetime) -> None:
    order = wrapped(2, 1, at=now)
    first, second = mugs(order)

    one = back(order, first, 1, at=now + 5 * DAY)
    two = back(order, second, 1, at=now + 6 * DAY)
    last = back(order, first, 1, at=now + 7 * DAY)

    assert [(case.delivery_minor, case.wrap_minor, case.refund_minor) for case in (one, two, last)] == [
        (0, 0, 2400),
        (0, 0, 2400),
        (490, 390, 3280),
    ]
    assert sum(given_back(order)) == order.total_minor
    assert breaches() == []


def test_gift_wrap_is_not_given_back_twice(now: datetime) -> None:
    order = wrapped(1, at=now)
    grant_refund(order_id=order.pk, amount_minor=100, reason="torn", origin="tests", by=None, at=now)

    case = back(order, mugs(order)[0], at=now + 5 * DAY)

    assert case.refund_minor == 3180
    assert sum(given_back(order)) == order.total_minor
    assert breaches() == []


def test_without_the_rule_about_wrap_the_fee_would_stay_with_us(now: datetime, settings: Settings) -> None:
    order = wrapped(1, at=now)
    mug = mugs(order)[0]
    settings.GIFT_WRAP_SKU = "no such paper"

    case = back(order, mug, at=now + 5 * DAY)

    assert (case.delivery_minor, case.wrap_minor, case.refund_minor) == (0, 0, 2400)


def test_a_withdrawal_names_neither_gift_nor_wrap(now: datetime) -> None:
    order, bought, _gift = with_gift(now)
    wrap = wrapped(2, at=now)

    assert WithdrawalForm(order=order).units_of_order == [f"{bought.pk}-1"]
    assert WithdrawalForm(order=wrap).units_of_order == [f"{mugs(wrap)[0].pk}-1", f"{mugs(wrap)[0].pk}-2"]


def test_a_withdrawal_from_a_wrapped_order_gives_back_all_that_was_paid(now: datetime) -> None:
    order, at = wrapped(1, at=now), now + 5 * DAY
    said = Statement(order.number, "Ana Costa", order.email, "", "en")

    withdrawal = declare_withdrawal(statement=said, submission_key=uuid4(), at=at, order_id=order.pk)
    case = withdrawal.cases.get()
    receive_return(case_id=case.pk, findings={case.lines.get().pk: Finding(1)}, by=StaffFactory(), at=at)

    assert (withdrawal.outcome, [line.order_line for line in case.lines.all()]) == ("return", mugs(order))
    assert given_back(order) == [order.total_minor] == [3280]
    assert breaches() == []
