"""Nobody with an open order waits without a word: when nothing else was said for some days, we say where it stands.

Source: commerce reference A1 (silence_update); delivery reference 1.9 (when the next word comes, even with no news).
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from notifications.models import Message, Quiet
from notifications.rules.silence import next_word_at
from orders.models import Order
from orders.queries.quotes import route_for
from shop.operations.events import record_event
from shop.operations.leases import put_off_due
from shop.rules.calendar import NoOpenDay

log = logging.getLogger(__name__)

BATCH = 50
TURN = timedelta(minutes=30)  # what a process that dies in the middle costs
_ON_ITS_WAY = (Message.State.QUEUED, Message.State.CLAIMED)


def begin_to_count(*, order_id: int, at: datetime) -> None:
    """Put an order on the silence budget; its confirmation goes out at `at`.  Doing it again changes nothing."""
    order = Order.objects.select_related("service").get(pk=order_id)
    Quiet.objects.get_or_create(order=order, defaults={"due_at": _next(order, at)})


def break_silence(at: datetime) -> int:
    """Look at the orders that may have heard nothing for too long, at most a batch; return how many were settled.

    Claimed by moving their turn on (index `quiet_due`), so that nobody writes the same note twice.
    """
    claimed = put_off_due(Quiet, column="due_at", by=TURN, most=BATCH)
    for quiet_id in claimed:
        try:
            _look(quiet_id, at)
        except Exception as problem:  # one bad row never stops the others; its turn comes again
            log.warning("silence %s could not be judged: %s", quiet_id, type(problem).__name__)
    return len(claimed)


@transaction.atomic
def _look(quiet_id: int, at: datetime) -> None:
    quiet = Quiet.objects.select_related("order__service", "order__customer").get(pk=quiet_id)
    order = quiet.order
    if order.status == Order.Status.PLACING:
        return
    if order.status != Order.Status.PLACED or order.delivered_at:
        quiet.delete()
        return
    said = Message.objects.filter(order_number=order.number)
    last = said.aggregate(last=Max("sent_at"))["last"] or order.placed_at
    due_at = _next(order, last)
    if due_at <= at and not said.filter(state__in=_ON_ITS_WAY).exists():
        _say_where_it_stands(quiet, at)
        due_at = _next(order, at)
    quiet.due_at = max(due_at, at + TURN)
    quiet.save(update_fields=["due_at", "notes"])


def _say_where_it_stands(quiet: Quiet, at: datetime) -> None:
    quiet.notes += 1
    order = quiet.order
    record_event(
        name="notifications.silence.broken",
        subject=f"orders.order:{order.pk}",
        order_number=order.number,
        customer=order.customer,
        payload={"order_id": order.pk, "note": quiet.notes, "next_by": _next(order, at).isoformat()},
        at=at,
    )


def _next(order: Order, last_word_at: datetime) -> datetime:
    """Return when the next word is due; a calendar without an answer is asked again tomorrow.  One query."""
    try:
        return next_word_at(
            calendar=route_for(order.service).workshop, last_word_at=last_word_at, days=settings.SILENCE_DAYS
        )
    except NoOpenDay:
        return last_word_at + timedelta(days=1)
