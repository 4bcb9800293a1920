"""The rows an event speaks of, and whom to tell about them.

Each function raises DoesNotExist when the payload names a row that is gone: the relay then parks the event and shows
it to staff.
"""

from __future__ import annotations

from dataclasses import dataclass

from notifications.messages.kind import Recipient
from orders.models import (
    ArrivalQuestion,
    DelayCase,
    IncidentVersion,
    Order,
    OrderChange,
    OrderDraft,
    Parcel,
    ParcelPlan,
    Promise,
    RefundGrant,
    TrackingEvent,
    Unavailability,
)
from orders.rules.cancelling import may_be_cancelled
from returns.models import ReturnCase
from shop.models import Event, Review
from support.models import Conversation
from support.models import Message as Utterance
from support.queries.addresses import conversation_address, order_address


def order_of(event: Event) -> Order:
    """Return the order an event is about.  One query."""
    return Order.objects.select_related("payment", "service").get(pk=event.payload["order_id"])


def parcel_of(event: Event) -> Parcel:
    """Return the parcel with its order.  One query."""
    return Parcel.objects.select_related("order", "order__payment").get(pk=event.payload["parcel_id"])


def scan_of(event: Event) -> TrackingEvent:
    """Return the courier's scan with parcel and order.  One query."""
    return TrackingEvent.objects.select_related("parcel__order__payment").get(pk=event.payload["tracking_event_id"])


def delay_of(event: Event) -> DelayCase:
    """Return the delay with the promise that broke, the new one and the order.  One query."""
    return DelayCase.objects.select_related("order", "broken_promise", "new_promise").get(pk=event.payload["delay_id"])


def plan_of(event: Event) -> tuple[ParcelPlan, ParcelPlan]:
    """Return what we said about a parcel before, and what we say now.  One query."""
    rows = ParcelPlan.objects.select_related("parcel__order")
    found = rows.in_bulk([event.payload["old_plan_id"], event.payload["plan_id"]])
    return found[event.payload["old_plan_id"]], found[event.payload["plan_id"]]


def draft_of(event: Event) -> OrderDraft:
    """Return an order put together on the phone, with its bag.  One query."""
    return OrderDraft.objects.select_related("cart").get(pk=event.payload["draft_id"])


def change_of(event: Event) -> OrderChange:
    """Return the change of an order, with order and payment.  One query."""
    return OrderChange.objects.select_related("order__payment").get(pk=event.payload["change_id"])


def delivery_change_of(event: Event) -> OrderChange:
    """Return the change of where and when an order comes, with order and payment.  One query.

    Events of before changes were kept name none: then nothing but the delivery changed, and no money.
    """
    if "change_id" in event.payload:
        return change_of(event)
    order = Order.objects.select_related("payment").get(pk=event.payload["order_id"])
    return OrderChange(order=order, old_total_minor=order.total_minor, new_total_minor=order.total_minor)


def missing_of(event: Event) -> list[Unavailability]:
    """Return the missing pieces of an order, oldest first; at least one.  One query."""
    ids = event.payload.get("missing_ids") or [event.payload["missing_id"]]
    rows = Unavailability.objects.select_related("order__payment", "line", "parcel", "instead")
    found = list(rows.filter(pk__in=ids).order_by("found_at", "id"))
    if not found:
        raise Unavailability.DoesNotExist
    return found


@dataclass(frozen=True)
class News:
    """An order, what was said before and what is said now."""

    order: Order
    before: Promise
    now: Promise


def news_of(event: Event) -> News:
    """Return the promise an event tells of, the one before it, and the order.  Two queries."""
    now = Promise.objects.select_related("order").get(pk=event.payload["promise_id"])
    return News(now.order, Promise.objects.get(pk=event.payload["old_promise_id"]), now)


@dataclass(frozen=True)
class CrisisNews:
    """What a crisis means for one order: the version told, and the delay when its day moved.

    `plans` are what was said and what is said now of parcels on days of their own, as far as the event names them.
    """

    order: Order
    version: IncidentVersion
    holds: Promise
    delay: DelayCase | None
    plans: tuple[tuple[ParcelPlan, ParcelPlan], ...] = ()


def crisis_of(event: Event) -> CrisisNews:
    """Return the version of the crisis an event tells, with the order and its newest promise.

    Two queries; one more when it names parcels on days of their own.
    """
    version = IncidentVersion.objects.get(pk=event.payload["version_id"])
    promises = Promise.objects.select_related("order", "delay__broken_promise").filter(order=event.payload["order_id"])
    moved = event.payload.get("promise_id")
    holds = promises.get(pk=moved) if moved else promises.order_by("-version", "-id")[0]
    pairs = event.payload.get("plans", [])
    rows = ParcelPlan.objects.select_related("parcel").in_bulk([pk for pair in pairs for pk in pair]) if pairs else {}
    plans = tuple((rows[before], rows[now]) for before, now in pairs)
    return CrisisNews(holds.order, version, holds, holds.delay if moved else None, plans)


def may_cancel(order: Order) -> bool:
    """Say whether the page of the order still offers to cancel it: nothing of it was packed.  One query."""
    living = Parcel.objects.filter(order=order).exclude(status=Parcel.Status.CANCELLED).order_by("id")
    return may_be_cancelled(order.status, living.values_list("status", flat=True))


def arrival_of(event: Event) -> ArrivalQuestion:
    """Return the question about an arrival with its order.  One query."""
    return ArrivalQuestion.objects.select_related("order").get(pk=event.payload["question_id"])


def refund_of(event: Event) -> RefundGrant:
    """Return the refund with its payment and order.  One query."""
    return RefundGrant.objects.select_related("payment__order").get(pk=event.payload["grant_id"])


def case_of(event: Event) -> ReturnCase:
    """Return the return case with its order.  One query."""
    return ReturnCase.objects.select_related("order").get(pk=event.payload["case_id"])


def review_of(event: Event) -> tuple[Review, Order]:
    """Return the review and the order it belongs to.  Two queries."""
    review = Review.objects.select_related("variant__product").get(pk=event.payload["review_id"])
    return review, Order.objects.select_related("payment", "service").get(number=review.order_number)


def conversation_of(event: Event) -> Conversation:
    """Return the conversation with its order and answer times.  One query."""
    rows = Conversation.objects.select_related("order", "policy__calendar")
    return rows.get(pk=event.payload["conversation_id"])


def utterance_of(event: Event) -> Utterance:
    """Return our answer with its conversation and author.  One query."""
    rows = Utterance.objects.select_related("conversation__order", "author")
    return rows.get(pk=event.payload["message_id"])


def buyer(order: Order) -> Recipient:
    """Return who ordered; her answer joins the conversation about the order."""
    return Recipient(order.email, order.full_name, order.locale, order.number, order_address(order.pk))


def writer(conversation: Conversation, *, in_reply_to: str = "") -> Recipient:
    """Return who wrote to us, in the language of her order, else of the page she wrote on."""
    order = conversation.order
    return Recipient(
        conversation.email,
        conversation.customer_name,
        order.locale if order else conversation.locale,
        order.number if order else "",
        conversation_address(conversation.pk),
        in_reply_to,
    )
