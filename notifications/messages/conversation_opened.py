"""We have the message: its number, and when an answer comes at the latest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext, gettext_lazy

from notifications.messages import words
from notifications.messages.kind import Kind, Recipient, Topic
from notifications.messages.sources import conversation_of, writer
from notifications.rules import standing
from notifications.rules.headers import safe_message_id
from shop.messages.moments import moment
from shop.models import Event
from support.models import Conversation
from support.models import Message as Utterance


@dataclass(frozen=True)
class Opened:
    """A conversation and the words that opened it; none when the shop itself did."""

    conversation: Conversation
    said: Utterance | None


@dataclass(frozen=True)
class ConversationOpened:
    """What the receipt says."""

    first_name: str
    number: str
    order_number: str
    subject: str
    answer_by: str
    said: str


def find(event: Event) -> Opened:
    """Return the conversation and its first message.  Two queries."""
    said = Utterance.objects.filter(pk=event.payload.get("message_id")).order_by("id").first()
    return Opened(conversation_of(event), said)


def to(source: Opened) -> Recipient:
    """Tell who wrote, in the thread of her own mail."""
    mailed = source.said is not None and source.said.channel == "mail"
    theirs = safe_message_id(source.said.external_id or "") if source.said and mailed else ""
    return writer(source.conversation, in_reply_to=theirs)


def unwanted(source: Opened) -> str:
    """Nobody waits for an answer to what she did not write; a machine gets no receipt (loops end here)."""
    if source.said is None:
        return gettext("The shop opened this case itself; nobody wrote.")
    return gettext("A machine wrote; a receipt could start a loop.") if source.said.automated else ""


def context(source: Opened, at: datetime) -> ConversationOpened:
    """Collect what the receipt says."""
    conversation = source.conversation
    zone = ZoneInfo(conversation.policy.calendar.time_zone)
    due = conversation.next_due_at.astimezone(zone) if conversation.next_due_at else None
    return ConversationOpened(
        first_name=words.first_name(conversation.customer_name),
        number=conversation.number,
        order_number=conversation.order.number if conversation.order else "",
        subject=conversation.subject,
        answer_by=moment(due) if due else "",
        said=source.said.text_new or source.said.text if source.said else "",
    )


KIND = Kind(
    name="conversation_opened",
    event="support.conversation.opened",
    says=gettext_lazy("We have your message and answer by then"),
    audience="who wrote to us",
    find=find,
    to=to,
    context=context,
    unwanted=unwanted,
    outdated=standing.while_unanswered,
    critical=False,
    topic=Topic.CONVERSATION,
    any_hour=True,
    repeats=True,
)
