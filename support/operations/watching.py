"""The sweep that notices when an answer is overdue.  Source: support reference 9 (escalation), 10 (I14)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from support.models import Conversation
from support.operations.opening import tell

BATCH = 50


@transaction.atomic
def watch_waiting(at: datetime) -> int:
    """Mark conversations whose due time has passed, at most BATCH, and record each once; return how many."""
    rows = Conversation.objects.select_for_update(of=("self",), skip_locked=True).select_related("order")
    late = rows.filter(next_due_at__lte=at, breached_at=None).exclude(status=Conversation.Status.CLOSED)
    found = list(late.order_by("next_due_at", "id")[:BATCH])
    for conversation in found:
        conversation.breached_at = conversation.next_due_at
        conversation.save(update_fields=["breached_at"])
        tell("support.conversation.overdue", conversation, message_id=None, at=at)
    return len(found)
