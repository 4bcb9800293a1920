"""What staff do besides answering: note, take, give, waive, close.  Source: support reference 9."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from shop.models import User
from support.models import Conversation, Message, NoReplyNeeded
from support.operations.clock import lock_conversation, say, settle
from support.operations.opening import tell
from support.operations.replying import NothingWritten


class StillWaiting(Exception):
    """Somebody waits for an answer: answer, or say why none is needed."""


class TakenByColleague(Exception):
    """Somebody else has it; `holder` says who."""

    def __init__(self, holder: User) -> None:
        super().__init__(str(holder))
        self.holder = holder


class NobodyWaits(Exception):
    """There is no unanswered message to waive."""


class CannotHold(Exception):
    """A conversation is held by an active member of staff."""


@transaction.atomic
def write_note(*, conversation_id: int, text: str, by: User, at: datetime) -> Message:
    """Write a note for colleagues; it is never mailed.  Raises NothingWritten."""
    if not text.strip():
        raise NothingWritten
    conversation = lock_conversation(conversation_id)
    message = say(
        conversation,
        kind=Message.Kind.NOTE,
        text=text.strip(),
        at=at,
        channel="admin",
        author=by,
        author_name=by.get_short_name(),
    )
    settle(conversation, at=at)
    return message


@transaction.atomic
def take(*, conversation_id: int, by: User, at: datetime) -> Conversation:
    """Make a conversation one's own.  Raises TakenByColleague when an active colleague holds it."""
    conversation = lock_conversation(conversation_id)
    holder = conversation.assignee
    if holder is not None and holder.is_active and holder.pk != by.pk:
        raise TakenByColleague(holder)
    if holder is not None and holder.pk == by.pk:
        return conversation
    return _give(conversation, to=by, by=by, at=at)


@transaction.atomic
def assign(*, conversation_id: int, to: User | None, by: User, at: datetime) -> Conversation:
    """Give a conversation to a colleague, or back to everybody.  Raises CannotHold for anybody else."""
    if to is not None and not (to.is_staff and to.is_active):
        raise CannotHold
    return _give(lock_conversation(conversation_id), to=to, by=by, at=at)


def _give(conversation: Conversation, *, to: User | None, by: User, at: datetime) -> Conversation:
    conversation.assignee = to
    settle(conversation, at=at)
    tell("support.conversation.assigned", conversation, message_id=None, at=at, actor=by)
    return conversation


@transaction.atomic
def waive_answer(*, conversation_id: int, reason: str, by: User, at: datetime) -> Conversation:
    """Decide that what the customer wrote last needs no answer, and say why.

    Raises NothingWritten without a reason, NobodyWaits when everything is answered.
    """
    if not reason.strip():
        raise NothingWritten
    conversation = lock_conversation(conversation_id)
    if conversation.waiting_since is None:
        raise NobodyWaits
    waived = NoReplyNeeded.objects.bulk_create(
        NoReplyNeeded(conversation=conversation, message=message, reason=reason.strip(), decided_by=by, decided_at=at)
        for message in _unanswered(conversation)
    )
    conversation.status = Conversation.Status.OPEN if conversation.task_due_at else Conversation.Status.WAITING
    settle(conversation, at=at)
    tell("support.conversation.waived", conversation, message_id=waived[0].message_id, at=at, actor=by)
    return conversation


def _unanswered(conversation: Conversation) -> list[Message]:
    answers = conversation.messages.filter(kind=Message.Kind.OUT, automated=False, accepted_at__isnull=False)
    last_answer = answers.order_by("-id").values_list("id", flat=True).first() or 0
    questions = conversation.messages.filter(kind=Message.Kind.IN, automated=False, waived=None, id__gt=last_answer)
    return list(questions.order_by("id"))


@transaction.atomic
def close(*, conversation_id: int, by: User, at: datetime) -> Conversation:
    """Close a conversation; closing it twice changes nothing.  Raises StillWaiting while somebody waits."""
    conversation = lock_conversation(conversation_id)
    if conversation.status == Conversation.Status.CLOSED:
        return conversation
    if conversation.waiting_since is not None:
        raise StillWaiting
    conversation.status, conversation.closed_at = Conversation.Status.CLOSED, at
    conversation.task_due_at = None
    settle(conversation, at=at)
    tell("support.conversation.closed", conversation, message_id=None, at=at, actor=by)
    return conversation
