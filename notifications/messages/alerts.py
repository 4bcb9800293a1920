"""Waiting for a piece that is sold out: the mail that asks whether the address is hers, and the one of its return.

Both carry the link to one page where she confirms or stops; neither is sent once she stopped.  Source: reliability
reference T29; ux reference 2.18.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.messages import words
from notifications.messages.kind import Kind, Lane, Recipient, Topic
from notifications.rules.standing import while_she_waits
from shop.models import Event, StockAlert
from shop.queries.alerts import alert_token


@dataclass(frozen=True)
class Confirm:
    """Which piece, and where to say yes."""

    first_name: str
    piece: str
    label: str
    url: str


@dataclass(frozen=True)
class Back:
    """Which piece, where it is, and where to stop."""

    first_name: str
    piece: str
    label: str
    url: str
    stop_url: str


def find(event: Event) -> StockAlert:
    """Return who waits for what.  One query."""
    return StockAlert.objects.select_related("variant__product").get(pk=event.payload["alert_id"])


def to(alert: StockAlert) -> Recipient:
    """Tell the address itself; we know no name."""
    return Recipient(alert.email, "", alert.locale, "", settings.CARE_EMAIL)


def confirm(alert: StockAlert, at: datetime) -> Confirm:
    """Collect what the question says."""
    return Confirm("", _piece(alert), _("Yes, write to me once"), _page_of(alert))


def back(alert: StockAlert, at: datetime) -> Back:
    """Collect what the news says."""
    there = f"{settings.SITE_URL}{alert.variant.product.get_absolute_url()}"
    return Back("", _piece(alert), _("See it"), there, _page_of(alert))


def stopped(alert: StockAlert) -> str:
    """Hold it back when she stopped it meanwhile."""
    return _("She does not want to hear of it any more.") if alert.stopped_at else ""


def _piece(alert: StockAlert) -> str:
    label = alert.variant.label
    return f"{alert.variant.product.name}, {label}" if label else alert.variant.product.name


def _page_of(alert: StockAlert) -> str:
    return words.page("shop:alert", alert_token(alert.pk))


KINDS = (
    Kind(
        name="alert_confirm",
        event="shop.alert.asked",
        says=gettext_lazy("Shall we write when a piece is back?"),
        audience="the address that was typed",
        find=find,
        to=to,
        context=confirm,
        unwanted=stopped,
        outdated=while_she_waits,
        topic=Topic.SHOP,
        lane=Lane.ASKED,
        any_hour=True,
        repeats=True,
    ),
    Kind(
        name="alert_back",
        event="shop.alert.due",
        says=gettext_lazy("A piece she waits for is back"),
        audience="who asked for it",
        find=find,
        to=to,
        context=back,
        unwanted=stopped,
        outdated=while_she_waits,
        topic=Topic.SHOP,
        lane=Lane.NEWS,
    ),
)
