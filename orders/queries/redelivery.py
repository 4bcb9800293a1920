"""What a change of where and when an order comes would make of it: its hours, its sums, and the day it arrives.

Preview and application take this one path; the application calls it with the order locked.
Source: style 14; commerce reference b-17, d.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from orders.models import Order, OrderChange, OrderLine, Parcel, Payment, Promise
from orders.queries.changing import ChangePlan, money_came_back, plan_change, wishes_of
from orders.queries.crises import concerned, crises_now
from orders.queries.plans import committed
from orders.queries.stages import route_of_order
from orders.rules.changing import NotChangeable, Settling, Why, settling
from orders.rules.guard import Shown
from orders.rules.hours import Window
from orders.rules.incident import Crisis, Moved, Said, Where, move, reaches
from orders.rules.promise import NobodyHome, Route
from orders.rules.redelivery import Delivery, MoneyMoves, hours_to_choose
from orders.rules.shares import delivery_shares
from orders.rules.totals import Totals
from orders.rules.window import narrow, next_day_home
from shop.rules.calendar import NoOpenDay

_PLACE = ("street", "extra", "postcode", "city", "region")


@dataclass(frozen=True)
class Days:
    """The days that would be promised.  `nobody_home` says that the promised ones had none that suits her.

    `crises` are those of the new place that move them; `leaves_on` is set when they move the hand-over.
    """

    from_on: date
    by_on: date
    nobody_home: bool = False
    crises: tuple[Crisis, ...] = ()
    leaves_on: date | None = None


@dataclass(frozen=True)
class DeliveryPlan:
    """What a change of delivery makes of an order.

    `columns` are those of the order that change, with their new values; `promise` holds now.
    """

    order: Order
    payment: Payment
    columns: Mapping[str, Any]
    window: Window | None
    totals: Totals
    settling: Settling
    promise: Promise
    route: Route
    said: Days

    @property
    def needed(self) -> Mapping[int, int]:
        """Return which pieces it needs more, as other changes do: none."""
        return {}

    @property
    def days(self) -> tuple[date, date]:
        """Return the first and last day of the promise that would hold."""
        return self.said.from_on, self.said.by_on

    @property
    def moved(self) -> bool:
        """Tell whether the promise says other days then."""
        return self.days != (self.promise.deliver_from_on, self.promise.deliver_by_on)

    def as_shown(self) -> Shown:
        """Return what a page says that shows this change."""
        return Shown(self.totals.total_minor, self.days[1])


def planned(order: Order, change: OrderChange, *, at: datetime) -> ChangePlan | DeliveryPlan:
    """Work out a staged change, of either kind.  Raises NotChangeable, also for one an erasure made us forget."""
    if not change.is_delivery:
        return plan_change(order, wishes_of(change), at=at)
    if not change.delivery:
        raise NotChangeable(Why.SAME)
    return plan_delivery(order, Delivery.of_kept(change.delivery), at=at)


def has_left(order: Order) -> bool:
    """Tell whether a parcel is with the courier or her, or the order is no living one; one that came back is not.

    One query.
    """
    gone = Parcel.objects.filter(order=order, handed_over_at__isnull=False, came_back_at=None).exists()
    return gone or order.status != Order.Status.PLACED


def hours_of(order: Order, payment: Payment) -> tuple[Window, ...]:
    """Return the hours an order can still have, the earliest first; mostly none.  At most one query."""
    moves = money_moves(order, payment) if order.service.windows else MoneyMoves()
    return hours_to_choose(order.service.windows, mine=order.window, agreed_minor=order.window_minor, moves=moves)


def money_moves(order: Order, payment: Payment) -> MoneyMoves:
    """Tell which ways the sum of an order can go without a person.  One query.

    What went back in part is not written anew; store credit has no more to give; and a transfer that is here would have
    to be waited for a second time, with the work.
    """
    if money_came_back(payment):
        return MoneyMoves(down=False, up=False)
    waits = payment.provider == Payment.Provider.BANK_TRANSFER and payment.kept_minor > 0
    return MoneyMoves(up=payment.provider != Payment.Provider.STORE_CREDIT and not waits)


def plan_delivery(order: Order, delivery: Delivery, *, at: datetime) -> DeliveryPlan:
    """Work out a change of delivery.  About eight queries.  Raises NotChangeable."""
    payment = Payment.objects.get(order=order)
    if has_left(order):
        raise NotChangeable(Why.LEFT)
    window = _window_after(order, payment, delivery.window)
    wanted = _columns(order, delivery, window)
    columns = {name: value for name, value in wanted.items() if _plain(getattr(order, name)) != _plain(value)}
    if not columns:
        raise NotChangeable(Why.SAME)
    sums = _totals_after(order, columns.get("window_minor", order.window_minor))
    holds = committed(list(Promise.objects.filter(order=order).order_by("version", "id")))
    route = route_of_order(order)
    return DeliveryPlan(
        order=order,
        payment=payment,
        columns=columns,
        window=window,
        totals=sums,
        settling=settling(
            new_total_minor=sums.total_minor, old_total_minor=order.total_minor, kept_minor=payment.kept_minor
        ),
        promise=holds,
        route=route,
        said=_days(order, columns, holds, route, at),
    )


def _window_after(order: Order, payment: Payment, key: str | None) -> Window | None:
    """Return the hours it would come in.  Raises NotChangeable for those nobody keeps, or whose price cannot be."""
    if key is None or (order.window and key == order.window.key):
        return order.window
    window = order.service.window(key)
    if window is None and key:
        raise NotChangeable(Why.NO_HOURS)
    costs = window.price_minor if window else 0
    if not money_moves(order, payment).lets(old_minor=order.window_minor, new_minor=costs):
        raise NotChangeable(Why.HOURS_PRICE)
    return window


def _columns(order: Order, delivery: Delivery, window: Window | None) -> dict[str, Any]:
    """Return what the columns of the order would hold."""
    wanted = delivery.as_kept()
    del wanted["window"]
    if delivery.region is None:
        del wanted["region"]
    if delivery.window is None:
        return wanted
    if window is None:
        return wanted | {"window_from": None, "window_to": None, "window_minor": 0}
    times = {"window_from": window.from_at, "window_to": window.to_at, "window_minor": window.price_minor}
    return wanted | times | {"home_part_of_day": "any"}


def _plain(value: object) -> object:
    return sorted(value) if isinstance(value, list | tuple) else value


def _totals_after(order: Order, window_minor: int) -> Totals:
    """Add the order up again with hours at another price: by the same shares as the checkout; the goods stay."""
    if window_minor == order.window_minor:
        shares = tuple((rate, fee, tax) for rate, fee, tax in order.delivery_shares)
        return Totals(order.goods_minor, order.delivery_minor, order.tax_minor, delivery_shares=shares)
    fee = order.delivery_minor - order.window_minor + window_minor
    lines = OrderLine.objects.filter(order=order, kind=OrderLine.Kind.SALE).order_by("id")
    fees = delivery_shares(delivery_minor=fee, goods=[(line.tax_rate_bp, line.paid_minor) for line in lines])
    goods_tax = order.tax_minor - sum(tax for _rate, _fee, tax in order.delivery_shares)
    tax = goods_tax + sum(tax for _rate, _fee, tax in fees)
    return Totals(order.goods_minor, fee, tax, delivery_shares=tuple(fees))


def _days(order: Order, columns: Mapping[str, Any], holds: Promise, route: Route, at: datetime) -> Days:
    """Return the days it would come: later where a crisis holds at the new place, then those somebody is at home.

    Raises NotChangeable when the courier never comes on a day that suits her.
    """
    weekdays = frozenset(columns.get("home_weekdays", order.home_weekdays))
    try:
        found = _slowed(order, columns, holds, weekdays, route, at)
        return _at_home(found, weekdays, route, at) if "home_weekdays" in columns else found
    except NoOpenDay:
        raise NotChangeable(Why.NO_DAY) from None


def _slowed(
    order: Order, columns: Mapping[str, Any], holds: Promise, weekdays: frozenset[int], route: Route, at: datetime
) -> Days:
    """Count the days of crises that concern the new place and not the old one, once each."""
    found = Days(holds.deliver_from_on, holds.deliver_by_on)
    if not any(name in columns for name in _PLACE):
        return found
    today, hand_over_on = route.destination.local_day(at), route.workshop.local_day(holds.hand_over_by_at)
    for crisis in _new_crises(order, columns, at):
        known = holds.basis.get("crises", {}).get(str(crisis.id), 0)
        said = Said(
            found.from_on, found.by_on, holds.starts_on, found.leaves_on or hand_over_on, False, weekdays, known
        )
        if reaches(said, hits=crisis.hits, starts_on=crisis.starts_on, ends_on=crisis.ends_on, today=today):
            moved = move(said, hits=crisis.hits, extra_days=crisis.extra_days, counted_on=today, route=route)
            found = _moved(found, crisis, moved) if moved else found
    return found


def _moved(found: Days, crisis: Crisis, moved: Moved) -> Days:
    return replace(
        found,
        from_on=moved.deliver_from_on,
        by_on=moved.deliver_by_on,
        crises=(*found.crises, crisis),
        leaves_on=moved.hand_over_on or found.leaves_on,
    )


def _new_crises(order: Order, columns: Mapping[str, Any], at: datetime) -> list[Crisis]:
    """Return the crises that lengthen what goes to the new place, and not what went to the old one.  Two queries."""
    speaking = [crisis for crisis in crises_now(at) if crisis.longer]
    if not speaking:
        return []
    lines = OrderLine.objects.filter(order=order).order_by("id")
    products = frozenset(lines.values_list("variant__product_id", flat=True))
    before = Where(order.country, order.postcode, order.region, products)
    place = {name: columns.get(name, getattr(order, name)) for name in ("postcode", "region")}
    after = replace(before, **place)
    old = concerned(speaking, before, order.service)
    return [crisis for crisis in concerned(speaking, after, order.service) if crisis not in old]


def _at_home(found: Days, weekdays: frozenset[int], route: Route, at: datetime) -> Days:
    """Keep the days somebody is at home; where there is none, the first later one."""
    tomorrow = route.destination.local_day(at) + timedelta(days=1)
    try:
        first, last = narrow(
            from_on=found.from_on, by_on=found.by_on, home_weekdays=weekdays, route=route, not_before=tomorrow
        )
    except NobodyHome:
        later = next_day_home(after=max(found.by_on, tomorrow), weekdays=weekdays, route=route)
        return replace(found, from_on=later, by_on=later, nobody_home=True)
    return replace(found, from_on=first, by_on=last)
