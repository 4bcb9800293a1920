"""An event for every kind of message, with the rows it speaks of; and messages as they stand in the queue."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from notifications.models import Campaign, Greeting, Message, Reader, Wish
from notifications.operations.campaigning import run_campaigns, start_campaign
from orders.models import (
    ArrivalQuestion,
    DelayCase,
    Order,
    OrderChange,
    Parcel,
    ParcelPlan,
    PaymentEvent,
    RefundGrant,
    TrackingEvent,
    Unavailability,
)
from orders.operations.credit import give_credit
from orders.operations.drafting import make_draft
from returns.models import CaseLine, ReturnCase, ReturnReason, Withdrawal
from shop.models import Event
from shop.operations.events import record_event
from shop.operations.letters import ask_letter
from shop.operations.reviews import decline_review
from support.models import Conversation, SlaPolicy
from support.models import Message as Utterance
from support.operations.regretting import settle_fault
from tests.factories.alerts import a_wait
from tests.factories.campaigns import a_draft_campaign, asks_for_news
from tests.factories.incidents import declared
from tests.factories.news import a_question
from tests.factories.orders import fixed_promise, placed_order, service_level
from tests.factories.regret import a_fault
from tests.factories.shop import StaffFactory, VariantFactory, calendar
from tests.factories.voices import written


def told(order: Order, name: str, *, at: datetime, **payload: object) -> Event:
    """Record an event about an order."""
    with transaction.atomic():
        return record_event(
            name=name,
            subject=f"orders.order:{order.pk}",
            order_number=order.number,
            payload={"order_id": order.pk, **payload},
            at=at,
        )


def scan(order: Order, status: str, *, at: datetime, eta_on: date | None = None) -> TrackingEvent:
    """A scan of the order's first parcel, which is with the courier."""
    parcel = handed_over(order)
    return TrackingEvent.objects.create(
        parcel=parcel, provider="demo", external_id=uuid.uuid4().hex, status=status, occurred_at=at, eta_on=eta_on
    )


def handed_over(order: Order, status: str = Parcel.Status.HANDED_OVER) -> Parcel:
    """Put the order's first parcel into the courier's hands."""
    parcel = order.parcels.order_by("number", "id")[0]
    parcel.status, parcel.carrier, parcel.tracking_number = status, "Demo Post", f"DP{order.pk:08d}"
    parcel.delivered_at = order.placed_at + timedelta(days=2) if status == Parcel.Status.DELIVERED else None
    parcel.save()
    return parcel


def refund(order: Order, *, at: datetime, state: str = RefundGrant.State.GRANTED) -> RefundGrant:
    """Five euros back; once sent, a person transferred them."""
    grant = RefundGrant.objects.create(
        payment=order.payment, amount_minor=500, reason="A chip in the glaze", origin=uuid.uuid4().hex, granted_at=at,
        state=state,
    )  # fmt: skip
    if state == RefundGrant.State.SENT:
        PaymentEvent.objects.create(
            payment=order.payment, kind="refund", phase="succeeded", amount_minor=500, key=f"grant:{grant.pk}:0",
            happened_at=at,
        )  # fmt: skip
    return grant


def delay(order: Order, *, at: datetime) -> DelayCase:
    """The order will be two days late."""
    broken = order.promises.order_by("version", "id")[0]
    return DelayCase.objects.create(
        order=order,
        round=order.delays.count() + 1,
        cause=DelayCase.Cause.WEATHER,
        reason="The road north of Coimbra was closed by rain.",
        broken_promise=broken,
        new_promise=fixed_promise(order, at=at, days=5),
        noticed_at=at,
    )


def return_case(order: Order, *, at: datetime, status: str = ReturnCase.Status.REQUESTED) -> ReturnCase:
    """One piece on its way back."""
    reason, _ = ReturnReason.objects.get_or_create(code="too-small", defaults={"label": "Too small", "group": "size"})
    case = ReturnCase.objects.create(
        number=f"R-{order.number}-{order.return_cases.count()}", order=order, status=status,
        submission_key=uuid.uuid4(), requested_at=at, decline_reason="It was made to your measure.",
        decided_at=None if status == ReturnCase.Status.REQUESTED else at,
        received_at=at if status in ("received", "settled") else None,
        settled_at=at if status == "settled" else None,
        refund_minor=2400 if status == "settled" else 0,
    )  # fmt: skip
    CaseLine.objects.create(
        case=case, order_line=order.lines.order_by("id")[0], quantity=1, reason=reason, wanted="refund",
        granted="refund", amount_minor=2400,
    )  # fmt: skip
    return case


def conversation(*, at: datetime, order: Order | None = None, **fields: object) -> Conversation:
    """Somebody asked something; an answer is due in two hours."""
    policy, _ = SlaPolicy.objects.get_or_create(name="Everybody", defaults={"calendar": calendar("desk", "support")})
    number = f"C-{Conversation.objects.count() + 1}"
    values: dict[str, object] = {
        "origin": "customer", "subject": "Where is my mug?", "email": "ana@example.com", "customer_name": "Ana Costa",
        "waiting_since": at, "next_due_at": at + timedelta(hours=2), "next_due_kind": "fr",
    }  # fmt: skip
    return Conversation.objects.create(
        number=number, order=order, policy=policy, last_activity_at=at, opened_at=at, **(values | fields)
    )


def said(thread: Conversation, kind: str, *, at: datetime, text: str = "Where is it?", **fields: object) -> Utterance:
    """Somebody said something."""
    delivery = "in_flight" if kind == "out" else ""
    return Utterance.objects.create(
        conversation=thread, kind=kind, channel="mail", text=text, written_at=at, delivery=delivery, **fields
    )


def event_for(kind: str, *, at: datetime, order: Order | None = None) -> Event:
    """Record the event that calls for a message of one kind, with everything it speaks of."""
    order = order or placed_order(at=at)
    return _MAKERS[kind](order, at)


def _delayed(order: Order, at: datetime) -> Event:
    case = delay(order, at=at)
    return told(
        order, "orders.order.delayed", at=at, delay_id=case.pk, promise_id=case.new_promise_id,
        old_promise_id=case.broken_promise_id,
    )  # fmt: skip


def _news(order: Order, at: datetime) -> Event:
    before = order.promises.order_by("version", "id")[0]
    now = fixed_promise(order, at=at, days=2)
    return told(order, "orders.order.eta-changed", at=at, promise_id=now.pk, old_promise_id=before.pk)


def _scanned(order: Order, at: datetime, status: str, name: str) -> Event:
    row = scan(order, status, at=at, eta_on=at.date() + timedelta(days=1))
    return told(order, name, at=at, parcel_id=row.parcel_id, tracking_event_id=row.pk)


def _made(order: Order, at: datetime) -> Event:
    order.lines.update(making_days=5)
    return told(order, "orders.parcel.made", at=at, parcel_id=order.parcels.order_by("number", "id")[0].pk)


def _packed(order: Order, at: datetime, name: str = "orders.parcel.packed") -> Event:
    parcel = order.parcels.order_by("number", "id")[0]
    parcel.status = Parcel.Status.PACKED
    parcel.save()
    return told(order, name, at=at, parcel_id=parcel.pk)


def _case(order: Order, at: datetime, status: str) -> Event:
    return told(order, f"returns.case.{status}", at=at, case_id=return_case(order, at=at, status=status).pk)


def _withdrawn(order: Order, at: datetime) -> Event:
    said = {"order_number": order.number, "name": order.full_name, "email": order.email, "locale": order.locale}
    row = Withdrawal.objects.create(
        order=order, submission_key=uuid.uuid4(), declared_at=at, due_on=at.date() + timedelta(days=14), **said
    )
    return told(order, "returns.withdrawal.declared", at=at, withdrawal_id=row.pk)


def _opened(order: Order, at: datetime) -> Event:
    thread = conversation(at=at, order=order)
    first = said(thread, "in", at=at, external_id=f"first-{thread.pk}@mail.example")
    return _spoken("support.conversation.opened", first, at)


def _answered(order: Order, at: datetime) -> Event:
    thread = conversation(at=at, order=order)
    said(thread, "in", at=at, external_id=f"asked-{thread.pk}@mail.example")
    answer = said(
        thread, "out", at=at, text="It left this morning.\n\nIt is with you on Thursday.", author_name="Dilini"
    )
    return _spoken("support.message.answered", answer, at)


def _spoken(name: str, utterance: Utterance, at: datetime) -> Event:
    with transaction.atomic():
        return record_event(
            name=name,
            subject=f"support.conversation:{utterance.conversation_id}",
            order_number=utterance.conversation.order.number if utterance.conversation.order else "",
            payload={"conversation_id": utterance.conversation_id, "message_id": utterance.pk},
            at=at,
        )


def _declined_review(order: Order, at: datetime) -> Event:
    review = written(at=at, variant=order.lines.order_by("id")[0].variant, order_number=order.number)
    decline_review(review_id=review.pk, reason="personal", words="It names your neighbour.", by=StaffFactory(), at=at)
    return Event.objects.get(name="shop.review.declined", subject=f"shop.review:{review.pk}")


def _packed_to_collect(order: Order, at: datetime) -> Event:
    order.pickup = True
    order.save(update_fields=["pickup"])
    return _packed(order, at, "orders.parcel.ready-to-collect")


def _missing(order: Order, at: datetime, name: str) -> Event:
    case = missing_piece(order, at=at, state="open" if name == "orders.order.pieces-missing" else "settled")
    ids = {"missing_ids": [case.pk]} if case.state == "open" else {"missing_id": case.pk}
    return told(order, name, at=at, **ids)


def missing_piece(order: Order, *, at: datetime, state: str) -> Unavailability:
    """A piece that was not on its shelf; once settled, she had it left out."""
    line = order.lines.order_by("id")[0]
    return Unavailability.objects.create(
        order=order, line=line, parcel=order.parcels.order_by("number", "id")[0], quantity=1, cause="picked",
        key=f"tests:{line.pk}", found_at=at, state=state, choice="" if state == "open" else "rest",
    )  # fmt: skip


def _parcel_later(order: Order, at: datetime) -> Event:
    parcel = order.parcels.order_by("number", "id")[0]
    said = [
        ParcelPlan.objects.create(
            parcel=parcel, version=version, starts_on=at.date(),
            deliver_from_on=at.date(), deliver_by_on=at.date() + timedelta(version),
            pack_by_at=at, hand_over_by_at=at, breaks_at=at, basis={}, made_at=at,
            reason="The road north of Coimbra was closed by rain.",
        )
        for version in (1, 2)
    ]  # fmt: skip
    ids = {"parcel_id": parcel.pk, "old_plan_id": said[0].pk, "plan_id": said[1].pk}
    return told(order, "orders.parcel.delayed", at=at, **ids)


def _crisis(order: Order, at: datetime, name: str) -> Event:
    version = declared(at=at)
    case = delay(order, at=at)
    moved = {"delay_id": case.pk, "promise_id": case.new_promise_id, "old_promise_id": case.broken_promise_id}
    return told(
        order, f"orders.order.{name}", at=at, version_id=version.pk, **({} if name == "incident-over" else moved)
    )


def _arrived(order: Order, at: datetime, name: str, state: str) -> Event:
    Order.objects.filter(pk=order.pk).update(delivered_at=at)
    question = ArrivalQuestion.objects.create(
        order=order, state=state, ask_at=at, asked_at=at, answered_at=at if state == "happy" else None
    )
    return told(order, name, at=at, question_id=question.pk)


def _changed(order: Order, at: datetime, name: str) -> Event:
    """One mug more, for the same order."""
    line = order.lines.order_by("id")[0]
    row = {"line_id": line.pk, "title": line.title, "options": line.options_label, "quantity": 1, "gross_minor": 2400}
    made = name == "orders.order.changed"
    change = OrderChange.objects.create(
        order=order, wishes=[], before=[row], after=[row | {"quantity": 2, "gross_minor": 4800}],
        old_total_minor=2890, new_total_minor=5290, due_at=at, staged_at=at,
        state="applied" if made else "staged", settled_at=at if made else None,
    )  # fmt: skip
    return told(order, name, at=at, change_id=change.pk)


def _redirected(order: Order, at: datetime) -> Event:
    """Other hours, which cost two euros less."""
    change = OrderChange.objects.create(
        order=order, wishes=[], delivery={}, old_total_minor=3090, new_total_minor=2890, due_at=at, staged_at=at,
        state="applied", settled_at=at,
    )  # fmt: skip
    return told(order, "orders.order.delivery-changed", at=at, change_id=change.pk, fields=["window_from"])


def _waiting(at: datetime, what: str) -> Event:
    alert = a_wait(at=at)
    with transaction.atomic():
        return record_event(
            name=f"shop.alert.{what}", subject=f"shop.stockalert:{alert.pk}", payload={"alert_id": alert.pk}, at=at
        )


def _drafted(order: Order, at: datetime) -> Event:
    """An order put together for Ana: one mug."""
    service_level()
    draft = make_draft(
        wanted=[(VariantFactory().pk, 1)],
        details={"email": "ana@example.com", "full_name": "Ana Costa", "country": "PT", "service": "door-pt"},
        discount_bp=500, locale="en", by=StaffFactory(), at=at,
    )  # fmt: skip
    with transaction.atomic():
        return record_event(
            name="orders.draft.sent", subject=f"orders.orderdraft:{draft.pk}", payload={"draft_id": draft.pk}, at=at
        )


_MAKERS = {
    "where_it_stands": lambda order, at: told(
        order, "notifications.silence.broken", at=at, note=1, next_by=(at + timedelta(days=7)).isoformat()
    ),
    "draft_sent": _drafted,
    "arrival_question": lambda order, at: _arrived(order, at, "orders.arrival.asked", "asked"),
    "review_invitation": lambda order, at: _arrived(order, at, "orders.review.invited", "happy"),
    "alert_confirm": lambda order, at: _waiting(at, "asked"),
    "alert_back": lambda order, at: _waiting(at, "due"),
    "incident_declared": lambda order, at: _crisis(order, at, "incident-told"),
    "incident_updated": lambda order, at: _crisis(order, at, "incident-told-again"),
    "incident_over": lambda order, at: _crisis(order, at, "incident-over"),
    "order_changed": lambda order, at: _changed(order, at, "orders.order.changed"),
    "delivery_changed": lambda order, at: _redirected(order, at),
    "change_offered": lambda order, at: _changed(order, at, "orders.change.offered"),
    "order_placed": lambda order, at: told(
        order, "orders.order.placed", at=at, promise_id=order.promises.order_by("version", "id")[0].pk
    ),
    "payment_received": lambda order, at: _transferred(order, at),
    "credit_given": lambda order, at: _gift(order, at),
    "payment_reminder": lambda order, at: _unpaid(order, at),
    "order_expired": lambda order, at: told(order, "orders.order.expired", at=at),
    "piece_made": _made,
    "order_packed": _packed,
    "parcel_handed_over": lambda order, at: told(
        order, "orders.parcel.handed-over", at=at, parcel_id=handed_over(order).pk
    ),
    "out_for_delivery": lambda order, at: _scanned(order, at, "out_for_delivery", "orders.parcel.out-for-delivery"),
    "address_question": lambda order, at: _scanned(order, at, "held", "orders.parcel.address-unclear"),
    "delivery_failed": lambda order, at: _scanned(order, at, "attempt_failed", "orders.parcel.attempt-failed"),
    "parcel_delivered": lambda order, at: told(
        order, "orders.parcel.delivered", at=at, parcel_id=handed_over(order, Parcel.Status.DELIVERED).pk
    ),
    "order_delayed": _delayed,
    "ready_to_collect": _packed_to_collect,
    "parcel_delayed": _parcel_later,
    "unavailable": lambda order, at: _missing(order, at, "orders.order.pieces-missing"),
    "missing_chosen": lambda order, at: _missing(order, at, "orders.order.missing-chosen"),
    "eta_changed": lambda order, at: _news(order, at),
    "order_cancelled": lambda order, at: told(order, "orders.order.cancelled", at=at, by="customer"),
    "refund_granted": lambda order, at: told(order, "orders.refund.granted", at=at, grant_id=refund(order, at=at).pk),
    "refund_sent": lambda order, at: told(
        order, "orders.refund.sent", at=at, grant_id=refund(order, at=at, state="sent").pk
    ),
    "regret": lambda order, at: _regretted(order, at),
    "return_requested": lambda order, at: _case(order, at, "requested"),
    "return_approved": lambda order, at: _case(order, at, "approved"),
    "return_declined": lambda order, at: _case(order, at, "declined"),
    "review_declined": _declined_review,
    "return_received": lambda order, at: _case(order, at, "received"),
    "return_settled": lambda order, at: _case(order, at, "settled"),
    "return_withdrawn": lambda order, at: _case(order, at, "withdrawn"),
    "withdrawal_receipt": _withdrawn,
    "conversation_opened": _opened,
    "support_answer": _answered,
    "tracking_link": lambda order, at: told(order, "orders.link.requested", at=at),
    "birthday": lambda order, at: _greeted(order, at, "birthday"),
    "anniversary": lambda order, at: _greeted(order, at, "anniversary"),
    "campaign": lambda order, at: _campaign(at),
    "news_confirm": lambda order, at: _ticked(at),
    "account_code": lambda order, at: _account("code", at, about="sign-in", code="BCDF-GHJK"),
    "account_hint": lambda order, at: _account("hint", at, about="exists"),
    "account_data": lambda order, at: _account("data", at, about="copy-ready", token="t0ken"),
    "account_notice": lambda order, at: _account("notice", at, about="password-changed"),
}


def _regretted(order: Order, at: datetime) -> Event:
    """A mug was not there, she chose; five euro go with the regret."""
    missing_piece(order, at=at, state="settled")
    fault = a_fault(order, at=at)
    settle_fault(fault_id=fault.pk, at=at)
    return Event.objects.get(name="support.fault.regretted", subject=f"support.fault:{fault.pk}")


def _greeted(order: Order, at: datetime, occasion: str) -> Event:
    """Her first order was a year ago; she ticked the anniversary."""
    Order.objects.filter(pk=order.pk).update(placed_at=at - timedelta(days=365))
    reader, _ = Reader.objects.get_or_create(
        address__iexact="ana@example.com", defaults={"address": "ana@example.com", "changed_at": at}
    )
    Wish.objects.create(reader=reader, kind=occasion, channel="email", wanted=True, changed_at=at)
    greeting = Greeting.objects.create(address="ana@example.com", occasion=occasion, due_at=at)
    with transaction.atomic():
        return record_event(
            name=f"notifications.{occasion}.come", subject=f"notifications.greeting:{greeting.pk}",
            payload={"greeting_id": greeting.pk, "year": at.year}, at=at,
        )  # fmt: skip


def _campaign(at: datetime) -> Event:
    """Ana asked for news of the shop, and a campaign has taken her up."""
    asks_for_news("ana@example.com", at=at)
    start_campaign(campaign_id=a_draft_campaign(at=at).pk, by=StaffFactory(), at=at)
    Campaign.objects.filter(state="running").update(due_at=at)
    run_campaigns(at)
    return Event.objects.filter(name="notifications.campaign.due").latest("id")


def _ticked(at: datetime) -> Event:
    """Somebody ticked the box for news with Ana's address."""
    consent = a_question(at=at)
    return Event.objects.get(name="notifications.news.asked", payload__news_id=consent.pk)


def _account(kind: str, at: datetime, **values: str) -> Event:
    ask_letter(kind=kind, email="ana@example.com", user=None, locale="en", values=values, at=at)
    return Event.objects.filter(name=f"shop.account.{kind}-asked").latest("id")


def _transferred(order: Order, at: datetime) -> Event:
    order.payment.provider = "bank_transfer"
    order.payment.save()
    return told(order, "orders.payment.received", at=at, amount_minor=order.total_minor, currency=order.currency)


def _gift(order: Order, at: datetime) -> Event:
    give_credit(
        email=order.email, amount_minor=1000, currency="EUR", reason="Sorry for the wait.", key="1", by=None, at=at
    )
    return Event.objects.get(name="orders.credit.given")


def _unpaid(order: Order, at: datetime) -> Event:
    order.payment.provider, order.payment.captured_minor = "bank_transfer", 0
    order.payment.expires_at = at + timedelta(days=3)
    order.payment.save()
    Order.objects.filter(pk=order.pk).update(payment_status="pending")
    return told(order, "orders.payment.reminded", at=at)


def queued(
    event: Event, *, kind: str = "order_placed", recipient: str = "ana@example.com", **fields: object
) -> Message:
    """A message in the queue, due at once."""
    values: dict[str, object] = {
        "subject": "Your order", "text": "Hello,\n\nit is on its way.\n", "html": "<p>Hello</p>",
        "order_number": event.order_number, "recipient_name": "Ana Costa",
        "message_id": f"<kp.{event.pk}.{kind}.{uuid.uuid4().hex[:12]}@{settings.REPLY_DOMAIN.lower()}>",
    }  # fmt: skip
    return Message.objects.create(event=event, kind=kind, recipient=recipient, **(values | fields))
