"""What support hears from the rest of the shop: some news becomes a case before the customer writes."""

from __future__ import annotations

from django.utils.translation import gettext as _

from orders.models import DelayCase, Order
from shop.models import Event
from shop.rules.wording import day_range
from support.models import Conversation
from support.operations.opening import add_to_case, open_case
from support.queries.conversations import open_case_about

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


def hear_failed_message(event: Event) -> None:
    """Open a case when a mail of ours cannot reach somebody: `notifications.message.failed`.

    Answers of this desk are left out: their own conversation is on the desk again already.
    """
    if event.payload.get("kind") == ANSWER:
        return
    order = Order.objects.select_related("customer").filter(number=event.order_number).order_by("id").first()
    about = order.number if order else event.subject
    open_case(
        case_key=f"unreachable:{about}",
        kind=Conversation.Kind.PROBLEM,
        subject=_("We cannot reach the customer: call"),
        text=_("Our mail could not be delivered. %(phone)s\n\n%(reason)s")
        % {
            "phone": _("The phone number: %(phone)s.") % {"phone": order.phone}
            if order and order.phone
            else _("We have no phone number."),
            "reason": str(event.payload.get("reason", ""))[:500],
        },
        order=order,
        at=event.happened_at,
        email=str(event.payload.get("recipient", "")),
    )
