"""Which conversations a mail might mean: rows looked up for support.rules.threading, which decides."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings

from orders.models import Order
from support.models import Conversation, Message
from support.queries.addresses import read_address
from support.rules.addresses import ForgedAddress, ReplyAddress
from support.rules.threading import OrderThread, Thread

log = logging.getLogger(__name__)

CLOSED_LONG_AGO = timedelta(days=30)
MAIL = "mail"


def signed_addresses(recipients: Iterable[str]) -> list[ReplyAddress]:
    """Return what our own signed addresses among `recipients` stand for; forged ones are logged and left out."""
    found = []
    for address in recipients:
        try:
            meant = read_address(address)
        except ForgedAddress as forged:
            log.warning("forged reply address for %s", forged)
            continue
        if meant is not None:
            found.append(meant)
    return found


def addressed_thread(addresses: Iterable[ReplyAddress], *, at: datetime) -> Thread | None:
    """Return the conversation the first signed conversation address stands for."""
    idents = [address.ident for address in addresses if address.kind == "c"]
    rows = Conversation.objects.select_related("order").filter(pk__in=idents[:1]).order_by("id")
    return next((_thread(row, at) for row in rows), None)


def addressed_order(addresses: Iterable[ReplyAddress]) -> OrderThread | None:
    """Return the order the first signed order address stands for."""
    idents = [address.ident for address in addresses if address.kind == "o"]
    order = Order.objects.filter(pk__in=idents[:1]).order_by("id").first()
    return order_thread(order) if order else None


def referenced_threads(references: tuple[str, ...], *, at: datetime) -> list[Thread]:
    """Return the conversations of the mails that `references` name, in the order of the references."""
    if not references:
        return []
    rows = Message.objects.select_related("conversation__order").filter(channel=MAIL, external_id__in=references)
    by_id = {row.external_id: row.conversation for row in rows.order_by("id")}
    return [_thread(by_id[one], at) for one in references if one in by_id]


def named_order(subject: str) -> OrderThread | None:
    """Return the first order whose number stands in a subject."""
    pattern = rf"\b{re.escape(settings.ORDER_PREFIX)}-[0-9A-Z]{{2,10}}(?:-[0-9A-Z]{{2,10}})?\b"
    numbers = re.findall(pattern, subject.upper())[:5]
    order = Order.objects.filter(number__in=numbers).order_by("id").first() if numbers else None
    return order_thread(order) if order else None


def order_thread(order: Order) -> OrderThread:
    """Return an order with its latest conversation that is not closed and belongs to the order's own address."""
    rows = Conversation.objects.filter(order=order, email=order.email.lower()).exclude(status="closed")
    latest = rows.order_by("-id").values_list("id", flat=True).first()
    return OrderThread(order.pk, frozenset({order.email.lower()}), latest)


def recent_of_sender(sender: str, *, since: datetime) -> list[int]:
    """Return the conversations this address began by mail since then, the latest first, at most 50."""
    rows = Conversation.objects.filter(email=sender, channel=MAIL, opened_at__gte=since).order_by("-id")
    return list(rows.values_list("id", flat=True)[:50])


def last_of_person(email: str, *, since: datetime) -> int | None:
    """Return the conversation somebody last took part in, on whatever channel, if it was after `since`.  One query."""
    rows = Conversation.objects.filter(email=email, last_activity_at__gte=since)
    return rows.order_by("-last_activity_at", "-id").values_list("id", flat=True).first()


def _thread(conversation: Conversation, at: datetime) -> Thread:
    people = {conversation.email}
    if conversation.order is not None:
        people.add(conversation.order.email.lower())
    long_ago = conversation.closed_at is not None and conversation.closed_at < at - CLOSED_LONG_AGO
    return Thread(conversation.pk, frozenset(people), long_ago)
