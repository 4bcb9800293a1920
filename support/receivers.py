"""What support hears from the rest of the shop: some news becomes a case before the customer writes."""

from __future__ import annotations

from django.utils.translation import gettext as _

from orders.models import ArrivalQuestion, DelayCase, Order, Unavailability
from returns.models import CaseLine, ReturnReason
from shop.models import Event, ProductQuestion
from shop.rules.wording import day_range
from support.models import Conversation
from support.models.regret import FaultKind
from support.operations.opening import add_to_case, open_case
from support.operations.questions import open_question
from support.operations.regretting import note_fault, note_piece
from support.queries.conversations import case_of_key, open_case_about
from support.queries.regret import parcels_arrived, parcels_of_broken
from support.rules.regret import OURS

ANSWER = "support_answer"  # the kind of message that carries an answer of this desk


def hear_delay(event: Event) -> None:
    """Open a case for an order that will be late (`orders.order.delayed`); a later round joins the open one."""
    rows = DelayCase.objects.select_related("order__customer", "broken_promise", "new_promise")
    delay = rows.get(pk=event.payload["delay_id"])
    old, new = delay.broken_promise, delay.new_promise
    text = _(
        "We promised %(old)s; now it is %(new)s. The reason we give: %(reason)s\n\n"
        "Our mail tells the customer. Look whether more is needed than that, before anybody has to ask."
    ) % {
        "old": day_range(old.deliver_from_on, old.deliver_by_on, "en"),
        "new": day_range(new.deliver_from_on, new.deliver_by_on, "en"),
        "reason": delay.reason,
    }
    open_one = open_case_about(delay.order, kind=Conversation.Kind.DELAY)
    if open_one is not None:
        add_to_case(conversation_id=open_one.pk, text=text, at=event.happened_at)
        return
    open_case(
        case_key=f"delay:{delay.order.number}:{delay.round}",
        kind=Conversation.Kind.DELAY,
        subject=_("%(number)s will be late") % {"number": delay.order.number},
        text=text,
        order=delay.order,
        at=event.happened_at,
    )


def hear_missing_word(event: Event) -> None:
    """Ask for a call when a second delay got no answer (`orders.delay.unanswered`); it joins the case that is open."""
    delay = DelayCase.objects.select_related("order__customer", "new_promise").get(pk=event.payload["delay_id"])
    order, new = delay.order, delay.new_promise
    text = _(
        "It is late for the second time, now %(new)s, and she has not said whether she still wants it. Call her. Note "
        "on the order that she waits, or cancel it. Nothing is sent without her word."
    ) % {"new": day_range(new.deliver_from_on, new.deliver_by_on, "en")}
    key = f"word:{order.number}:{delay.round}"
    open_one = open_case_about(order, kind=Conversation.Kind.DELAY)
    if open_one is not None:
        add_to_case(conversation_id=open_one.pk, text=text, at=event.happened_at, key=key)
        return
    open_case(
        case_key=key,
        kind=Conversation.Kind.DELAY,
        subject=_("%(number)s: her word is missing, call") % {"number": order.number},
        text=text,
        order=order,
        at=event.happened_at,
        key=key,
    )


def hear_not_quite(event: Event) -> None:
    """Open a case for what is not right with an arrival (`orders.arrival.not-quite`): her words, the order attached."""
    question = ArrivalQuestion.objects.select_related("order__customer").get(pk=event.payload["question_id"])
    order = question.order
    text = _("She pressed that something is not quite right with what arrived: %(what)s.") % {
        "what": question.get_what_display()
    }
    said = _("In her words: %(words)s") % {"words": question.words} if question.words else _("She wrote no more.")
    open_case(
        case_key=f"arrival:{order.number}",
        kind=Conversation.Kind.PROBLEM,
        subject=_("%(number)s: something is not quite right") % {"number": order.number},
        text=f"{text}\n\n{said}",
        order=order,
        at=event.happened_at,
    )


def hear_question(event: Event) -> None:
    """Open the conversation of a question about a piece (`shop.question.asked`); an erased one is left alone."""
    rows = ProductQuestion.objects.select_related("product", "customer")
    question = rows.filter(pk=event.payload["question_id"]).exclude(email="").order_by("id").first()
    if question is not None:
        open_question(question=question, at=event.happened_at)


def hear_fault(event: Event) -> None:
    """Note a fault of ours: a piece that was not there, once she has chosen; a wrong or damaged one.

    What she says is not right (`orders.arrival.not-quite`, meant of all that arrived) and what she sends back for it
    (`returns.case.settled`) are one fault; its letter waits while somebody speaks with her about it.
    """
    order_id, at = event.payload["order_id"], event.happened_at
    if event.name == "orders.order.missing-chosen":
        if not Unavailability.objects.filter(order=order_id, state=Unavailability.State.OPEN).exists():
            note_fault(key=f"missing:{order_id}", kind=FaultKind.MISSING, order_id=order_id, at=at)
    elif _piece_was_ours(event):
        case_id = event.payload.get("case_id")
        parcels = parcels_of_broken(case_id) if case_id else parcels_arrived(order_id)
        note_piece(order_id=order_id, parcels=parcels, at=at)


def _piece_was_ours(event: Event) -> bool:
    if event.name == "orders.arrival.not-quite":
        return ArrivalQuestion.objects.filter(pk=event.payload["question_id"], what__in=OURS).exists()
    lines = CaseLine.objects.filter(case=event.payload["case_id"], reason__group=ReturnReason.Group.QUALITY)
    return lines.exclude(granted="").exists()


def hear_failed_message(event: Event) -> None:
    """Put a mail of ours that cannot reach somebody on the desk: `notifications.message.failed`.

    It joins the conversation the mail was about or the case that is there for the order already, else it opens one.
    Hearing the same event again adds nothing.  Answers of this desk are left out: their own conversation is on the
    desk again already.
    """
    if event.payload.get("kind") == ANSWER:
        return
    order = Order.objects.select_related("customer").filter(number=event.order_number).order_by("id").first()
    case_key = f"unreachable:{order.number if order else event.subject}"
    text, key = _call(order, str(event.payload.get("why", ""))), f"failed:{event.pk}"
    known = event.payload.get("conversation_id") or case_of_key(case_key)
    if known is not None:
        add_to_case(conversation_id=known, text=text, at=event.happened_at, key=key)
        return
    open_case(
        case_key=case_key,
        kind=Conversation.Kind.PROBLEM,
        subject=_unreachable(order, str(event.payload.get("kind", ""))),
        text=text,
        order=order,
        at=event.happened_at,
        key=key,
    )


def hear_closed_address(event: Event) -> None:
    """Put somebody who wants no more mails of ours on the desk: `notifications.address.closed`.

    An address that is gone is told by the message that came back, one that staff closed needs no telling.
    """
    if event.payload.get("cause") not in ("complained", "unsubscribed"):
        return
    order = Order.objects.select_related("customer").filter(number=event.order_number).order_by("id").first()
    text = _(
        "Somebody reported our mail as unwanted or signed off at the mail provider, so we write no more to this "
        "address. Call when there is something to say about an order."
    )
    case_key, key = f"unreachable:{order.number if order else event.subject}", f"closed:{event.pk}"
    known = case_of_key(case_key)
    if known is not None:
        add_to_case(conversation_id=known, text=text, at=event.happened_at, key=key)
        return
    open_case(
        case_key=case_key,
        kind=Conversation.Kind.PROBLEM,
        subject=_unreachable(order, ""),
        text=text,
        order=order,
        at=event.happened_at,
        key=key,
    )


def _unreachable(order: Order | None, kind: str) -> str:
    """Say whom we cannot reach about what: "We cannot reach the customer of KP-1 about the delay: call"."""
    if order is None:
        return _("We cannot reach the customer: call")
    about = {
        "order_placed": _("We cannot reach the customer of %(number)s about the order itself: call"),
        "order_delayed": _("We cannot reach the customer of %(number)s about the delay: call"),
        "delivery_failed": _("We cannot reach the customer of %(number)s about the failed delivery: call"),
        "order_cancelled": _("We cannot reach the customer of %(number)s about the cancellation: call"),
        "refund_granted": _("We cannot reach the customer of %(number)s about a refund: call"),
        "refund_sent": _("We cannot reach the customer of %(number)s about a refund: call"),
        "return_approved": _("We cannot reach the customer of %(number)s about the return: call"),
        "return_declined": _("We cannot reach the customer of %(number)s about the return: call"),
        "return_settled": _("We cannot reach the customer of %(number)s about the return: call"),
    }
    sentence = about.get(kind, _("We cannot reach the customer of %(number)s: call"))
    return sentence % {"number": order.number}


def _call(order: Order | None, why: str) -> str:
    reasons = {
        "address": _("The address cannot be used for a mail."),
        "refused": _("The mail server refused it for good."),
        "given-up": _("The mail server put us off for three days."),
        "closed": _("We do not write to this address any more: mails came back, or were reported as unwanted."),
        "came-back": _("The mail server took it, and later it came back."),
        "interrupted": _("It was set aside, because our own machine stopped while sending it, again and again."),
    }
    phone = _("We have no phone number.")
    if order and order.phone:
        phone = _("The phone number: %(phone)s.") % {"phone": order.phone}
    return "\n\n".join(part for part in (_("Our mail could not be delivered."), reasons.get(why, ""), phone) if part)
