"""Nothing new, and that is why we write: where it stands, what is open of it, and when she hears of us next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from notifications.messages import words
from notifications.messages.kind import Kind, Recipient
from notifications.messages.sources import buyer, order_of
from notifications.messages.waited_for import saying
from notifications.queries.matters import open_matters
from notifications.rules import standing
from notifications.rules.matters import Matter
from orders.models import Order, Parcel
from shop.models import Event


@dataclass(frozen=True)
class WhereItStands:
    """What the note says.

    `now` is empty for an order without a promise, and for one that has arrived; `headline` is empty before that.
    """

    first_name: str
    number: str
    headline: str
    stands: str
    also: tuple[str, ...]
    now: str
    next_by: str
    phone: str
    url: str


@dataclass(frozen=True)
class Quietness:
    """An order nobody wrote about for some days: what is open of it, and by when the next word comes (ISO).

    `over`: the order itself has arrived or ended, and only `matters` are waited for.
    """

    order: Order
    next_by: str
    over: bool = False
    matters: tuple[Matter, ...] = ()


def find(event: Event) -> Quietness:
    """Load the order and, of what the event names, what is still open.  One query, four more when it names anything."""
    order, told = order_of(event), event.payload.get("matters", [])
    matters = open_matters([order.pk]).get(order.pk, []) if told else []
    named = tuple(matter for matter in matters if matter.key in told)
    return Quietness(order, event.payload.get("next_by", ""), bool(event.payload.get("over")), named)


def to(quiet: Quietness) -> Recipient:
    """Tell who ordered."""
    return buyer(quiet.order)


def unwanted(quiet: Quietness) -> str:
    """Nobody needs to hear where something stands that was settled while we wrote."""
    return gettext("What it speaks of was settled meanwhile.") if quiet.over and not quiet.matters else ""


def context(quiet: Quietness, at: datetime) -> WhereItStands:
    """Collect what the note says.  Two queries, one or two for each matter, and a fresh secret link."""
    promise = None if quiet.over else words.promise_of(quiet.order)
    today = timezone.localtime(at).date()
    others = [saying(matter, quiet.order.number, today) for matter in quiet.matters]
    sentences = ([] if quiet.over else [_stands(quiet.order)]) + [each.sentence for each in others]
    return WhereItStands(
        first_name=words.first_name(quiet.order.full_name),
        number=quiet.order.number,
        headline=_headline(quiet, [each.headline for each in others]),
        stands=sentences[0],
        also=tuple(sentences[1:]),
        now=words.days(promise) if promise else "",
        next_by=words.local_day(datetime.fromisoformat(quiet.next_by)) if quiet.next_by else "",
        phone=settings.CARE_PHONE,
        url=words.tracking_url(quiet.order, at),
    )


def _headline(quiet: Quietness, headlines: list[str]) -> str:
    """Return the subject after the order itself is over: the one thing that is open, or that several are."""
    if not quiet.over:
        return ""
    return headlines[0] if len(headlines) == 1 else gettext("Where %(number)s stands") % {"number": quiet.order.number}


def _stands(order: Order) -> str:
    """Say in a sentence where it is, and what is not known."""
    if order.payment_status == Order.Paid.PENDING:
        return gettext("We wait for your bank transfer, and begin as soon as it is here.")
    if order.pickup and order.fulfilment_status == Order.Fulfilment.PACKED:
        return gettext("It is packed and waits for you at our counter.")
    if order.fulfilment_status == Order.Fulfilment.PACKED:
        return gettext("It is packed and waits for the courier's van.")
    if order.fulfilment_status == Order.Fulfilment.HANDED_OVER:
        return _on_the_road(order)
    return gettext("It is with us and being made ready.")


def _on_the_road(order: Order) -> str:
    heard = _last_scan(order)
    if heard is None:
        return gettext("It is with the courier, who has not told us of a stop so far; we keep asking.")
    return gettext("It is on its way. The last stop we heard of was on %(day)s.") % {"day": words.local_day(heard)}


def _last_scan(order: Order) -> Any:
    rows = Parcel.objects.filter(order=order, last_scan_at__isnull=False).order_by("-last_scan_at", "-id")
    return rows.values_list("last_scan_at", flat=True).first()


KIND = Kind(
    name="where_it_stands",
    event="notifications.silence.broken",
    says=gettext_lazy("Where the order stands, when nothing else was said for some days"),
    audience="who ordered and still waits for it, or for something of it",
    find=find,
    to=to,
    context=context,
    unwanted=unwanted,
    outdated=standing.while_nothing_is_new,
    critical=False,
)
