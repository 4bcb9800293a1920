"""Nobody who waits for something of ours waits without a word: said nothing for some days, we say where it stands.

An open order counts, and after its arrival or its end what is still open of it: an exchange, a return that is with us,
money promised and not sent, a question not answered.

Source: commerce reference A1 (silence_update); delivery reference 1.9 (when the next word comes, even with no news).
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from notifications.models import Message, Quiet
from notifications.queries.matters import open_matters
from notifications.rules.matters import Matter
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
    """Put an order on the silence budget: it was placed, or something of it is open again, and she was told so at `at`.

    Doing it again changes nothing.  The row is looked at under its lock: a look that takes it off the budget this
    moment ends first, and then it is put on anew.
    """
    order = Order.objects.select_related("service").get(pk=order_id)
    with transaction.atomic():
        Quiet.objects.select_for_update().get_or_create(order=order, defaults={"due_at": _next(order, at)})


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
    """Judge one silence under its lock, so that what opens meanwhile is seen here or counted again afterwards."""
    quiet = Quiet.objects.select_for_update().get(pk=quiet_id)
    order = Order.objects.select_related("service", "customer").get(pk=quiet.order_id)
    if order.status == Order.Status.PLACING:
        return
    matters = open_matters([order.pk]).get(order.pk, [])
    if is_over(order) and not matters:
        quiet.delete()
        return
    said = Message.objects.filter(order_number=order.number)
    last = said.aggregate(last=Max("sent_at"))["last"] or order.placed_at
    due_at = _next(order, last)
    if due_at <= at and not said.filter(state__in=_ON_ITS_WAY).exists():
        _say_where_it_stands(quiet, order, matters, at)
        due_at = _next(order, at)
    quiet.due_at = max(due_at, at + TURN)
    quiet.save(update_fields=["due_at", "notes"])


def is_over(order: Order) -> bool:
    """Tell whether the order itself is waited for no longer: it has arrived, or ended."""
    return order.status != Order.Status.PLACED or order.delivered_at is not None


def _say_where_it_stands(quiet: Quiet, order: Order, matters: list[Matter], at: datetime) -> None:
    quiet.notes += 1
    record_event(
        name="notifications.silence.broken",
        subject=f"orders.order:{order.pk}",
        order_number=order.number,
        customer=order.customer,
        payload={
            "order_id": order.pk,
            "note": quiet.notes,
            "next_by": _next(order, at).isoformat(),
            "over": is_over(order),
            "matters": [matter.key for matter in matters],
        },
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
