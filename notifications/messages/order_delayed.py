"""It will be late: what we promised, what it is now, why, what we do and what she can do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext, gettext_lazy

from notifications.messages import words
from notifications.messages.kind import Kind, Recipient
from notifications.messages.sources import buyer, delay_of, may_cancel
from notifications.rules import standing
from orders.models import DelayCase
from orders.queries.delays import choices_of
from orders.queries.plans import living_parcels


@dataclass(frozen=True)
class OrderDelayed:
    """What the notice says.  `you_can` are the choices her page offers at this moment, a sentence each."""

    first_name: str
    number: str
    promised: str
    now: str
    why: str
    what_we_do: str
    may_cancel: bool
    you_can: str
    again: bool
    answer_by: str
    fee: str
    phone: str
    url: str


def to(delay: DelayCase) -> Recipient:
    """Tell who ordered."""
    return buyer(delay.order)


def context(delay: DelayCase, at: datetime) -> OrderDelayed:
    """Collect what the notice says.  A fresh secret link, and three queries; three more while nothing is packed."""
    order = delay.order
    return OrderDelayed(
        first_name=words.first_name(order.full_name),
        number=order.number,
        promised=words.days(delay.broken_promise),
        now=words.days(delay.new_promise),
        why=delay.reason,
        what_we_do=_what_we_do(delay.cause),
        may_cancel=may_cancel(order),
        you_can=_you_can(delay),
        again=delay.round > 1,
        answer_by=words.local_time(delay.decide_by_at) if delay.decide_by_at else "",
        fee=words.money(order.delivery_minor, order.currency) if order.guaranteed and order.delivery_minor else "",
        phone=settings.CARE_PHONE,
        url=words.tracking_url(order, at),
    )


def _you_can(delay: DelayCase) -> str:
    """Say what her page offers, and nothing it does not."""
    parcels = list(living_parcels().filter(order=delay.order))
    offered = choices_of(delay.order, parcels, hand_over_by_at=delay.new_promise.hand_over_by_at)
    sentences = []
    if offered.ready:
        sentences.append(gettext("You can have what is ready sent now; the rest follows, without a second fee."))
    if offered.swaps:
        sentences.append(gettext("You can take another colour or size that is here."))
    if offered.readdress_until:
        sentences.append(gettext("You can change where and when it comes."))
    return " ".join(sentences)


def _what_we_do(cause: str) -> str:
    ours = gettext(
        "Our workshop works to this new day now. We look after your order every working day until it has left, and"
        " write to you at once if the date moves again."
    )
    asked = gettext(
        "We have asked the courier, look after your parcel every day, and write to you at once if the date moves again."
    )
    paid = gettext("We begin as soon as the money is here; you need do nothing more.")
    return {"workshop": ours, "payment": paid}.get(cause, asked)


KIND = Kind(
    name="order_delayed",
    event="orders.order.delayed",
    says=gettext_lazy("We promised this day, it will be that one: why, what we do, what you can do"),
    audience="who ordered",
    find=delay_of,
    to=to,
    context=context,
    outdated=standing.while_date_stands,
    must_say=("promised", "now", "why"),
)
