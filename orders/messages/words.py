"""Days, moments and scans in the words of the tracking page and the desk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, tzinfo
from typing import Any

from django.conf import settings
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from orders.rules.hours import Window
from orders.rules.tracking import Status
from shop.messages import moments
from shop.messages.holidays import holiday
from shop.rules import wording

SCAN_WORDS = {
    Status.AWAITING_HANDOVER: gettext_lazy("Waiting for the courier"),
    Status.LABEL_CREATED: gettext_lazy("The label is written"),
    Status.ACCEPTED: gettext_lazy("The courier has it"),
    Status.IN_TRANSIT: gettext_lazy("On the road"),
    Status.HELD: gettext_lazy("Waiting at a depot"),
    Status.OUT_FOR_DELIVERY: gettext_lazy("In the van to you"),
    Status.ATTEMPT_FAILED: gettext_lazy("The courier came by and met nobody"),
    Status.READY_FOR_PICKUP: gettext_lazy("Ready to be picked up"),
    Status.DELIVERED: gettext_lazy("Delivered"),
    Status.RETURNING: gettext_lazy("On its way back to us"),
    Status.RETURNED: gettext_lazy("Back with us"),
    Status.LOST_OR_SILENT: gettext_lazy("No news; we are asking"),
}

# Why a parcel waits, as staff choose it.
REASON_WORDS = {
    "weather": gettext_lazy("Weather"),
    "road_closed": gettext_lazy("Road closed"),
    "strike": gettext_lazy("Strike"),
    "vehicle": gettext_lazy("Van broken down"),
    "backlog": gettext_lazy("Too many parcels"),
    "sorting_error": gettext_lazy("Sorted wrongly"),
    "damaged": gettext_lazy("Damaged"),
    "lost": gettext_lazy("Lost"),
    "holiday": gettext_lazy("Holiday"),
    "address": gettext_lazy("Address unclear"),
    "not_home": gettext_lazy("Nobody at home"),
    "no_access": gettext_lazy("No way to the door"),
    "refused": gettext_lazy("Refused at the door"),
    "payment_at_door": gettext_lazy("Not paid at the door"),
    "customs": gettext_lazy("Customs"),
    "documents": gettext_lazy("Papers missing"),
}

_EVENT_WORDS = {
    "orders.order.placed": gettext_lazy("The order was placed"),
    "orders.payment.received": gettext_lazy("The payment arrived"),
    "orders.order.cancelled": gettext_lazy("The order was cancelled"),
    "orders.document.issued": gettext_lazy("An invoice or a credit note was issued"),
    "orders.order.expired": gettext_lazy("The order was not paid and was let go"),
    "orders.payment.reminded": gettext_lazy("We said that the payment is missing"),
    "orders.payment.charged-back": gettext_lazy("The shopper's bank took the money back"),
    "orders.payment.given-back": gettext_lazy("The bank gave the money back to us"),
    "orders.refund.asked": gettext_lazy("A refund waits for a second person"),
    "orders.refund.refused": gettext_lazy("A refund was not approved"),
    "orders.refund.bounced": gettext_lazy("A refund came back to us"),
    "orders.refund.granted": gettext_lazy("A refund was decided"),
    "orders.refund.sent": gettext_lazy("The refund was sent"),
    "orders.parcel.made": gettext_lazy("It was made"),
    "orders.parcel.packed": gettext_lazy("A parcel was packed"),
    "orders.parcel.labelled": gettext_lazy("A label was put on"),
    "orders.tracking.imported": gettext_lazy("A courier's list was brought in"),
    "orders.parcel.scan-noted": gettext_lazy("A colleague noted what the courier said"),
    "orders.parcel.ready-to-collect": gettext_lazy("A parcel is packed and waits to be collected"),
    "orders.parcel.split": gettext_lazy("A part goes first, the rest follows in another parcel"),
    "orders.parcel.handed-over": gettext_lazy("A parcel was handed over"),
    "orders.parcel.out-for-delivery": gettext_lazy("A parcel is in the van"),
    "orders.parcel.attempt-failed": gettext_lazy("The courier met nobody"),
    "orders.parcel.address-unclear": gettext_lazy("The courier does not know the address"),
    "orders.parcel.delivered": gettext_lazy("A parcel arrived"),
    "orders.parcel.came-back": gettext_lazy("A parcel came back to us and was put away"),
    "orders.parcel.sent-again": gettext_lazy("We send you again what came back to us"),
    "orders.order.delayed": gettext_lazy("A later date was told"),
    "orders.order.pieces-missing": gettext_lazy("Pieces are missing; the shopper was asked"),
    "orders.order.missing-chosen": gettext_lazy("The shopper chose about missing pieces"),
    "orders.order.missing-arrived": gettext_lazy("Pieces the shopper waits for are here"),
    "orders.parcel.delayed": gettext_lazy("A later day for one parcel was told"),
    "orders.order.eta-changed": gettext_lazy("Another day within the promise was told"),
    "orders.note.written": gettext_lazy("A note was written"),
    "orders.order.changed": gettext_lazy("Sizes or pieces were changed"),
    "orders.change.offered": gettext_lazy("A change was sent to the shopper to be paid"),
    "orders.order.delivery-changed": gettext_lazy("Address or days were changed"),
    "orders.delay.decided": gettext_lazy("She chose what to do about the delay"),
    "orders.delay.unanswered": gettext_lazy("She did not say whether she still wants it"),
    "orders.line.swapped": gettext_lazy("Something else was taken instead"),
    "orders.line.exchange-added": gettext_lazy("An exchange was added"),
    "orders.order.adopted": gettext_lazy("The order went into the account of its address"),
    "orders.link.requested": gettext_lazy("A fresh link was asked for"),
    "returns.case.requested": gettext_lazy("A return was asked for"),
    "returns.case.approved": gettext_lazy("A return was approved"),
    "returns.case.declined": gettext_lazy("A return was declined"),
    "returns.case.received": gettext_lazy("A return came in"),
    "returns.case.settled": gettext_lazy("A return was settled"),
    "returns.withdrawal.declared": gettext_lazy("A withdrawal from the contract came in"),
    "returns.withdrawal.settled": gettext_lazy("A withdrawal from the contract was dealt with"),
    "support.conversation.opened": gettext_lazy("A conversation was opened"),
    "support.message.answered": gettext_lazy("We answered"),
}


def event(name: str) -> str:
    """Write what an event tells, for staff; one without words keeps its name."""
    return str(_EVENT_WORDS.get(name, name))


def locale() -> str:
    """Return the language of the page."""
    return get_language() or settings.LANGUAGE_CODE


def day(value: date) -> str:
    """Write one day: `Tuesday 3 March`."""
    return wording.day(value, locale())


def hours(window: Window | None) -> str:
    """Write the hours between which it comes: `between 08:00 and 12:00`; nothing where none were chosen."""
    if window is None:
        return ""
    return _("between %(from)s and %(to)s") % {"from": f"{window.from_at:%H:%M}", "to": f"{window.to_at:%H:%M}"}


def comes(window: Window | None) -> str:
    """Say between when and when the courier comes, in a sentence; nothing where no hours were chosen."""
    return _("The courier comes %(hours)s, as you chose.") % {"hours": hours(window)} if window else ""


def days(first: date, last: date) -> str:
    """Write a range of days: `Tue 3 – Thu 5 March`."""
    return wording.day_range(first, last, locale())


def moment(value: datetime, zone: tzinfo) -> str:
    """Write a moment on the clock of `zone`: `Tuesday 3 March, 14:22`."""
    return moments.moment(value.astimezone(zone))


def clock(value: datetime, zone: tzinfo) -> str:
    """Write the time of day on the clock of `zone`: `14:22`."""
    return value.astimezone(zone).strftime("%H:%M")


def scan(status: str) -> str:
    """Write what a scan says; a scan nobody translated is news of some kind."""
    return str(SCAN_WORDS[Status(status)]) if status in set(Status) else _("News from the courier")


def day_count(count: int) -> str:
    """Write a number of days: `a day`, `3 days`."""
    return ngettext("a day", "%(count)d days", count) % {"count": count}


def rests(skipped: Sequence[Sequence[Any]]) -> str:
    """Write which days nobody works, from the stored [day, reason] pairs; empty when there are none."""
    told = [
        _("%(day)s (%(reason)s)") % {"day": day(date.fromisoformat(iso)), "reason": holiday(reason)}
        if reason
        else day(date.fromisoformat(iso))
        for iso, reason in skipped
    ]
    return ", ".join(told)
