"""An order put together on the phone: what is in it, what it comes to, when it comes, and the link to order it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext, gettext_lazy

from notifications.messages import words
from notifications.messages.kind import Kind, Lane, Recipient, Topic
from notifications.messages.sources import draft_of
from notifications.messages.words import Line
from orders.gateways.payments import offered
from orders.messages.words import comes
from orders.models import OrderDraft
from orders.operations.drafting import issue_draft_link
from orders.queries.drafts import offer_of


@dataclass(frozen=True)
class DraftSent:
    """What the letter says."""

    first_name: str
    lines: tuple[Line, ...]
    total: str
    days: str
    hours: str
    until: str
    phone: str
    url: str


def to(draft: OrderDraft) -> Recipient:
    """Tell who was on the phone."""
    return Recipient(draft.email, draft.full_name, draft.locale, "", settings.CARE_EMAIL)


def context(draft: OrderDraft, at: datetime) -> DraftSent:
    """Collect what the letter says.  A fresh secret link and about ten queries."""
    found = offer_of(draft, provider=offered()[0], at=at)
    inside = draft.cart.lines.select_related("variant__product").order_by("id") if draft.cart else []
    return DraftSent(
        first_name=words.first_name(draft.full_name),
        lines=tuple(Line(row.quantity, row.variant.product.name, row.variant.label) for row in inside),
        total=words.money(found.totals.total_minor, found.service.currency) if found else "",
        days=words.day_range(found.estimate.deliver_from_on, found.estimate.deliver_by_on) if found else "",
        hours=comes(found.window) if found else "",
        until=words.local_time(draft.expires_at),
        phone=settings.CARE_PHONE,
        url=words.page("orders:draft", issue_draft_link(draft)),
    )


def unwanted(draft: OrderDraft) -> str:
    """Once it is ordered or over, nobody needs the letter."""
    waits = draft.state == OrderDraft.State.OPEN and draft.email
    return "" if waits else gettext("It was ordered or let go meanwhile.")


KIND = Kind(
    name="draft_sent",
    event="orders.draft.sent",
    says=gettext_lazy("Your order as we talked about it, to look at and to order"),
    audience="who was on the phone",
    find=draft_of,
    to=to,
    context=context,
    unwanted=unwanted,
    topic=Topic.SHOP,
    lane=Lane.ASKED,
    any_hour=True,
    repeats=True,
    must_say=("url",),
)
