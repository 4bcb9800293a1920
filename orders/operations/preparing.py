"""Prepare an order: everything that can still be refused, in one locked transaction, before any money moves.

The promise is made here and not after the charge: what she agreed to is frozen with its basis, and nothing that
follows the charge can say no.  Source: commerce reference 2.B, d.3, d.5; reliability reference D6, D7.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from orders.models import (
    Cart,
    Order,
    OrderLine,
    Parcel,
    ParcelLine,
    ParcelPlan,
    Payment,
    Promise,
    Sending,
    ServiceLevel,
    StoreCredit,
)
from orders.operations.capacity import DayFull, hold_place
from orders.operations.credit import NotEnoughCredit, spend
from orders.operations.redeeming import redeem
from orders.queries.bag import BagLine, agreed_delivery, holder_of, ordered_lines
from orders.queries.credit import purse_of
from orders.queries.measures import measures_of
from orders.queries.offers import Asked, NotServed, Offer, offer, tax_rates
from orders.queries.promotions import chances_of
from orders.queries.quotes import Quote, timetable
from orders.rules.bag import Ready
from orders.rules.checkout import ANYWAY, WAIT, CheckoutRequest
from orders.rules.guard import Change, Shown, compare
from orders.rules.incident import Where
from orders.rules.numbers import NUMBERS, order_number
from orders.rules.payment import Split, paid_status, pay_by, split
from orders.rules.promise import NobodyHome
from orders.rules.promotions import customer_key
from orders.rules.shares import unit_shares
from orders.rules.totals import Priced
from shop.messages.news import words_now
from shop.models import User, Variant
from shop.operations import stock
from shop.queries.stock import shelves_of
from shop.rules.goods import NotComing


class BagEmpty(Exception):
    """There is nothing in the bag to order."""


class BagSpent(Exception):
    """An order was made of this bag already: `order` is it."""

    def __init__(self, order: Order) -> None:
        super().__init__(order.number)
        self.order = order


class ChangedSinceShown(Exception):
    """The sum or the day is not what the page showed; `change` says what.  Nothing was written."""

    def __init__(self, change: Change) -> None:
        super().__init__(str(change))
        self.change = change


def prepare(*, cart_id: int, request: CheckoutRequest, shown: Shown, customer: User | None, at: datetime) -> Order:
    """Write the order with its lines, stock, parcels, promise and payment; call inside the claim's transaction.

    Raises BagEmpty, BagSpent, NotServed, NoEstimate, NobodyHome, ChangedSinceShown, PromotionGone,
    shop.operations.stock.SoldOut.
    """
    cart = Cart.objects.select_for_update().get(pk=cart_id)
    if Order.objects.filter(cart=cart).exists():
        raise BagSpent(Order.objects.get(cart=cart))
    lines = lines_on_sale(cart, at=at)
    purse = None
    if request.spends_credit:
        purse = purse_of(customer, currency=settings.SHOP_CURRENCY, opened_id=cart.credit_id)
    agreed = _agree(cart, request, shown, lines, purse, at)
    paid = _paid_with(agreed, request, purse)
    order = _create_order(cart, request, agreed, paid, customer, at)
    rows = [*_create_lines(order, lines, agreed), *_create_gifts(order, agreed)]
    _create_parcels(order, rows, agreed, at)
    Payment.objects.create(
        order=order,
        provider=paid.provider,
        currency=order.currency,
        due_minor=order.total_minor,
        credit_minor=paid.credit_minor,
        expires_at=_pay_by(paid, at),
    )
    try:
        hold_place(service=agreed.service, starts_on=agreed.estimate.starts_on, at_most=agreed.quote.at_most)
    except DayFull:
        _agree(cart, request, shown, lines, purse, at)  # says what is different now
        raise ChangedSinceShown(Change()) from None
    _create_promise(order, agreed, at)
    _allocate(order, rows, at)
    _check_goods(lines, at)
    redeem(order=order, outcome=agreed.promotions, customer_key=customer_key(request.email), at=at)
    _spend(order, purse, paid, at)
    return order


def _paid_with(agreed: Offer, request: CheckoutRequest, purse: StoreCredit | None) -> Split:
    balance_minor = purse.balance_minor if purse else 0
    return split(total_minor=agreed.totals.total_minor, balance_minor=balance_minor, provider=request.provider)


def _spend(order: Order, purse: StoreCredit | None, paid: Split, at: datetime) -> None:
    """Take her credit.  Last of all: who waits for the same account then waits for the shortest time."""
    if purse is None or not paid.credit_minor:
        return
    try:
        spend(account=purse, order=order, amount_minor=paid.credit_minor, at=at)
    except NotEnoughCredit:
        purse.refresh_from_db()
        left = min(purse.balance_minor, order.total_minor)
        raise ChangedSinceShown(Change(credit_minor=(paid.credit_minor, left))) from None


def _allocate(order: Order, rows: Sequence[OrderLine], at: datetime) -> None:
    """Speak for the pieces.  Last, so that the levels everybody wants are locked for the shortest time."""
    stock.allocate(
        wanted=[stock.Wanted(row.variant_id, row.quantity, f"allocate:{order.number}:{row.pk}") for row in rows],
        order_number=order.number,
        at=at,
        holder=holder_of(order.cart_id or 0),
        ahead=True,
    )


def _check_goods(lines: Sequence[BagLine], at: datetime) -> None:
    """Look again, now that nobody comes between, whether goods on their way are here on the day she agreed to.

    One or two queries, none where nothing is sold before it is there.  Raises ChangedSinceShown.
    """
    ahead = {line.variant.pk: line for line in lines if line.sells_ahead}
    shelves = shelves_of(list(ahead), today=timezone.localdate(at)) if ahead else {}
    for variant_id, shelf in shelves.items():
        try:
            here_on = shelf.goods_on(0)  # hers are among those that are spoken for
        except NotComing:
            raise ChangedSinceShown(Change()) from None
        agreed_on = ahead[variant_id].goods_on
        if here_on and (agreed_on is None or here_on > agreed_on):
            raise ChangedSinceShown(Change())


def _pay_by(paid: Split, at: datetime) -> datetime | None:
    """Return until when the money is waited for; of what credit or promotions pay in full nothing is to come."""
    wait = timedelta(days=settings.TRANSFER_WAIT_DAYS)
    return pay_by(provider=paid.provider, open_minor=paid.outside_minor, wait=wait, at=at)


def lines_on_sale(cart: Cart, *, at: datetime) -> list[BagLine]:
    """Return what is in a bag and can be had.  Raises BagEmpty, shop.operations.stock.SoldOut."""
    lines = ordered_lines(cart, today=timezone.localdate(at))
    if not lines:
        raise BagEmpty
    gone = [stock.Shortage(line.variant.pk, line.quantity, 0) for line in lines if not line.on_sale]
    # Of what is sold before it is there no more than is on its way: nobody could say when the rest comes.
    ahead = [line for line in lines if line.sells_ahead and not line.enough]
    gone += [stock.Shortage(line.variant.pk, line.quantity, line.left) for line in ahead]
    if gone:
        raise stock.SoldOut(gone)
    return lines


def _agree(
    cart: Cart,
    request: CheckoutRequest,
    shown: Shown,
    lines: list[BagLine],
    purse: StoreCredit | None,
    at: datetime,
) -> Offer:
    """Compare what holds now with what she saw, and return the offer she takes."""
    products = frozenset(line.product.pk for line in lines)
    where = Where(request.country, request.postcode, request.region, products)
    table = timetable(request.country, at=at, where=where)
    service = table.named(request.service_code)
    window = service.window(request.window) if service else None
    if service is None or (request.window and window is None):
        raise NotServed(request.country)
    asked = Asked(
        home_weekdays=() if request.when_nobody_home == ANYWAY else request.home_weekdays,
        as_ready=cart.sending == Sending.AS_READY,
        chances=tuple(chances_of(cart, customer_key=customer_key(request.email), at=at)),
        agreed=agreed_delivery(cart),
    )
    found = offer(
        table=table,
        service=service,
        provider=request.provider,
        lines=lines,
        rates=tax_rates(request.country, on=timezone.localdate(at)),
        asked=asked,
        window=window,
    )
    now = found.as_shown(credit_minor=purse.balance_minor if purse else 0)
    if not request.spends_credit:
        shown = replace(shown, credit_minor=0)
    change = compare(shown=shown, now=now if request.when_nobody_home == WAIT else replace(now, home_on=None))
    if change:
        raise ChangedSinceShown(change)
    if found.waiting and request.when_nobody_home != WAIT:
        plain = found.plain.estimate
        raise NobodyHome(plain.deliver_from_on, plain.deliver_by_on, found.estimate.deliver_by_on)
    return found


def _create_order(
    cart: Cart, request: CheckoutRequest, agreed: Offer, paid: Split, customer: User | None, at: datetime
) -> Order:
    sums = agreed.totals
    order = Order(
        cart=cart,
        customer=customer,
        status=Order.Status.PLACING,
        payment_status=paid_status(
            provider=paid.provider, due_minor=sums.total_minor, captured_minor=0, refunded_minor=0
        ),
        email=request.email,
        full_name=request.full_name,
        street=request.street,
        extra=request.extra,
        postcode=request.postcode,
        city=request.city,
        region=request.region,
        country=request.country,
        phone=request.phone,
        home_weekdays=list(request.home_weekdays),
        home_part_of_day="any" if agreed.window else request.home_part_of_day,
        window_from=agreed.window.from_at if agreed.window else None,
        window_to=agreed.window.to_at if agreed.window else None,
        window_minor=agreed.window.price_minor if agreed.window else 0,
        courier_note=request.courier_note,
        service=agreed.service,
        pickup=agreed.service.kind == ServiceLevel.Kind.PICKUP,
        currency=agreed.service.currency,
        goods_minor=sums.goods_minor,
        delivery_minor=sums.delivery_minor,
        tax_minor=sums.tax_minor,
        delivery_shares=[list(share) for share in sums.delivery_shares],
        total_minor=sums.total_minor,
        sending=Sending.AS_READY if agreed.early else Sending.TOGETHER,
        gift_wrap=cart.gift_wrap,
        gift_message=cart.gift_message,
        hide_prices=cart.hide_prices,
        locale=request.locale,
        news_wording=words_now().code if request.news else "",
        placed_at=at,
        guaranteed=agreed.service.guaranteed,
    )
    return _save_with_number(order)


def _save_with_number(order: Order) -> Order:
    """Draw numbers until one is free; with a hundred million of them the second draw is rare."""
    for _attempt in range(20):
        order.number = order_number(settings.ORDER_PREFIX, secrets.randbelow(NUMBERS))
        try:
            with transaction.atomic():
                order.save(force_insert=True)
        except IntegrityError:
            if not Order.objects.filter(number=order.number).exists():
                raise
            continue
        return order
    raise RuntimeError("No free order number after 20 draws")


def _create_lines(order: Order, lines: Sequence[BagLine], agreed: Offer) -> list[OrderLine]:
    measures = measures_of([line.variant.pk for line in lines])
    return OrderLine.objects.bulk_create(
        [_order_line(order, line, one, measures) for line, one in zip(lines, agreed.priced, strict=True)]
    )


def _create_gifts(order: Order, agreed: Offer) -> list[OrderLine]:
    """Add what comes along for nothing, as lines that cost nothing."""
    gifts = Variant.objects.filter(pk__in=agreed.promotions.gifts).select_related("product").order_by("id")
    return OrderLine.objects.bulk_create([_gift_line(order, gift) for gift in gifts]) if agreed.promotions.gifts else []


def _gift_line(order: Order, gift: Variant) -> OrderLine:
    return OrderLine(
        order=order,
        kind=OrderLine.Kind.FREE,
        variant=gift,
        sku=gift.sku,
        title=gift.product.name,
        options_label=gift.label,
        unit_minor=0,
        quantity=1,
        gross_minor=0,
        tax_rate_bp=0,
        tax_minor=0,
        units_paid_minor=[0],
        units_tax_minor=[0],
    )


def _create_parcels(order: Order, rows: Sequence[OrderLine], agreed: Offer, at: datetime) -> None:
    """Plan one parcel, or two when what is ready goes first: then the first has a plan of its own."""
    groups = [list(rows)]
    if agreed.early:
        wish = agreed.early.wish
        first = Ready(wish.making_days, wish.goods_on).turn
        groups = [[row for row in rows if row.ready.turn <= first], [row for row in rows if row.ready.turn > first]]
    for number, group in enumerate(groups, start=1):
        parcel = Parcel.objects.create(order=order, number=number)
        ParcelLine.objects.bulk_create([ParcelLine(parcel=parcel, line=row, quantity=row.quantity) for row in group])
        if agreed.early and number == 1:
            _plan(parcel, agreed.early, at)


def _plan(parcel: Parcel, early: Quote, at: datetime) -> None:
    days = early.estimate
    ParcelPlan.objects.create(
        parcel=parcel,
        version=1,
        deliver_from_on=days.deliver_from_on,
        deliver_by_on=days.deliver_by_on,
        starts_on=days.starts_on,
        pack_by_at=days.pack_by_at,
        hand_over_by_at=days.hand_over_by_at,
        breaks_at=days.breaks_at,
        basis=early.basis(),
        made_at=at,
    )


def _order_line(
    order: Order, line: BagLine, sums: Priced, measures: dict[int, dict[str, dict[str, object]]]
) -> OrderLine:
    paid, tax = unit_shares(paid_minor=sums.paid_minor, tax_minor=sums.tax_minor, quantity=sums.quantity)
    return OrderLine(
        order=order,
        variant=line.variant,
        sku=line.variant.sku,
        title=line.product.name,
        options_label=line.variant.label,
        image_path=line.picture.path if line.picture else "",
        measurements=measures.get(line.variant.pk, {}),
        making_days=line.making_days,
        goods_on=line.goods_on,
        unit_minor=sums.unit_minor,
        was_minor=line.variant.was_minor,
        quantity=sums.quantity,
        gross_minor=sums.gross_minor,
        discount_minor=sums.discount_minor,
        tax_rate_bp=sums.tax_rate_bp,
        tax_minor=sums.tax_minor,
        units_paid_minor=paid,
        units_tax_minor=tax,
    )


def _create_promise(order: Order, agreed: Offer, at: datetime) -> Promise:
    days = agreed.estimate
    return Promise.objects.create(
        order=order,
        version=1,
        source=Promise.Source.CHECKOUT,
        deliver_from_on=days.deliver_from_on,
        deliver_by_on=days.deliver_by_on,
        starts_on=days.starts_on,
        pack_by_at=days.pack_by_at,
        hand_over_by_at=days.hand_over_by_at,
        breaks_at=days.breaks_at,
        basis=agreed.quote.basis(),
        made_at=at,
    )
