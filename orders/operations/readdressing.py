"""Where and when it comes, changed after ordering: as long as nothing has left us."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from orders.models import Order, Parcel, Promise
from orders.operations.deciding import note_changed_delivery
from orders.operations.statuses import recompute_statuses
from orders.queries.plans import committed
from orders.queries.stages import route_of_order
from orders.rules.hours import swappable
from orders.rules.promise import NobodyHome, Route
from orders.rules.window import narrow, next_day_home
from shop.models import User
from shop.operations.events import record_event


class HasLeft(Exception):
    """A parcel is with the courier, or the order is no living one: nothing can be changed here any more."""


class NoSuchHours(Exception):
    """The service does not come in these hours, or they cost more than was paid; nothing was changed."""


@dataclass(frozen=True)
class Delivery:
    """Where and when it comes; the country stays, since date, price and tax depend on it.

    `window` is the key of the hours it comes in, empty for any time; None leaves them as they are, and a region, too.
    """

    street: str
    extra: str
    postcode: str
    city: str
    phone: str
    courier_note: str
    home_weekdays: tuple[int, ...] = ()
    home_part_of_day: str = "any"
    window: str | None = None
    region: str | None = None


@transaction.atomic
def change_delivery(
    *, order_id: int, delivery: Delivery, wait_for_home: bool, by: User | None, at: datetime
) -> Promise | None:
    """Change address and window of an order that has not left; return the new promise when its days change.

    `wait_for_home`: take the next later day somebody is at home when the promised days have none.  Saving the same
    again changes nothing.  Raises HasLeft, NobodyHome, NoOpenDay, NoSuchHours.
    """
    order = Order.objects.select_for_update(of=("self",)).select_related("customer", "service").get(pk=order_id)
    parcels = Parcel.objects.filter(order=order).exclude(status=Parcel.Status.CANCELLED)
    if order.status != Order.Status.PLACED or parcels.filter(handed_over_at__isnull=False).exists():
        raise HasLeft
    wanted = _wanted(order, delivery)
    changed = sorted(name for name, value in wanted.items() if _plain(getattr(order, name)) != _plain(value))
    if not changed:
        return None
    route = route_of_order(order)
    promise = None
    if "home_weekdays" in changed:
        promise = _narrow(order, frozenset(delivery.home_weekdays), wait_for_home, route, at)
    for name in changed:
        value = wanted[name]
        setattr(order, name, list(value) if isinstance(value, tuple) else value)
    order.save(update_fields=changed)
    parcels.update(labelled_at=None)  # what is printed on a label is not true any more
    note_changed_delivery(order, by=by, at=at)
    recompute_statuses(order, watch_at=at, route=route)
    _tell(order, changed, promise, by=by, at=at)
    return promise


def _wanted(order: Order, delivery: Delivery) -> dict[str, Any]:
    """Return what the columns of the order shall hold; the price of its hours stays, so others may not cost more."""
    wanted = asdict(delivery)
    if delivery.region is None:
        del wanted["region"]
    key = wanted.pop("window")
    if key is None:
        return wanted
    if not key:
        return wanted | {"window_from": None, "window_to": None}
    known = swappable(order.service.windows, mine=order.window, paid_minor=order.window_minor)
    hours = next((each for each in known if each.key == key), None)
    if hours is None:
        raise NoSuchHours
    times = {"window_from": hours.from_at, "window_to": hours.to_at}
    return wanted | times | {"home_part_of_day": "any"}


def _plain(value: object) -> object:
    return sorted(value) if isinstance(value, list | tuple) else value


def _narrow(order: Order, weekdays: frozenset[int], wait_for_home: bool, route: Route, at: datetime) -> Promise | None:
    promises = list(Promise.objects.filter(order=order).order_by("version", "id"))
    holds = committed(promises)
    tomorrow = route.destination.local_day(at) + timedelta(days=1)
    from_on, by_on = holds.deliver_from_on, holds.deliver_by_on
    try:
        days = narrow(from_on=from_on, by_on=by_on, home_weekdays=weekdays, route=route, not_before=tomorrow)
    except NobodyHome:
        if not wait_for_home:
            raise
        later = next_day_home(after=max(by_on, tomorrow), weekdays=weekdays, route=route)
        days = later, later
    if days == (from_on, by_on):
        return None
    return _renew(order, promises, days, weekdays, route, at)


def _renew(
    order: Order, promises: list[Promise], days: tuple[date, date], weekdays: frozenset[int], route: Route, at: datetime
) -> Promise:
    holds = committed(promises)
    return Promise.objects.create(
        order=order,
        version=promises[-1].version + 1,
        source=Promise.Source.CUSTOMER,
        deliver_from_on=days[0],
        deliver_by_on=days[1],
        starts_on=holds.starts_on,
        pack_by_at=holds.pack_by_at,
        hand_over_by_at=holds.hand_over_by_at,
        breaks_at=route.destination.day_ends_at(days[1]),
        basis=holds.basis
        | {
            "home_weekdays": sorted(weekdays),
            "renews_version": holds.version,
            "steps": [*holds.basis.get("steps", []), _wish(holds, days[1], route)],
        },
        made_at=at,
    )


def _wish(holds: Promise, last_on: date, route: Route) -> dict[str, Any]:
    """Return the step that leads from the promised days to those she wishes, with the days nobody comes."""
    first_on = min(holds.deliver_by_on, last_on)
    skipped = {
        day: why for cal in (route.carrier, route.destination) for day, why in cal.closed_days(first_on, last_on)
    }
    return {
        "stage": "wish",
        "first_on": first_on.isoformat(),
        "last_on": last_on.isoformat(),
        "calendar": route.destination.code,
        "skipped": [[day.isoformat(), why] for day, why in sorted(skipped.items())],
    }


def _tell(order: Order, changed: list[str], promise: Promise | None, *, by: User | None, at: datetime) -> None:
    record_event(
        name="orders.order.delivery-changed",
        subject=f"orders.order:{order.pk}",
        order_number=order.number,
        customer=order.customer,
        actor=by,
        actor_kind="customer",
        payload={"order_id": order.pk, "fields": changed} | ({"promise_id": promise.pk} if promise else {}),
        for_customer=True,
        at=at,
    )
