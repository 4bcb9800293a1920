"""What notifications hears: every event that calls for a message, and a person's wish to send one again."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from notifications.gateways import text_events
from notifications.gateways.mail_events import PROVIDER, SOURCE, read
from notifications.messages import heard_names
from notifications.models import NewsConsent
from notifications.operations.composing import compose_for_staff, compose_messages
from notifications.operations.greeting import hear_profile
from notifications.operations.hearing_back import message_named, note_feedback
from notifications.operations.hearing_texts import hear_text
from notifications.operations.news import Tick, ask_for_news, take_news
from notifications.operations.resending import RESENT, compose_copy
from notifications.operations.silence import begin_to_count
from notifications.queries.matters import order_numbered
from notifications.rules.feedback import NOTHING, Meaning, meaning, of_status
from orders.models import Order
from shop import subscriptions
from shop.models import Event, Inbound
from shop.operations.inbound import NotForUs, NotReadable
from shop.queries.people import proved_addresses

CONSUMER = "notifications.compose"
STAFF_CONSUMER = "notifications.tell-staff"
BOUNCE_CONSUMER = "notifications.bounces"
SILENCE_CONSUMER = "notifications.silence"
# What begins a wait; each of them is a fact about one order, or about none (a question without an order).
WAITS_BEGIN = (
    "orders.order.placed",
    "orders.line.exchange-added",
    "orders.refund.asked",
    "orders.refund.granted",
    "returns.case.requested",
    "returns.case.received",
    "support.conversation.opened",
    "support.message.received",
)
GREETING_CONSUMER = "notifications.greetings"
NEWS_CONSUMER = "notifications.news"


def hear(event: Event) -> None:
    """Turn one event into messages."""
    if event.name == RESENT:
        compose_copy(event=event)
    else:
        compose_messages(event=event, at=timezone.now())


def hear_for_staff(event: Event) -> None:
    """Tell staff about one event in their chats."""
    compose_for_staff(event=event, at=timezone.now())


def hear_order(event: Event) -> None:
    """Put an order on the silence budget: it was placed, or something is open of it that she waits for."""
    order_id = event.payload.get("order_id") or order_numbered(event.order_number)
    if order_id is not None:
        begin_to_count(order_id=order_id, at=timezone.now())


def hear_tick(event: Event) -> None:
    """Ask whoever ticked the box at the checkout whether news may come; one who proved her address has agreed with it.

    The order stands by then and knows nothing of it.
    """
    order = Order.objects.get(pk=event.payload["order_id"])
    if not order.news_wording:
        return
    tick = Tick(
        address=order.email,
        where=NewsConsent.Where.CHECKOUT,
        locale=order.locale,
        wording=order.news_wording,
        order_number=order.number,
    )
    ask = take_news if _ordered_signed_in(event, order) else ask_for_news
    ask(tick=tick, at=timezone.now())


def _ordered_signed_in(event: Event, order: Order) -> bool:
    """Tell whether who ordered was signed in with this address proved.

    An order that was a guest's became somebody's later: then nobody knows who ticked the box.
    """
    if event.customer_id is None or order.email.lower() not in proved_addresses(event.customer_id):
        return False
    return not Event.objects.filter(order_number=order.number, name="orders.order.adopted").exists()


def listen() -> None:
    """Subscribe to every event with a kind of message; for staff only where a chat is set up."""
    subscriptions.subscribe(CONSUMER, *heard_names(), RESENT, call=hear)
    names = heard_names(for_staff=True) if settings.STAFF_NOTICE_URLS else ()
    subscriptions.subscribe(STAFF_CONSUMER, *names, call=hear_for_staff)
    subscriptions.subscribe(BOUNCE_CONSUMER, "support.mail.bounced", call=hear_bounce)
    subscriptions.subscribe(SILENCE_CONSUMER, *WAITS_BEGIN, call=hear_order)
    told = ("shop.account.profile-changed", "shop.account.address-proved")
    subscriptions.subscribe(GREETING_CONSUMER, *told, call=hear_profile)
    subscriptions.subscribe(NEWS_CONSUMER, "orders.order.placed", call=hear_tick)
    subscriptions.understand(SOURCE, read=read_mail_events)
    subscriptions.understand(text_events.SOURCE, read=read_text)


def read_mail_events(row: Inbound) -> None:
    """Note what a mail provider tells about mails of ours.  Raises NotForUs when it is about none."""
    found = False
    for told in read(bytes(row.raw), provider=row.headers[PROVIDER], content_type=row.content_type):
        meant = meaning(event=told.event, reject_reason=told.reject_reason)
        message = message_named(told.name, provider_id=told.provider_id) if meant != NOTHING else None
        if message is not None:
            note_feedback(message_id=message.pk, meaning=meant, words=told.words, at=row.received_at)
            found = True
    if not found:
        raise NotForUs("nothing that changes anything for a message of ours")


def read_text(row: Inbound) -> None:
    """Do what a kept text asks for.  Raises NotReadable for a delivery without one."""
    try:
        incoming = text_events.read(bytes(row.raw))
    except text_events.Unreadable as problem:
        raise NotReadable(str(problem)) from problem
    hear_text(incoming=incoming, row=row, at=row.received_at)


def hear_bounce(event: Event) -> None:
    """Note a mail server's own report that a mail of ours came back: `support.mail.bounced`.

    Anybody can write such a report, so it never closes an address: the news goes another way or becomes a task, and a
    person decides.
    """
    message = message_named(str(event.payload.get("name", "")))
    status = str(event.payload.get("status", ""))
    meant = of_status(status)
    if message is not None and meant.came_back:
        note_feedback(message_id=message.pk, meaning=Meaning(came_back=True), words=status, at=event.happened_at)
