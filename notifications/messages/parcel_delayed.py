"""One parcel of an order comes later than we said, while the order's own promise may still hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import get_language, gettext_lazy

from notifications.messages import words
from notifications.messages.kind import Kind, Recipient
from notifications.messages.sources import buyer, plan_of
from notifications.messages.words import Line
from notifications.rules import standing
from orders.models import ParcelPlan
from shop.rules import wording


@dataclass(frozen=True)
class ParcelDelayed:
    """What the notice says.  `exchange`: what is inside comes in exchange for something she sends back."""

    first_name: str
    number: str
    promised: str
    now: str
    why: str
    lines: tuple[Line, ...]
    exchange: bool
    phone: str
    url: str


def to(plans: tuple[ParcelPlan, ParcelPlan]) -> Recipient:
    """Tell who ordered."""
    return buyer(plans[1].parcel.order)


def context(plans: tuple[ParcelPlan, ParcelPlan], at: datetime) -> ParcelDelayed:
    """Collect what the notice says.  A fresh secret link and one query."""
    before, now = plans
    order = now.parcel.order
    return ParcelDelayed(
        first_name=words.first_name(order.full_name),
        number=order.number,
        promised=_days(before),
        now=_days(now),
        why=now.reason,
        lines=words.parcel_lines(now.parcel),
        exchange=now.parcel.due_at is not None,
        phone=settings.CARE_PHONE,
        url=words.tracking_url(order, at),
    )


def _days(plan: ParcelPlan) -> str:
    return wording.day_range(plan.deliver_from_on, plan.deliver_by_on, get_language() or settings.LANGUAGE_CODE)


KIND = Kind(
    name="parcel_delayed",
    event="orders.parcel.delayed",
    says=gettext_lazy("One parcel of the order comes later: what is in it, until when, and why"),
    audience="who ordered",
    find=plan_of,
    to=to,
    context=context,
    outdated=standing.while_on_its_way,
    must_say=("promised", "now", "why"),
)
