"""Asking couriers: a parcel whose webhooks stay away is asked about, and the answer is kept like a webhook.

Source: delivery reference 1.7; reliability reference D9.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from orders.gateways.couriers import CourierAway, CourierRefused, ask
from orders.models import Parcel
from orders.queries.couriers import couriers
from orders.rules.courier_news import Malformed
from orders.rules.couriers import PROVIDERS, Courier
from orders.rules.polling import next_ask
from shop.operations.inbound import receive_inbound
from shop.operations.leases import put_off_due

log = logging.getLogger(__name__)

TURN = timedelta(hours=1)
BATCH = 8  # each may take the whole of its ten seconds, and a task has ninety


def ask_couriers(at: datetime) -> int:
    """Ask about the parcels that are due, at most one batch; return how many were asked about.

    Claiming moves a parcel's turn an hour on, so that a process that dies, or a provider that is away, costs an hour
    and no more.  The provider is asked outside any transaction.
    """
    claimed = put_off_due(Parcel, column="poll_at", by=TURN, most=BATCH)
    for parcel_id in claimed:
        _ask(Parcel.objects.get(pk=parcel_id), at)
    return len(claimed)


def _ask(parcel: Parcel, at: datetime) -> None:
    courier = couriers().get(parcel.carrier)
    if courier is None or parcel.handed_over_at is None:
        Parcel.objects.filter(pk=parcel.pk).update(poll_at=None)
        return
    try:
        answer = ask(
            provider=courier.provider,
            tracking_number=parcel.tracking_number,
            slug=courier.slug,
            follow=parcel.followed_at is None,
        )
    except (CourierAway, CourierRefused) as problem:
        log.warning("parcel %s: %s gave no answer: %s", parcel.pk, courier.provider, type(problem).__name__)
        return
    _keep(parcel, courier, answer, at)


def _keep(parcel: Parcel, courier: Courier, answer: bytes, at: datetime) -> None:
    """Keep the answer for the reader, the same one once, and say when to ask next."""
    try:
        key = PROVIDERS[courier.provider].read(answer).key
    except Malformed as problem:
        log.warning("parcel %s: nobody understands what %s answered: %s", parcel.pk, courier.provider, problem)
        return
    receive_inbound(source=f"courier:{courier.provider}", source_key=key, raw=answer, content_type="application/json")
    assert parcel.handed_over_at is not None  # noqa: S101 -- asked by the caller, told to the type checker
    turn = next_ask(
        at=at,
        handed_over_at=parcel.handed_over_at,
        last_scan_at=parcel.last_scan_at,
        status=parcel.carrier_status,
    )
    Parcel.objects.filter(pk=parcel.pk).update(poll_at=turn, followed_at=parcel.followed_at or at)
