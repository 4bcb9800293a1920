"""What customers wait for, as numbers for the first page of the admin."""

from __future__ import annotations

from datetime import datetime, time

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shop.todo import Todo, count_up_to_most
from support.models import Conversation, Fault
from support.rules.regret import month_of

_OPEN = Q(status=Conversation.Status.OPEN)


def count_waiting(at: datetime) -> int:
    """Return how many conversations it is our turn in, counted no further than needed.  One query over open ones."""
    return count_up_to_most(Conversation.objects.filter(_OPEN))


def count_late(at: datetime) -> int:
    """Return how many of them should have been answered by `at`, counted no further than needed.  One query."""
    return count_up_to_most(Conversation.objects.filter(_OPEN, next_due_at__lte=at))


def count_without_budget(at: datetime) -> int:
    """Return to how many nothing was given this month because its budget was gone.  One query, by index."""
    month = timezone.make_aware(datetime.combine(month_of(timezone.localdate(at)), time()))
    return count_up_to_most(Fault.objects.filter(why=Fault.Why.BUDGET, settled_at__gte=month))


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
    Todo(
        name="support.budget",
        label=_("letters of regret without a gesture this month: the budget is gone"),
        count=count_without_budget,
        url_name="admin:support_fault_changelist",
        query="why__exact=budget",
        permission="support.change_gesturebudget",
        alarm=True,
    ),
)
