"""Staff changed sizes or pieces for her, and it costs more: here she sees it and pays the difference."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext, gettext_lazy

from notifications.messages import words
from notifications.messages.kind import Kind, Lane, Recipient
from notifications.messages.sources import buyer, change_of
from notifications.rules import standing
from orders.models import OrderChange
from orders.operations.access import address_of_change


@dataclass(frozen=True)
class ChangeOffered:
    """What the letter says."""

    first_name: str
    number: str
    old_total: str
    new_total: str
    until: str
    phone: str
    url: str


def to(change: OrderChange) -> Recipient:
    """Tell who ordered."""
    return buyer(change.order)


def context(change: OrderChange, at: datetime) -> ChangeOffered:
    """Collect what the letter says; its link leads to the change itself.  At most one query."""
    order = change.order
    return ChangeOffered(
        first_name=words.first_name(order.full_name),
        number=order.number,
        old_total=words.money(change.old_total_minor, order.currency),
        new_total=words.money(change.new_total_minor, order.currency),
        until=words.local_time(change.due_at),
        phone=settings.CARE_PHONE,
        url=address_of_change(change),
    )


def unwanted(change: OrderChange) -> str:
    """Once it is made or left, nobody needs the letter."""
    return "" if change.state == OrderChange.State.STAGED else gettext("It was settled meanwhile.")


KIND = Kind(
    name="change_offered",
    event="orders.change.offered",
    says=gettext_lazy("A change of your order, to look at and to pay"),
    audience="who ordered, when somebody changes it for her and it costs more",
    find=change_of,
    to=to,
    context=context,
    unwanted=unwanted,
    outdated=standing.while_not_cancelled,
    lane=Lane.ASKED,
    any_hour=True,
    must_say=("url",),
)
