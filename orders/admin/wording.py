"""What the desk says about a deadline: an icon, words, and a colour that never speaks alone."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orders.messages import words
from orders.rules.deadlines import Distance, Nearness, distance
from shop.templatetags.storefront import icon


class Due(NamedTuple):
    """`tone` is bad, warn or ok."""

    tone: str
    icon: str
    text: str


_ICON = {"make": "ruler", "pack": "box", "label": "pencil", "hand_over": "hand", "deliver": "truck"}


def due(*, kind: str, due_at: datetime, at: datetime, pressing: bool = False) -> Due:
    """Say what has to happen until when: "pack within 2 h", "hand over by tomorrow 18:00", "2 days late".

    `pressing`: it is late already, so that no day is far enough to be at ease.
    """
    zone = timezone.get_current_timezone()
    far = distance(due_at=due_at, at=at, zone=zone)
    if far.nearness == Nearness.MISSED:
        return Due("bad", "warning", _missed(kind, far))
    clock = words.clock(due_at, zone)
    when = {
        Nearness.HOURS: _("within %(hours)d h") % {"hours": far.amount} if far.amount else _("within the hour"),
        Nearness.TODAY: _("by today %(clock)s") % {"clock": clock},
        Nearness.TOMORROW: _("by tomorrow %(clock)s") % {"clock": clock},
        Nearness.LATER: _("by %(day)s") % {"day": words.day(due_at.astimezone(zone).date())},
    }[far.nearness]
    tone = "warn" if pressing or far.nearness in {Nearness.HOURS, Nearness.TODAY} else "ok"
    return Due(tone, _ICON.get(kind, "clock"), f"{_what(kind)} {when}")


def _what(kind: str) -> str:
    names = {
        "pay": _("payment"),
        "make": _("make"),
        "pack": _("pack"),
        "label": _("write the label"),
        "hand_over": _("hand over"),
        "deliver": _("arrives"),
    }
    return names.get(kind, kind)


def _missed(kind: str, far: Distance) -> str:
    if far.unit == "day":
        late = ngettext("%(n)d day late", "%(n)d days late", far.amount) % {"n": far.amount}
    else:
        late = ngettext("%(n)d hour late", "%(n)d hours late", far.amount) % {"n": far.amount}
    return f"{_what_missed(kind)}: {late}"


def _what_missed(kind: str) -> str:
    names = {
        "pay": _("payment"),
        "make": _("making"),
        "pack": _("packing"),
        "label": _("label"),
        "hand_over": _("hand-over"),
        "deliver": _("arrival"),
    }
    return names.get(kind, kind)


def tag(tone: str, icon_name: str, text: str) -> SafeString:
    """Draw a tag: icon, words, colour."""
    return format_html('<span class="desk-tag {}">{} {}</span>', tone, icon(icon_name), text)
