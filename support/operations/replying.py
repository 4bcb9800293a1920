"""Answering: written by a person, mailed by notifications, and counted only when the mail server took it.

Source: support reference 9 (reply_public), 10 (I11, I17, I19).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from shop.models import User
from support.models import Conversation, Message
from support.operations.clock import lock_conversation, say, settle
from support.operations.opening import add_task, reopen, tell
from support.queries.threads import MAIL


class NewerMessage(Exception):
    """The customer or a colleague wrote after this answer's author had last looked."""


class NothingWritten(Exception):
    """An answer or note without words."""


class NoAddress(Exception):
    """Nobody knows where to send an answer."""


def reply(*, conversation_id: int, text: str, by: User, seen_version: int, client_token: UUID, at: datetime) -> Message:
    """Write an answer and hand it to the mail; the customer goes on waiting until it was accepted.

    The same `client_token` is one answer.  `seen_version` is the conversation's version its author was looking at.
    Raises NothingWritten, NoAddress, and NewerMessage when something was said after that version.
    """
    if not text.strip():
        raise NothingWritten
    with transaction.atomic():
        conversation = lock_conversation(conversation_id)
        known = Message.objects.filter(client_token=client_token, conversation=conversation).order_by("id").first()
        if known is not None:
            return known
        _refuse_unseen(conversation, seen_version)
        if not conversation.email:
            raise NoAddress
        return _answer(conversation, text=text.strip(), by=by, client_token=client_token, at=at)


def _refuse_unseen(conversation: Conversation, seen_version: int) -> None:
    said = conversation.messages.filter(kind__in=[Message.Kind.IN, Message.Kind.OUT], version__gt=seen_version)
    if said.exists():
        raise NewerMessage


def _answer(conversation: Conversation, *, text: str, by: User, client_token: UUID, at: datetime) -> Message:
    message = say(
        conversation,
        kind=Message.Kind.OUT,
        text=text,
        at=at,
        channel=MAIL,
        author=by,
        author_name=by.get_short_name(),
        delivery=Message.Delivery.IN_FLIGHT,
        client_token=client_token,
    )
    conversation.assignee = conversation.assignee or by
    if conversation.status == Conversation.Status.CLOSED:
        reopen(conversation)
    settle(conversation, at=at)
    tell("support.message.answered", conversation, message_id=message.pk, at=at, actor=by)
    return message


@transaction.atomic
def note_answer_sent(*, message_id: int, at: datetime, external_id: str = "") -> Message:
    """Record that the mail server took an answer: what stood before it is answered, and a task is done.

    `external_id` is the mail's Message-ID, so that answers find the thread by their References as well.
    An answer that bounced before stays failed, one of unknown fate is settled; telling it twice changes nothing.
    """
    message = _locked_answer(message_id)
    if message.delivery not in (Message.Delivery.IN_FLIGHT, Message.Delivery.UNKNOWN):
        return message
    message.delivery, message.accepted_at = Message.Delivery.ACCEPTED, at
    message.external_id = external_id.strip("<> ")[:250] or message.external_id
    message.save(update_fields=["delivery", "accepted_at", "external_id"])
    conversation = message.conversation
    conversation.task_due_at = None
    settle(conversation, at=at)
    if conversation.status == Conversation.Status.OPEN and conversation.waiting_since is None:
        conversation.status = Conversation.Status.WAITING
        conversation.save(update_fields=["status"])
    return message


@transaction.atomic
def note_answer_failed(*, message_id: int, at: datetime, reason: str = "") -> Message:
    """Record that an answer did not arrive: the customer waits again since she first asked.

    Also for an answer that bounced after it was taken.  Telling it twice changes nothing.
    """
    message = _locked_answer(message_id)
    if message.delivery == Message.Delivery.FAILED:
        return message
    message.delivery, message.accepted_at = Message.Delivery.FAILED, None
    message.save(update_fields=["delivery", "accepted_at"])
    conversation = message.conversation
    add_task(conversation, text=_undelivered(message, reason), at=at)
    settle(conversation, at=at)
    tell("support.message.undelivered", conversation, message_id=message.pk, at=at)
    return message


@transaction.atomic
def note_answer_unconfirmed(*, message_id: int, at: datetime, external_id: str = "") -> Message:
    """Record that nobody knows whether an answer arrived and nothing more is tried: a person has to ask.

    Whoever waits goes on waiting, and the conversation is due as a task even when nobody does.  `external_id` as in
    note_answer_sent, because a copy may be out.  Telling it twice changes nothing.
    """
    message = _locked_answer(message_id)
    if message.delivery != Message.Delivery.IN_FLIGHT:
        return message
    message.delivery = Message.Delivery.UNKNOWN
    message.external_id = external_id.strip("<> ")[:250] or message.external_id
    message.save(update_fields=["delivery", "external_id"])
    conversation = message.conversation
    add_task(conversation, text=_doubtful(message), at=at)
    settle(conversation, at=at)
    tell("support.message.unconfirmed", conversation, message_id=message.pk, at=at)
    return message


def _doubtful(message: Message) -> str:
    return _(
        "Nobody knows whether the answer %(author)s wrote reached %(email)s: the mail server broke off twice. "
        "Call and ask before writing it again."
    ) % {"author": message.author_name, "email": message.conversation.email}


def _undelivered(message: Message, reason: str) -> str:
    told = _("The answer %(author)s wrote did not reach %(email)s. Check the address, or call.") % {
        "author": message.author_name,
        "email": message.conversation.email,
    }
    return f"{told}\n\n{reason}".strip()


def _locked_answer(message_id: int) -> Message:
    """Return an answer below its locked conversation.  Raises Message.DoesNotExist."""
    found = Message.objects.filter(kind=Message.Kind.OUT).values_list("conversation_id", flat=True).get(pk=message_id)
    conversation = lock_conversation(found)
    message = Message.objects.get(pk=message_id)
    message.conversation = conversation
    return message
