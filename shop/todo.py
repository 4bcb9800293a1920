"""What is to do now: the numbers on the first page of the admin, each with the list behind it.

Each app registers its own in AppConfig.ready().  A number is one cheap query over a partial index; a person sees only
the numbers whose list she may open.  Source: ux reference 2.15.

    todo.register(
        todo.Todo(
            name="orders.pack",
            label=_("orders to pack"),
            count=count_to_pack,                            # takes the moment, returns a number
            url_name="admin:orders_order_changelist",
            query="desk=pack",
            permission="orders.pack_parcel",
        )
    )
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db.models import QuerySet
from django.utils.functional import Promise

MOST = 99  # a desk with more than this to do is full; how full is no help


class Reader(Protocol):
    """Whoever looks: anything that can be asked for a permission."""

    def has_perm(self, perm: str, /) -> bool:
        """Say whether the permission is hers."""


@dataclass(frozen=True)
class Todo:
    """One number.  `alarm` marks work that must never wait, such as a parked event; it is shown first."""

    name: str
    label: str | Promise
    count: Callable[[datetime], int]
    url_name: str
    permission: str
    query: str = ""
    alarm: bool = False


_todos: dict[str, Todo] = {}


def register(*todos: Todo) -> None:
    """Add numbers; the same name again replaces the older one."""
    _todos.update({todo.name: todo for todo in todos})


def registered() -> tuple[Todo, ...]:
    """Return every number, alarms first, then in the order of registration."""
    return tuple(sorted(_todos.values(), key=lambda todo: not todo.alarm))


def count_up_to_most(rows: QuerySet[Any]) -> int:
    """Return how many rows there are, or MOST + 1 when there are more than MOST.  One query that stops there."""
    return rows.order_by()[: MOST + 1].count()


def counted(*, reader: Reader, at: datetime) -> Iterator[tuple[Todo, int]]:
    """Count what `reader` may open.  One query for each number."""
    for todo in registered():
        if reader.has_perm(todo.permission):
            yield todo, todo.count(at)
