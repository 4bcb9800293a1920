"""What customers wait for, as numbers for the first page of the admin."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from shop.todo import Todo, count_up_to_most
from support.models import Conversation

_OPEN = Q(status=Conversation.Status.OPEN)


def count_waiting(at: datetime) -> int:
    """Return how many conversations it is our turn in, counted no further than needed.  One query over open ones."""
    return count_up_to_most(Conversation.objects.filter(_OPEN))


def count_late(at: datetime) -> int:
    """Return how many of them should have been answered by `at`, counted no further than needed.  One query."""
    return count_up_to_most(Conversation.objects.filter(_OPEN, next_due_at__lte=at))


SUPPORT_TODOS = (
    Todo(
        name="support.late",
        label=_("customers who wait too long already"),
        count=count_late,
        url_name="admin:support_conversation_changelist",
        query="desk=late",
        permission="support.view_conversation",
        alarm=True,
    ),
    Todo(
        name="support.waiting",
        label=_("customers waiting for us"),
        count=count_waiting,
        url_name="admin:support_conversation_changelist",
        permission="support.view_conversation",
    ),
)
