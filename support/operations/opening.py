"""Beginning a conversation: she writes, or we notice before she does.

Source: support reference 9, 11 (1 and 2); ux reference 2.9.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from orders.models import Order
from shop.models import Inbound, User
from shop.operations.events import record_event
from shop.operations.limits import TooOften, spend
from shop.queries.calendars import working_calendars
from support.models import Conversation, Message
from support.operations.clock import lock_conversation, say, settle
from support.operations.policies import policy_for
from support.rules.threading import Reason

NUMBER_PREFIX = "C-"
FORM_BUDGET = 6  # messages of one address an hour
FORM_WINDOW = timedelta(hours=1)


@dataclass(frozen=True)
class Writing:
    """What somebody typed into the contact form.  `order` is set only when she proved that it is hers."""

    email: str
    name: str
    kind: str
    text: str
    subject: str = ""
    order: Order | None = None
    order_said: str = ""
    locale: str = ""  # of the page it was typed on


def open_conversation(*, client_token: UUID, writing: Writing, customer: User | None, at: datetime) -> Message:
    """Take a message from the contact form and return it; its conversation is new unless we wrote first.

    The same `client_token` is one message, however often it is sent.  With a case of our own open for the attached
    order, the message joins it: nobody has to explain what we already know.
    Raises shop.operations.limits.TooOften after FORM_BUDGET messages of one address an hour.
    """
    return once(
        client_token=client_token,
        who=writing.email,
        write=lambda: _take_form(client_token=client_token, writing=writing, customer=customer, at=at),
        at=at,
    )


def once(*, client_token: UUID, who: str, write: Callable[[], Message], at: datetime) -> Message:
    """Return the message of a form: written now, or with the same token before.  Raises TooOften after FORM_BUDGET."""
    known = _of_token(client_token)
    if known is not None:
        return known
    try:
        spend(purpose="support.form", who=who.lower(), budget=FORM_BUDGET, window=FORM_WINDOW, at=at)
        return write()
    except (IntegrityError, TooOften):
        known = _of_token(client_token)  # the same form, sent several times at once
        if known is None:
            raise
        return known


@transaction.atomic
def _take_form(*, client_token: UUID, writing: Writing, customer: User | None, at: datetime) -> Message:
    ours = _our_case(writing)
    conversation = ours or begin(
        kind=writing.kind,
        origin=Conversation.Origin.CUSTOMER,
        channel="form",
        subject=writing.subject or first_words(writing.text),
        email=writing.email,
        name=writing.name,
        order=writing.order,
        at=at,
        order_said=writing.order_said,
        locale=writing.locale,
        customer=customer,
    )
    message = say(
        conversation,
        kind=Message.Kind.IN,
        text=writing.text,
        at=at,
        channel="form",
        author=customer,
        author_name=writing.name,
        author_address=writing.email.lower(),
        client_token=client_token,
        thread_reason=Reason.OPENED_CASE if ours else Reason.FORM,
    )
    reopen(conversation)
    settle(conversation, at=at)
    name = "support.message.received" if ours else "support.conversation.opened"
    tell(name, conversation, message_id=message.pk, at=at, actor_kind="customer")
    return message


def _our_case(writing: Writing) -> Conversation | None:
    """Return the open case we began for her order, locked; only when she writes from the order's own address."""
    if writing.order is None or writing.order.email.lower() != writing.email.lower():
        return None
    rows = Conversation.objects.filter(order=writing.order, origin=Conversation.Origin.SYSTEM)
    case = rows.exclude(status=Conversation.Status.CLOSED).order_by("-id").first()
    return lock_conversation(case.pk) if case else None


@transaction.atomic
def open_case(
    *,
    case_key: str,
    kind: str,
    subject: str,
    text: str,
    order: Order | None,
    at: datetime,
    email: str = "",
    name: str = "",
    key: str | None = None,
    raw: Inbound | None = None,
) -> Conversation:
    """Open a case before the customer writes, due as a task of the desk; the same `case_key` opens one.

    `text` is for staff and goes into the thread as a message of the shop itself, `key` as in add_to_case.
    """
    known = Conversation.objects.filter(case_key=case_key).order_by("id").first()
    if known is not None:
        return known
    conversation = begin(
        kind=kind,
        origin=Conversation.Origin.SYSTEM,
        channel="system",
        subject=subject,
        email=order.email if order else email,
        name=order.full_name if order else name,
        order=order,
        at=at,
        case_key=case_key,
        customer=order.customer if order else None,
    )
    add_task(conversation, text=text, at=at, external_id=key, raw=raw)
    settle(conversation, at=at)
    tell("support.conversation.opened", conversation, message_id=None, at=at)
    return conversation


@transaction.atomic
def add_to_case(
    *, conversation_id: int, text: str, at: datetime, key: str | None = None, raw: Inbound | None = None
) -> Message:
    """Add news to a conversation and make it due anew; with a `key` the same news is added once.

    Raises Conversation.DoesNotExist.
    """
    conversation = lock_conversation(conversation_id)
    known = Message.objects.filter(channel="system", external_id=key).order_by("id").first() if key else None
    if known is not None:
        return known
    message = add_task(conversation, text=text, at=at, external_id=key, raw=raw)
    settle(conversation, at=at)
    return message


def add_task(conversation: Conversation, *, text: str, at: datetime, **fields: object) -> Message:
    """Put something to look into into a locked conversation's thread, due like a first answer; then settle()."""
    policy = conversation.policy
    calendar = working_calendars([policy.calendar.code])[policy.calendar.code]
    due_at = calendar.add_minutes(at, policy.first_reply_minutes)
    conversation.task_due_at = min(conversation.task_due_at or due_at, due_at)
    reopen(conversation)
    return say(conversation, kind=Message.Kind.SYSTEM, text=text, at=at, channel="system", automated=True, **fields)


def begin(
    *,
    kind: str,
    origin: str,
    channel: str,
    subject: str,
    email: str,
    name: str,
    order: Order | None,
    at: datetime,
    order_said: str = "",
    locale: str = "",
    case_key: str | None = None,
    customer: User | None = None,
    follows_id: int | None = None,
) -> Conversation:
    """Create an empty conversation inside the caller's transaction; say() something, then settle() it."""
    ident = _next_id()
    conversation = Conversation.objects.create(
        pk=ident,
        number=f"{NUMBER_PREFIX}{10_000 + ident}",
        kind=kind,
        origin=origin,
        channel=channel,
        subject=subject[:200],
        email=email.lower(),
        customer_name=name,
        customer=customer,
        order=order,
        order_said=order_said,
        locale=locale,
        policy=policy_for(kind),
        case_key=case_key,
        follows_id=follows_id,
        opened_at=at,
        last_activity_at=at,
    )
    return lock_conversation(conversation.pk)


def reopen(conversation: Conversation) -> None:
    """Put a locked conversation back on the desk; somebody who left no longer holds it."""
    conversation.status = Conversation.Status.OPEN
    conversation.closed_at = None
    if conversation.assignee is not None and not conversation.assignee.is_active:
        conversation.assignee = None


def tell(
    name: str,
    conversation: Conversation,
    *,
    message_id: int | None,
    at: datetime,
    actor: User | None = None,
    actor_kind: str = "system",
) -> None:
    """Record an event of a conversation for staff and subscribers, in the caller's transaction."""
    record_event(
        name=name,
        subject=f"support.conversation:{conversation.pk}",
        at=at,
        payload={"conversation_id": conversation.pk, "message_id": message_id},
        order_number=conversation.order.number if conversation.order else "",
        customer=conversation.customer,
        actor=actor,
        actor_kind=actor_kind,
    )


def first_words(text: str) -> str:
    """Return a subject for a message that has none: its first words, at most 80 letters."""
    line = " ".join(text.split())
    return line if len(line) <= 80 else line[:79].rsplit(" ", 1)[0] + "…"


def _of_token(client_token: UUID) -> Message | None:
    rows = Message.objects.select_related("conversation__order", "conversation__policy__calendar")
    return rows.filter(client_token=client_token).order_by("id").first()


def _next_id() -> int:
    """Take the next id before the row exists, because the number a customer reads is made of it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('support_conversation', 'id'))")
        return int(cursor.fetchone()[0])
