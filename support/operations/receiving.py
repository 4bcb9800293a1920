"""A mail came in: understand it, find its thread, make it one message.

Raises NotForUs (ignored with a reason, kept raw) for what no person wrote and NotReadable (parked, shown to staff) for
what is no mail; a mail without any sender becomes a case.
Source: support reference 2.2, 2.3; reliability reference T40 to T44, T46, S12.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from orders.models import Order
from shop.models import Inbound
from shop.operations.events import record_event
from shop.operations.inbound import NotForUs, NotReadable
from support.models import Conversation, Message
from support.operations.clock import lock_conversation, say, settle
from support.operations.opening import begin, first_words, open_case, reopen, tell
from support.operations.replying import note_answer_failed
from support.queries import threads
from support.queries.conversations import language_of_writer
from support.rules.folding import with_note
from support.rules.mail import (
    Mail,
    NotAMail,
    UnreadableMail,
    attachment_lines,
    quoted_ids,
    read_mail,
    report_status,
)
from support.rules.mail_class import MailClass, mail_class
from support.rules.threading import Decision, Reason, decide

ENVELOPE_TO, ENVELOPE_FROM = "envelope_to", "envelope_from"
MANY = 20  # conversations one address may begin by mail in an hour; what comes then joins the latest
MANY_WITHIN = timedelta(hours=1)

_IGNORED = {
    MailClass.AUTO: "an automatic reply: kept, not answered",
    MailClass.LIST: "from a mailing list: kept, not answered",
    MailClass.LOOP: "our own mail came back: kept, not answered",
    MailClass.BOUNCE: "a mail server's report about no answer of ours: kept",
}


@dataclass(frozen=True)
class Received:
    """One raw mail with the envelope it came in; `envelope_from` is None when nobody told it."""

    row: Inbound
    envelope_to: str
    envelope_from: str | None


def read_inbound_mail(row: Inbound) -> None:
    """Read one kept mail (source `mail`): it becomes exactly one message.

    Raises NotForUs with the reason, NotReadable when the bytes are no mail.
    """
    received = Received(row, row.headers.get(ENVELOPE_TO, ""), row.headers.get(ENVELOPE_FROM))
    try:
        mail = read_mail(bytes(row.raw), envelope_from=received.envelope_from or "")
    except NotAMail as problem:
        raise NotReadable(f"this is no mail: {problem}") from problem
    except UnreadableMail:
        _show_unreadable(received)
        return
    kind = mail_class(
        headers=mail.headers,
        sender=mail.sender,
        envelope_from=received.envelope_from,
        own={settings.CARE_EMAIL.lower(), parseaddr(settings.DEFAULT_FROM_EMAIL)[1].lower()},
        domain=settings.REPLY_DOMAIN.lower(),
    )
    if kind == MailClass.BOUNCE and _note_bounce(received, mail):
        return
    if kind != MailClass.HUMAN:
        raise NotForUs(_IGNORED[kind])
    receive_message(mail=mail, received=received, at=row.received_at)


@transaction.atomic
def receive_message(*, mail: Mail, received: Received, at: datetime) -> Message:
    """Put a person's mail into the thread it belongs to, or begin one; return the message.

    A mail that is there already (the same Message-ID and words) is returned as it is.
    """
    known = Message.objects.filter(raw=received.row).order_by("id").first()
    if known is not None:
        return known
    decision = _decide(mail, received, at)
    conversation = _conversation(decision, mail, at)
    text_new, text = with_note(mail.text or _("[no words in this mail]"), attachment_lines(mail.attachments))
    message = say(
        conversation,
        kind=Message.Kind.IN,
        text=text,
        text_new=text_new,
        at=at,
        channel=threads.MAIL,
        author_name=mail.sender_name,
        author_address=mail.sender,
        external_id=_free_id(mail, received.row),
        in_reply_to=(mail.references or ("",))[0][:250],
        thread_reason=decision.reason,
        raw=received.row,
    )
    reopen(conversation)
    settle(conversation, at=at)
    joined = decision.conversation_id is not None
    name = "support.message.received" if joined else "support.conversation.opened"
    tell(name, conversation, message_id=message.pk, at=at, actor_kind="customer")
    return message


def _decide(mail: Mail, received: Received, at: datetime) -> Decision:
    addresses = threads.signed_addresses([received.envelope_to, *mail.recipients])
    decision = decide(
        sender=mail.sender,
        addressed=threads.addressed_thread(addresses, at=at),
        addressed_order=threads.addressed_order(addresses),
        referenced=threads.referenced_threads(mail.references, at=at),
        named_order=threads.named_order(mail.headers.get("subject", "")),
    )
    if decision.conversation_id is None:
        recent = threads.recent_of_sender(mail.sender, since=at - MANY_WITHIN)
        if len(recent) >= MANY:
            return Decision(Reason.MANY, conversation_id=recent[0])
    return decision


def _conversation(decision: Decision, mail: Mail, at: datetime) -> Conversation:
    """Return the locked conversation the mail joins, or a new one."""
    if decision.conversation_id is not None:
        return lock_conversation(decision.conversation_id)
    return begin(
        kind=Conversation.Kind.QUESTION,
        origin=Conversation.Origin.CUSTOMER,
        channel=threads.MAIL,
        subject=mail.subject or first_words(mail.text) or _("A mail without a subject"),
        email=mail.sender,
        name=mail.sender_name,
        order=Order.objects.filter(pk=decision.order_id).order_by("id").first() if decision.order_id else None,
        at=at,
        locale=language_of_writer(mail.sender),
        follows_id=decision.follows_id,
    )


def _free_id(mail: Mail, row: Inbound) -> str:
    """Return the id to keep: the mail's own, marked with our row when another mail already used it, or none at all."""
    own = mail.message_id or f"without-id-{row.pk}"
    taken = Message.objects.filter(channel=threads.MAIL, external_id=own).exists()
    return f"{own[:220]}#{row.pk}" if taken else own


def _show_unreadable(received: Received) -> None:
    """Open a case for a mail without a sender: kept, shown, never lost in a log."""
    case = open_case(
        case_key=f"unreadable:{received.row.pk}",
        kind=Conversation.Kind.PROBLEM,
        subject=_("A mail we could not read"),
        text=_("A mail came in without a sender we could make out. The raw mail is kept (inbound delivery %(id)d).")
        % {"id": received.row.pk},
        order=None,
        at=received.row.received_at,
    )
    case.messages.update(raw=received.row)


def _note_bounce(received: Received, mail: Mail) -> bool:
    """Mark the answer a mail server's report is about as failed; tell whether there was one.

    The report is trusted no further than that: a forged one only makes us look.
    """
    ids = quoted_ids(bytes(received.row.raw))
    answers = Message.objects.filter(channel=threads.MAIL, kind=Message.Kind.OUT, external_id__in=ids)
    answer = answers.order_by("-id").first()
    if answer is None:
        return _pass_bounce_on(received, ids)
    if answer.delivery == Message.Delivery.FAILED:
        return False
    reason = mail.text.strip()[:500]
    note_answer_failed(message_id=answer.pk, at=received.row.received_at, reason=reason)
    told = answer.conversation.messages.filter(kind=Message.Kind.SYSTEM).order_by("-id").first()
    if told is not None:
        told.raw = received.row
        told.save(update_fields=["raw"])
    return True


def _pass_bounce_on(received: Received, ids: Sequence[str]) -> bool:
    """Record that a mail of another app came back, as far as the report says; tell whether it named one of ours.

    The event holds the Message-ID and the status code; the mail server's words may repeat an address and stay here.
    """
    mine = next((one for one in ids if one.startswith("kp.") and one.endswith(f"@{settings.REPLY_DOMAIN.lower()}")), "")
    status = report_status(bytes(received.row.raw))
    if not mine or not status:
        return False
    with transaction.atomic():
        record_event(
            name="support.mail.bounced",
            subject=f"shop.inbound:{received.row.pk}",
            payload={"name": mine, "status": status},
            at=received.row.received_at,
        )
    return True
