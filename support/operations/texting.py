"""A text from a phone: it joins the conversation of whoever wrote it, or begins one; one inbox for all channels.

Source: support reference 9 (one conversation per concern, whatever the channel); reliability reference T46.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orders.models import Order
from shop.models import Inbound
from support.models import Conversation, Message
from support.operations.clock import lock_conversation, say, settle
from support.operations.opening import add_to_case, begin, first_words, open_case, reopen, tell
from support.queries import threads
from support.queries.conversations import case_of_key, language_of_writer
from support.queries.texts import UNKNOWN, unknown_key
from support.rules.mail import clean
from support.rules.threading import Decision, Reason, decide


@dataclass(frozen=True)
class Text:
    """One text as the provider told it; `name` is its number there, `pictures` how many we did not take."""

    channel: str
    number: str
    words: str
    name: str
    pictures: int = 0

    @property
    def said(self) -> str:
        """Return the words, with a line about pictures that came along."""
        words = clean(self.words).strip() or _("[no words in this text]")
        if not self.pictures:
            return words
        note = ngettext(
            "[%(n)d picture came with it; the provider keeps it]",
            "[%(n)d pictures came with it; the provider keeps them]",
            self.pictures,
        )
        return f"{words}\n\n{note % {'n': self.pictures}}"


@transaction.atomic
def receive_text(*, text: Text, sender: str, raw: Inbound, at: datetime) -> Message:
    """Put a text into the conversation of `sender`, the address whose owner confirmed the number; return the message.

    It joins what she last talked with us about, or the conversation of an order of hers that it names.  One that is
    there already is returned as it is.
    """
    known = Message.objects.filter(channel=text.channel, external_id=text.name).order_by("id").first()
    if known is not None:
        return known
    decision = _decide(text, sender, at)
    conversation = _conversation(decision, text, sender, at)
    message = say(
        conversation,
        kind=Message.Kind.IN,
        text=text.said,
        at=at,
        channel=text.channel,
        author_name=conversation.customer_name,
        author_address=sender,
        external_id=text.name,
        thread_reason=decision.reason,
        raw=raw,
    )
    reopen(conversation)
    settle(conversation, at=at)
    joined = decision.conversation_id is not None
    name = "support.message.received" if joined else "support.conversation.opened"
    tell(name, conversation, message_id=message.pk, at=at, actor_kind="customer")
    return message


def note_unknown_text(*, text: Text, raw: Inbound, at: datetime) -> None:
    """Put a text from a number nobody confirmed on the desk as a task; more of one number and day join it."""
    said = _("A text came from %(number)s (%(channel)s), a number nobody has confirmed as hers:\n\n%(words)s") % {
        "number": text.number,
        "channel": text.channel,
        "words": text.said,
    }
    case_key, key = unknown_key(text.channel, text.number, at), f"{UNKNOWN}{text.name}"
    known = case_of_key(case_key)
    if known is not None:
        add_to_case(conversation_id=known, text=said, at=at, key=key, raw=raw)
        return
    open_case(
        case_key=case_key,
        kind=Conversation.Kind.QUESTION,
        subject=_("A text from a number we do not know"),
        text=said,
        order=None,
        at=at,
        key=key,
        raw=raw,
    )


def _decide(text: Text, sender: str, at: datetime) -> Decision:
    named = decide(sender=sender, named_order=threads.named_order(text.words))
    if named.reason == Reason.ORDER_NUMBER:
        return named
    recent = threads.last_of_person(sender, since=at - threads.CLOSED_LONG_AGO)
    return Decision(Reason.CONFIRMED_NUMBER, conversation_id=recent) if recent else named


def _conversation(decision: Decision, text: Text, sender: str, at: datetime) -> Conversation:
    if decision.conversation_id is not None:
        return lock_conversation(decision.conversation_id)
    order = Order.objects.filter(pk=decision.order_id or 0).order_by("id").first()
    return begin(
        kind=Conversation.Kind.QUESTION,
        origin=Conversation.Origin.CUSTOMER,
        channel=text.channel,
        subject=first_words(text.words) or _("A text without words"),
        email=sender,
        name=order.full_name if order else "",
        order=order,
        at=at,
        locale=language_of_writer(sender),
    )
