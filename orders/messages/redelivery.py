"""A change of where and when an order comes in words: what it was and will be, what its hours cost, and the day."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from orders.messages import changes, words
from orders.messages.changes import Preview, Row
from orders.models import Order
from orders.queries.address_formats import address_lines
from orders.queries.changing import ChangePlan
from orders.queries.redelivery import DeliveryPlan
from orders.rules.hours import Window
from shop.rules import wording
from shop.rules.money import Money

_PLACE = ("street", "extra", "postcode", "city", "region")
_PARTS = {"any": "any time", "morning": "in the morning", "afternoon": "in the afternoon", "evening": "in the evening"}


def preview_of(plan: ChangePlan | DeliveryPlan) -> Preview:
    """Return a planned change of either kind in words.  No query."""
    return preview(plan) if isinstance(plan, DeliveryPlan) else changes.preview(plan)


def preview(plan: DeliveryPlan) -> Preview:
    """Return a planned change of delivery in words.  No query."""
    order, sums = plan.order, plan.totals
    fee = sums.delivery_minor
    return Preview(
        rows=tuple(_rows(plan)),
        delivery=_money(fee, order.currency) if fee else _("free"),
        old_total=_money(order.total_minor, order.currency),
        new_total=_money(sums.total_minor, order.currency),
        tax=_money(sums.tax_minor, order.currency),
        money=changes.money_words(plan.settling, plan.payment),
        arrives=_arrives(plan),
        crises=tuple(crisis.said_in(_language())[0] for crisis in plan.said.crises),
    )


def hours_label(window: Window, order: Order) -> str:
    """Name hours, with what they cost more or less than those of the order."""
    return _apart(words.hours(window), window.price_minor - order.window_minor, order.currency)


def any_hour_label(order: Order) -> str:
    """Name the choice of no hours, which costs nothing."""
    return _apart(_("any time"), -order.window_minor, order.currency)


def _apart(name: str, minor: int, currency: str) -> str:
    told = {"form": name, "amount": _money(abs(minor), currency)}
    if minor > 0:
        return _("%(form)s, %(amount)s more") % told
    return _("%(form)s, %(amount)s less") % told if minor < 0 else name


def _rows(plan: DeliveryPlan) -> Iterable[Row]:
    """Yield what changes, each as it was and as it will be."""
    order, new = plan.order, _changed(plan)
    if any(name in plan.columns for name in _PLACE):
        yield Row(_place(order), _place(new), "")
    if {"window_from", "window_to", "window_minor"} & plan.columns.keys():
        yield Row(_hours(order), _hours(new), _money(new.window_minor, order.currency) if new.window_minor else "")
    if "home_weekdays" in plan.columns:
        yield Row(_weekdays(order.home_weekdays), _weekdays(new.home_weekdays), "")
    if "home_part_of_day" in plan.columns and not (order.window or new.window):
        yield Row(_part(order), _part(new), "")
    for name in ("phone", "courier_note"):
        if name in plan.columns:
            yield Row(getattr(order, name) or _("nothing"), getattr(new, name) or _("nothing"), "")


def _changed(plan: DeliveryPlan) -> Order:
    """Return the order as it would be; it is not saved."""
    new = copy(plan.order)
    for name, value in plan.columns.items():
        setattr(new, name, value)
    return new


def _arrives(plan: DeliveryPlan) -> str:
    if not plan.moved:
        return changes.arrives(plan.days, longer=False)
    holds = plan.promise
    told: dict[str, Any] = {
        "days": wording.day_range(*plan.days, _language()),
        "before": wording.day_range(holds.deliver_from_on, holds.deliver_by_on, _language()),
    }
    if plan.said.nobody_home:
        return _("On the promised days, %(before)s, nobody is at home then: it arrives %(days)s.") % told
    return _("It arrives %(days)s instead of %(before)s.") % told


def _place(order: Order) -> str:
    return ", ".join(address_lines(order)[1:])


def _hours(order: Order) -> str:
    return words.hours(order.window) or _("any time")


def _weekdays(days: Iterable[int]) -> str:
    return ", ".join(wording.weekday(day, _language()) for day in sorted(days)) or _("any day")


def _part(order: Order) -> str:
    return _(_PARTS[order.home_part_of_day])


def _money(minor: int, currency: str) -> str:
    return wording.money(Money(minor, currency), _language())


def _language() -> str:
    return get_language() or "en"
