"""The floor under every verb: lock the conversation, add to its thread, derive who waits and what is due.

Source: support reference 9 (rules of the state machine), 10 (I10, I11, I14).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from shop.queries.calendars import working_calendars
from support.models import Conversation, Message
from support.rules import sla, waiting


def lock_conversation(conversation_id: int) -> Conversation:
    """Return the conversation, locked until the transaction ends.  Raises Conversation.DoesNotExist."""
    rows = Conversation.objects.select_for_update(of=("self",))
    return rows.select_related("order", "assignee", "policy__calendar").get(pk=conversation_id)


def say(conversation: Conversation, *, kind: str, text: str, at: datetime, **fields: Any) -> Message:
    """Add one message to a locked conversation; call settle() before the transaction ends."""
    fields.setdefault("text_new", text)
    return Message.objects.create(
        conversation=conversation, kind=kind, text=text, written_at=at, version=conversation.version + 1, **fields
    )


def settle(conversation: Conversation, *, at: datetime) -> Conversation:
    """Derive waiting, the first answer and the due time from the thread, raise the version and write the row.

    One query for the thread, none for the calendar while it is remembered, one UPDATE.
    """
    thread = thread_of(conversation.pk)
    conversation.waiting_since = waiting.waiting_since(thread)
    conversation.first_response_at = waiting.first_response_at(thread)
    _set_due(conversation, at)
    conversation.last_activity_at = max(conversation.last_activity_at, at)
    conversation.version += 1
    conversation.save()
    return conversation


def thread_of(conversation_id: int) -> list[waiting.Utterance]:
    """Return the messages as the rule reads them, in the order in which they joined."""
    rows = Message.objects.filter(conversation_id=conversation_id).order_by("id")
    values = rows.values_list("kind", "written_at", "accepted_at", "automated", "waived__id")
    return [
        waiting.Utterance(kind, written_at, accepted_at, automated, waived is not None)
        for kind, written_at, accepted_at, automated, waived in values
    ]


def _set_due(conversation: Conversation, at: datetime) -> None:
    policy = conversation.policy
    due = sla.next_due(
        waiting_since=conversation.waiting_since,
        answered_before=conversation.first_response_at is not None,
        task_due_at=conversation.task_due_at,
        calendar=working_calendars([policy.calendar.code])[policy.calendar.code],
        first_reply_minutes=policy.first_reply_minutes,
        next_reply_minutes=policy.next_reply_minutes,
    )
    conversation.next_due_at = due.at if due else None
    conversation.next_due_kind = due.kind if due else ""
    conversation.breached_at = due.at if due and due.at <= at else None
