"""The pieces of text that several messages share, in the language of the reader.

Everything here is called with the reader's language switched on and returns plain text.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from babel import Locale
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext, pgettext

from orders.models import Order, OrderLine, Parcel, ParcelPlan, Promise
from orders.operations.access import issue_link
from orders.queries.address_formats import address_lines as written_address
from shop.messages import moments
from shop.messages.holidays import holiday
from shop.rules import wording
from shop.rules.money import Money


@dataclass(frozen=True)
class Line:
    """One thing in an order or a parcel."""

    quantity: int
    title: str
    options: str
    price: str = ""
    was: str = ""


def language() -> str:
    """Return the language that is switched on."""
    return get_language() or settings.LANGUAGE_CODE


def first_name(full_name: str) -> str:
    """Return what to call somebody: the first word of her name, or nothing."""
    return full_name.split()[0] if full_name.split() else ""


def money(minor: int, currency: str) -> str:
    """Write an amount with its currency."""
    return wording.money(Money(minor, currency), language())


def day(value: date) -> str:
    """Write a day with its weekday."""
    return wording.day(value, language())


def day_range(first: date, last: date) -> str:
    """Write a range of days."""
    return wording.day_range(first, last, language())


def days(promise: Promise | ParcelPlan) -> str:
    """Write the promised days."""
    return wording.day_range(promise.deliver_from_on, promise.deliver_by_on, language())


def local_day(moment: datetime) -> str:
    """Write the day of a moment by the shop's clock."""
    return day(timezone.localtime(moment).date())


def local_time(moment: datetime) -> str:
    """Write day and hour of a moment by the shop's clock: `Tuesday 3 March, 14:30`."""
    return moments.moment(timezone.localtime(moment))


def tracking_url(order: Order, at: datetime) -> str:
    """Issue a fresh secret link to the order's page and return its address."""
    return page("orders:track", issue_link(order=order, at=at))


def return_url(order: Order, case_number: str, at: datetime) -> str:
    """Issue a fresh secret link and return the address of one return's page."""
    return page("returns:case", issue_link(order=order, at=at), case_number)


def page(name: str, *args: str) -> str:
    """Return the full address of a page; only SITE_URL says where the shop is, never a request's Host."""
    return f"{settings.SITE_URL}{reverse(name, args=args)}"


def promise_of(order: Order) -> Promise | None:
    """Return the promise that holds now.  One query."""
    return Promise.objects.filter(order=order).order_by("-version", "-id").first()


def order_lines(order: Order) -> tuple[Line, ...]:
    """Return what was bought, with prices.  One query."""
    rows = OrderLine.objects.filter(order=order).order_by("id")
    return tuple(
        Line(row.quantity, row.title, row.options_label, money(row.gross_minor, order.currency), _was(row, order))
        for row in rows
    )


def _was(line: OrderLine, order: Order) -> str:
    """Say what a piece cost before its reduction, nothing for what was not reduced."""
    if line.was_minor is None:
        return ""
    each, was = money(line.unit_minor, order.currency), money(line.was_minor, order.currency)
    return gettext("each %(each)s instead of %(was)s") % {"each": each, "was": was}


def parcel_lines(parcel: Parcel) -> tuple[Line, ...]:
    """Return what is inside a parcel.  One query."""
    rows = parcel.lines.select_related("line").order_by("id")
    return tuple(Line(row.quantity, row.line.title, row.line.options_label) for row in rows)


def still_to_come(parcel: Parcel) -> tuple[Line, ...]:
    """Return what other parcels of the order will bring.  One query."""
    waiting = (
        Parcel.objects.filter(order=parcel.order, status__in=[Parcel.Status.PLANNED, Parcel.Status.PACKED])
        .exclude(pk=parcel.pk)
        .order_by("number", "id")
        .prefetch_related("lines__line")
    )
    return tuple(
        Line(row.quantity, row.line.title, row.line.options_label) for other in waiting for row in other.lines.all()
    )


def address_lines(order: Order) -> tuple[str, ...]:
    """Return the address as it stands on the label, without empty lines."""
    country = Locale.parse(language().replace("-", "_")).territories.get(order.country, order.country)
    return (*written_address(order), str(country))


_STAGES = {
    "work": lambda: pgettext("stage of a delivery", "we make it ready and pack it"),
    "hand_over": lambda: pgettext("stage of a delivery", "we hand it to the courier"),
    "transit": lambda: pgettext("stage of a delivery", "it travels to you"),
}


def why_that_date(promise: Promise) -> tuple[str, ...]:
    """Return a sentence for each stage of the way, with the days that do not count and why."""
    sentences = []
    for step in promise.basis.get("steps", []):
        first, last = date.fromisoformat(step["first_on"]), date.fromisoformat(step["last_on"])
        if step["stage"] == "goods":
            sentences.append(gettext("What you ordered reaches our workshop on %(day)s.") % {"day": day(last)})
        elif step["stage"] == "start" and first < last:
            sentences.append(_starting(last, step["skipped"]))
        elif stage := _STAGES.get(step["stage"]):
            sentences.append(f"{wording.day_range(first, last, language())}: {stage()}.{_skipped(step['skipped'])}")
    return tuple(sentences)


def _starting(start_on: date, skipped: list[list[str]]) -> str:
    """Say on which day we begin and, when days of rest come first, that our workshop rests."""
    if not skipped:
        return gettext("We start on %(day)s.") % {"day": day(start_on)}
    rests = ", ".join(
        f"{day(date.fromisoformat(on))} ({holiday(why)})" if why else day(date.fromisoformat(on)) for on, why in skipped
    )
    told = {"days": rests, "day": day(start_on)}
    return gettext("Our workshop rests on %(days)s; we start on %(day)s.") % told


def _skipped(skipped: list[list[str]]) -> str:
    named = [(date.fromisoformat(on), reason) for on, reason in skipped if reason]
    if not named:
        return ""
    listed = ", ".join(f"{day(on)} ({holiday(reason)})" for on, reason in named)
    return " " + gettext("Not counted: %(days)s.") % {"days": listed}
