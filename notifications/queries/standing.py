"""How things stand now for a batch of messages that is about to go out.  At most nineteen queries for any number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils import timezone

from notifications.models import Campaign, Greeting, Message, NewsConsent
from notifications.queries.matters import open_matters
from notifications.rules.standing import Standing
from orders.models import ArrivalQuestion, Order, Parcel, Promise, RefundGrant, Unavailability
from returns.models import ReturnCase
from shop.models import StockAlert
from shop.open_cases import orders_with_open_cases
from support.models import Conversation


def standings(messages: Sequence[Message], at: datetime) -> dict[int, Standing]:
    """Return how things stand for each message by its id; the messages come with their events."""
    payloads = [message.event.payload for message in messages]
    orders = _rows(Order, _ids(payloads, "order_id"), "status", "payment_status", "fulfilment_status")
    parcels = _rows(Parcel, _ids(payloads, "parcel_id"), "status")
    grants = _rows(RefundGrant, _ids(payloads, "grant_id"), "state")
    cases = _rows(ReturnCase, _ids(payloads, "case_id"), "status")
    conversations = _rows(Conversation, _ids(payloads, "conversation_id"), "first_response_at")
    delayed = _ids((payload for payload in payloads if "old_promise_id" in payload), "order_id")
    asked = _ids((payload for payload in payloads if "missing_ids" in payload), "order_id")
    stopped = _stopped_waiting(_ids(payloads, "alert_id"))
    answered = _answered_news(_ids(payloads, "news_id"), at)
    greetings = _ids(payloads, "greeting_id")
    agreed = _rows(Greeting, greetings)
    campaigns = _rows(Campaign, _ids(payloads, "campaign_id"), "state")
    open_about = _orders_with_open_cases(asked)
    newest = _newest_promises(delayed)
    arrivals = _rows(ArrivalQuestion, _ids(payloads, "question_id"), "state")
    talk = orders_with_open_cases(_ids((payload for payload in payloads if "question_id" in payload), "order_id"))
    last_words = _last_words([message for message in messages if "matters" in message.event.payload])
    still_open = _still_open(_ids((payload for payload in payloads if payload.get("matters")), "order_id"))
    today = timezone.localtime(at).date()
    return {
        message.pk: Standing(
            today=today,
            happened_on=timezone.localtime(message.event.happened_at).date(),
            order_status=_value(orders, payload, "order_id", "status"),
            order_payment=_value(orders, payload, "order_id", "payment_status"),
            order_fulfilment=_value(orders, payload, "order_id", "fulfilment_status"),
            parcel_status=_value(parcels, payload, "parcel_id", "status"),
            newest_promise_id=newest.get(payload.get("order_id", 0)),
            promise_id=payload.get("promise_id"),
            refund_state=_value(grants, payload, "grant_id", "state"),
            case_status=_value(cases, payload, "case_id", "status"),
            nothing_missing="missing_ids" in payload and payload["order_id"] not in open_about,
            arrival_state=_value(arrivals, payload, "question_id", "state"),
            talks="question_id" in payload and payload["order_id"] in talk,
            stopped_waiting=payload.get("alert_id") in stopped,
            news_answered=payload.get("news_id") in answered,
            consent_gone=payload.get("greeting_id", 0) in greetings - agreed.keys(),
            campaign_state=_value(campaigns, payload, "campaign_id", "state"),
            told_since=message.pk in last_words,
            matter_moved_on=not still_open.issuperset(payload.get("matters", ())),
            over=bool(payload.get("over")),
            answered=bool(_value(conversations, payload, "conversation_id", "first_response_at")),
        )
        for message, payload in zip(messages, payloads, strict=True)
    }


def _ids(payloads: Iterable[dict[str, Any]], key: str) -> set[int]:
    return {payload[key] for payload in payloads if payload.get(key) is not None}


def _rows(model: Any, ids: set[int], *columns: str) -> dict[int, dict[str, Any]]:
    if not ids:
        return {}
    return {row["id"]: row for row in model.objects.filter(pk__in=ids).order_by("id").values("id", *columns)}


def _value(rows: dict[int, dict[str, Any]], payload: dict[str, Any], key: str, column: str) -> Any:
    return rows.get(payload.get(key, 0), {}).get(column) or ""


def _orders_with_open_cases(order_ids: set[int]) -> set[int]:
    """Return the orders whose shopper still has to choose about missing pieces."""
    if not order_ids:
        return set()
    rows = Unavailability.objects.filter(order_id__in=order_ids, state=Unavailability.State.OPEN)
    return set(rows.order_by("order_id").values_list("order_id", flat=True))


def _stopped_waiting(alert_ids: set[int]) -> set[int]:
    """Return the waits for a piece that were stopped, or forgotten."""
    if not alert_ids:
        return set()
    going = StockAlert.objects.filter(pk__in=alert_ids, stopped_at=None)
    return alert_ids - set(going.order_by("id").values_list("id", flat=True))


def _answered_news(news_ids: set[int], at: datetime) -> set[int]:
    """Return the questions whether news may come that have their answer, are over, or were forgotten."""
    if not news_ids:
        return set()
    going = NewsConsent.objects.filter(pk__in=news_ids, confirmed_at=None, refused_at=None, expires_at__gt=at)
    return news_ids - set(going.order_by("id").values_list("id", flat=True))


def _still_open(order_ids: set[int]) -> set[str]:
    """Return the keys of what is open of these orders (notifications.rules.matters)."""
    return {matter.key for matters in open_matters(order_ids).values() for matter in matters}


def _last_words(notes: Sequence[Message]) -> set[int]:
    """Return the notes of where it stands, by id, that another kind of message about the order has overtaken."""
    if not notes:
        return set()
    said = Message.objects.filter(order_number__in={note.order_number for note in notes}, sent_at__isnull=False)
    others = said.exclude(kind__in={note.kind for note in notes}).values("order_number")
    last = {row["order_number"]: row["last"] for row in others.annotate(last=Max("sent_at")).order_by("order_number")}
    return {note.pk for note in notes if last.get(note.order_number, note.event.happened_at) > note.event.happened_at}


def _newest_promises(order_ids: set[int]) -> dict[int, int]:
    """Return the newest promise's id by order.  Versions of one order are written one after the other."""
    if not order_ids:
        return {}
    rows = Promise.objects.filter(order_id__in=order_ids).values("order_id").annotate(newest=Max("id"))
    return {row["order_id"]: row["newest"] for row in rows.order_by("order_id")}
