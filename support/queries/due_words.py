"""When something is due, in words, and how urgent that is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from support.models import Conversation

SOON_SECONDS = 3600


@dataclass(frozen=True)
class Due:
    """`kind` is late, soon, calm or none; `icon` the name of its picture: colour never speaks alone."""

    words: str
    kind: str
    icon: str


def due_of(conversation: Conversation, at: datetime) -> Due:
    """Return when a conversation is due: `due in 40 min`, `late by 2 hours`, `nothing due`."""
    if conversation.next_due_at is None:
        return Due(_("nothing due"), "none", "check")
    seconds = (conversation.next_due_at - at).total_seconds()
    if seconds < 0:
        return Due(_("late by %(time)s") % {"time": stretch(int(-seconds // 60))}, "late", "warning")
    words = _("due in %(time)s") % {"time": stretch(int(seconds // 60))}
    return Due(words, "soon" if seconds < SOON_SECONDS else "calm", "clock")


def stretch(minutes: int) -> str:
    """Write a stretch of time the way people say it: `40 min`, `2 hours`, `3 days`."""
    if minutes < 60:
        return _("%(count)d min") % {"count": minutes}
    if minutes < 48 * 60:
        hours = round(minutes / 60)
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    days = round(minutes / (24 * 60))
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
