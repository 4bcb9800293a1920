"""Which customers could not be told, as a number for the first page of the admin."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from notifications.models import Message
from shop.todo import Todo, count_up_to_most

# A refused message stays refused: after two weeks it is history, and support has long had a conversation about it.
RECENT = timedelta(days=14)


def unreached(rows: QuerySet[Message], at: datetime) -> QuerySet[Message]:
    """Keep the messages of the last 14 days that failed or came back."""
    lost = [Message.State.FAILED, Message.State.BOUNCED]
    return rows.filter(state__in=lost, created_at__gt=at - RECENT)


def count_unreached(at: datetime) -> int:
    """Return how many messages did not arrive lately, counted no further than needed.  One query."""
    return count_up_to_most(unreached(Message.objects.all(), at))


NOTIFICATION_TODOS = (
    Todo(
        name="notifications.unreached",
        label=_("messages of the last two weeks that did not arrive"),
        count=count_unreached,
        url_name="admin:notifications_message_changelist",
        query="unreached=1",
        permission="notifications.view_message",
    ),
)
