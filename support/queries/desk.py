"""The desk: who is next, how many there are, and what stands beside one conversation.

Hot questions touch open rows alone (partial indexes); counts stop at CAP.  Source: support reference 6.3 to 6.5.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Left

from orders.models import Promise
from returns.models import ReturnCase
from shop.models import Event, User
from support.models import Conversation, Message
from support.queries.event_words import event_words

CAP = 100
NEIGHBOURS = 10
THREAD = 200  # messages shown; older ones are counted


class View(StrEnum):
    """What somebody at the desk may want to see."""

    TODO = "todo"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    LATE = "late"
    WAITING = "waiting"
    CLOSED = "closed"
    ALL = "all"


COUNTED = (View.TODO, View.MINE, View.UNASSIGNED, View.LATE, View.WAITING)


def in_view(rows: QuerySet[Conversation], view: View, *, user: User, at: datetime) -> QuerySet[Conversation]:
    """Narrow conversations to one view of the desk."""
    todo = Q(status=Conversation.Status.OPEN)
    wanted = {
        View.TODO: todo,
        View.MINE: todo & Q(assignee=user),
        View.UNASSIGNED: todo & Q(assignee=None),
        View.LATE: todo & Q(next_due_at__lte=at),
        View.WAITING: Q(status=Conversation.Status.WAITING),
        View.CLOSED: Q(status=Conversation.Status.CLOSED),
        View.ALL: Q(),
    }
    return rows.filter(wanted[view])


def counts(*, user: User, at: datetime) -> dict[View, int]:
    """Count the views of COUNTED, each up to CAP.  One query a view, whatever the number of conversations."""
    return {view: in_view(Conversation.objects.all(), view, user=user, at=at)[:CAP].count() for view in COUNTED}


def with_last_words(rows: QuerySet[Conversation]) -> QuerySet[Conversation]:
    """Add `last_words`, the beginning of what was said last to or by the customer."""
    said = Message.objects.filter(conversation=OuterRef("pk")).exclude(kind=Message.Kind.NOTE).order_by("-id")
    return rows.annotate(last_words=Subquery(said.annotate(words=Left("text_new", 160)).values("words")[:1]))


def next_on_desk(*, user: User, besides_id: int) -> Conversation | None:
    """Return what is due first among one's own and nobody's conversations, besides the one just left."""
    rows = Conversation.objects.filter(Q(assignee=user) | Q(assignee=None), status=Conversation.Status.OPEN)
    return rows.exclude(pk=besides_id).order_by("next_due_at", "id").first()


@dataclass(frozen=True)
class Happening:
    """One line of an order's timeline, in words."""

    happened_at: datetime
    words: str


@dataclass(frozen=True)
class Surroundings:
    """What an agent sees beside the thread.  `earlier` is the number of older messages that are not shown."""

    thread: list[Message]
    earlier: int
    promises: list[Promise]
    timeline: list[Happening]
    return_cases: list[ReturnCase]
    others: list[Conversation]
    colleagues: list[User]


def surroundings(conversation: Conversation) -> Surroundings:
    """Return thread and side card of one conversation: seven queries at most, whatever is in them."""
    messages = conversation.messages.select_related("author", "waived__decided_by").order_by("-id")
    thread = list(messages[: THREAD + 1])
    order = conversation.order
    return Surroundings(
        thread=thread[:THREAD][::-1],
        earlier=conversation.messages.count() - THREAD if len(thread) > THREAD else 0,
        promises=list(order.promises.order_by("version", "id")[:NEIGHBOURS]) if order else [],
        timeline=_timeline(order.number) if order else [],
        return_cases=list(order.return_cases.order_by("-id")[:NEIGHBOURS]) if order else [],
        others=_others(conversation),
        colleagues=list(User.objects.filter(is_staff=True, is_active=True).order_by("name", "id")[:CAP]),
    )


def _timeline(order_number: str) -> list[Happening]:
    """Return what happened to an order, the latest first; what was said stands in the thread already."""
    rows = Event.objects.filter(order_number=order_number).exclude(name__startswith="support.")
    return [
        Happening(row.happened_at, event_words(row.name)) for row in rows.order_by("-happened_at", "-id")[:NEIGHBOURS]
    ]


def _others(conversation: Conversation) -> list[Conversation]:
    """Return other conversations of the same address, open ones first."""
    if not conversation.email:
        return []
    rows = Conversation.objects.filter(email=conversation.email).exclude(pk=conversation.pk)
    return sorted(rows.order_by("-id")[:NEIGHBOURS], key=lambda row: row.status == Conversation.Status.CLOSED)
