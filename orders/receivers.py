"""What orders hear: what couriers and Stripe tell us, once it is kept, and that a calendar changed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from orders.models import Parcel, TrackingEvent
from orders.operations import provider_news
from orders.operations.adopting import adopt_order, adopt_orders
from orders.operations.delays import look_again
from orders.operations.tracking import Heard, NewScan, apply_heard, apply_scans
from orders.queries.couriers import codes_of
from orders.rules.courier_news import CourierNews, Malformed
from orders.rules.couriers import PROVIDERS
from orders.rules.vocabularies import translate
from shop import doorbell
from shop.models import Event, Inbound
from shop.operations.inbound import NotForUs, NotYet

# A label may be scanned before somebody here has noted its number.
WAITS = timedelta(days=3)


def hear_of_owner(event: Event) -> None:
    """Give guest orders to whoever proved their address: when she proves it, and when she orders signed out later."""
    if event.name == "orders.order.placed":
        adopt_order(order_id=event.payload["order_id"], at=event.happened_at)
    else:
        adopt_orders(user_id=event.payload["user_id"], at=event.happened_at)


def read_courier(row: Inbound) -> None:
    """Apply one kept delivery of source `courier:<provider>`: all its scans, or none.

    Raises NotForUs for one that tells of no parcel, NotYet for a tracking number no parcel has so far, Malformed for a
    body that should not have been kept.
    """
    provider = row.source.partition(":")[2]
    news = PROVIDERS[provider].read(bytes(row.raw)).news
    if not news:
        raise NotForUs("it tells nothing about a parcel")
    parcels = _parcels_of(provider, {item.tracking_number.upper() for item in news})
    if not parcels:
        if row.received_at + WAITS > row.due_at:
            raise NotYet("no parcel of ours has this tracking number so far")
        raise NotForUs("no parcel of ours has this tracking number")
    for number, parcel_id in sorted(parcels.items(), key=lambda found: found[1]):
        scans = [_scan(provider, item) for item in news if item.tracking_number.upper() == number]
        apply_scans(parcel_id=parcel_id, provider=provider, scans=scans, at=row.received_at)


def read_couriers(rows: Sequence[Inbound]) -> set[int]:
    """Apply many deliveries of one provider at once; return those that are done.

    Left to `read_courier` are those it has something to say about, and those of a parcel whose order somebody holds.
    """
    provider = rows[0].source.partition(":")[2]
    told = {row.pk: _news_in(row, provider) for row in rows}
    numbers = {item.tracking_number.upper() for news in told.values() for item in news}
    parcels = _parcels_of(provider, numbers)
    heard: dict[int, list[Heard]] = defaultdict(list)
    mine: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        for item in told[row.pk]:
            if parcel_id := parcels.get(item.tracking_number.upper()):
                heard[parcel_id].append(Heard(_scan(provider, item), row.received_at))
                mine[row.pk].add(parcel_id)
    done = apply_heard(provider=provider, heard=heard) if heard else set()
    return {row_id for row_id, of_row in mine.items() if of_row <= done}


def skim_couriers(rows: Sequence[Inbound]) -> set[int]:
    """Return those of one provider's deliveries that only repeat scans we have: of a history told anew, most.

    What is kept of a provider's id is never changed, so that it stays known.  One query.
    """
    provider = rows[0].source.partition(":")[2]
    told = {row.pk: {item.event_id for item in _news_in(row, provider)} for row in rows}
    wanted = [name for names in told.values() for name in names]
    known = TrackingEvent.objects.filter(provider=provider, external_id__in=wanted).order_by("id")
    known_ids = set(known.values_list("external_id", flat=True))
    return {row_id for row_id, names in told.items() if names and names <= known_ids}


def _news_in(row: Inbound, provider: str) -> Sequence[CourierNews]:
    try:
        return PROVIDERS[provider].read(bytes(row.raw)).news
    except Malformed:
        return ()  # its reader says what is wrong with it


def _parcels_of(provider: str, numbers: set[str]) -> dict[str, int]:
    """Return the parcels that travel under these numbers through a provider, by number.  One query."""
    rows = Parcel.objects.filter(carrier__in=[*codes_of(provider), provider], tracking_number__in=numbers)
    return dict(rows.order_by("id").values_list("tracking_number", "pk"))


def _scan(provider: str, news: CourierNews) -> NewScan:
    meaning = translate(provider=provider, code=news.code, reason=news.reason, detail=news.detail)
    return NewScan(
        external_id=news.event_id,
        status=meaning.status,
        reason=meaning.reason,
        place=news.place,
        words=news.words or news.code,
        eta_on=news.eta_on,
        occurred_at=news.occurred_at,
    )


def hear_calendar(event: Event) -> None:
    """Look at the open orders a changed calendar touches (`shop.calendar.changed`).

    Without the days that differ, everything from the day of the change on may have changed.
    """
    if event.payload.get("first_on") == "":  # nothing that counts days
        return
    first = event.payload.get("first_on") or event.happened_at.date().isoformat()
    look_again(
        calendar_id=event.payload["calendar_id"],
        first_on=date.fromisoformat(first),
        last_on=date.fromisoformat(event.payload["last_on"]) if event.payload.get("last_on") else date.max,
        at=event.happened_at,
    )
    doorbell.ring("orders.watch_promises")


def read_stripe(row: Inbound) -> None:
    """Act on one kept notice of Stripe, whose signature was checked; order and repetition of notices cannot matter.

    A payment page is only looked at again: what became of it is asked of Stripe itself, by the sweep.  Why a try did
    not go through is taken from the notice: it changes nothing but the words on her page.
    Raises NotForUs for what we did not ask for, NotYet for money of an order we do not know so far.
    """
    notice = json.loads(bytes(row.raw))
    kind, thing = str(notice["type"]), notice["data"]["object"]
    if kind.startswith("checkout.session."):
        provider_news.look_at_page(reference=thing["id"], order_number=str(thing.get("client_reference_id") or ""))
    elif kind == "payment_intent.payment_failed":
        _hear_of_refusal(notice, thing)
    elif thing["object"] == "refund":
        provider_news.hear_of_refund(reference=thing["id"], status=str(thing["status"]), at=row.received_at)
    elif thing["object"] == "dispute":
        provider_news.hear_of_dispute(
            reference=thing["id"],
            charge_reference=str(thing["payment_intent"]),
            amount_minor=int(thing["amount"]),
            won=thing["status"] == "won" or kind.endswith("funds_reinstated"),
            taken=kind.endswith(("funds_withdrawn", "funds_reinstated")) or thing["status"] in {"won", "lost"},
            at=row.received_at,
        )
    else:
        raise NotForUs(f"nothing to do for {kind}")


def _hear_of_refusal(notice: dict[str, Any], thing: dict[str, Any]) -> None:
    error, ours = thing.get("last_payment_error") or {}, thing.get("metadata") or {}
    provider_news.hear_of_refusal(
        order_number=str(ours.get("order_number") or ""),
        charge_key=str(ours.get("charge") or ""),
        reference=str(notice["id"]),
        code=str(error.get("code") or ""),
        decline_code=str(error.get("decline_code") or ""),
        at=datetime.fromtimestamp(
            int(notice["created"]), UTC
        ),  # of several tries the last one counts, however they come
    )
