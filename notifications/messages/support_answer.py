"""An answer a person wrote, in the thread of what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy

from notifications.messages import words
from notifications.messages.kind import Kind, Recipient, Topic
from notifications.messages.sources import utterance_of, writer
from notifications.models import Message
from notifications.rules.headers import safe_message_id
from support.models import Message as Utterance


@dataclass(frozen=True)
class SupportAnswer:
    """What the mail says beside the answer itself."""

    number: str
    subject: str
    text: str
    author: str
    earlier: str
    earlier_rows: tuple[str, ...]
    earlier_at: str


def to(answer: Utterance) -> Recipient:
    """Tell who wrote.  Two queries at most: what this answers is her last mail, else our own last mail to her."""
    conversation = answer.conversation
    plain = writer(conversation)
    return writer(conversation, in_reply_to=_theirs(answer) or _ours(plain))


def context(answer: Utterance, at: datetime) -> SupportAnswer:
    """Collect what the mail says.  One query."""
    conversation = answer.conversation
    asked = _last_question(answer)
    return SupportAnswer(
        number=conversation.number,
        subject=conversation.subject,
        text=answer.text,
        author=answer.author.get_short_name() if answer.author else answer.author_name,
        earlier=(asked.text_new or asked.text).strip() if asked else "",
        earlier_rows=tuple((asked.text_new or asked.text).strip().splitlines()[:40]) if asked else (),
        earlier_at=words.local_time(asked.written_at) if asked else "",
    )


def _last_question(answer: Utterance) -> Utterance | None:
    asked = Utterance.objects.filter(conversation=answer.conversation, kind=Utterance.Kind.IN, pk__lt=answer.pk)
    return asked.order_by("-written_at", "-id").first()


def _theirs(answer: Utterance) -> str:
    asked = _last_question(answer)
    return safe_message_id(asked.external_id or "") if asked and asked.channel == "mail" else ""


def _ours(plain: Recipient) -> str:
    """Return the Message-ID of our last mail in this thread; the reply address names the thread."""
    to_her = Message.objects.alias(to=Lower("recipient")).filter(to=plain.address.lower())
    mails = to_her.filter(reply_to=plain.reply_to).exclude(state="suppressed")
    return mails.order_by("-id").values_list("message_id", flat=True).first() or ""


KIND = Kind(
    name="support_answer",
    event="support.message.answered",
    says=gettext_lazy("The answer of a person"),
    audience="who wrote to us",
    find=utterance_of,
    to=to,
    context=context,
    by_a_person=True,
    topic=Topic.CONVERSATION,
    any_hour=True,
    repeats=True,
)
