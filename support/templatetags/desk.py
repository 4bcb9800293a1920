"""Words of the support desk: times people believe, minutes until something is due."""

from __future__ import annotations

from datetime import datetime, time

from babel.dates import format_time, get_day_names
from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from shop.rules import wording
from shop.templatetags.storefront import icon
from support.models import Conversation
from support.queries.answer_times import DeskHours

register = template.Library()

SOON_SECONDS = 3600


def _locale() -> str:
    return get_language() or settings.LANGUAGE_CODE


@register.filter
def told(moment: datetime) -> str:
    """Write a time we promise, in its own zone: `today at 10:40`, `tomorrow at 9:30`, `Monday 2 March at 10:40`."""
    days = (moment.date() - timezone.now().astimezone(moment.tzinfo).date()).days
    clock = format_time(moment, "H:mm", locale=_locale().replace("-", "_"))
    if days in (0, 1):
        return (_("today at %(time)s") if days == 0 else _("tomorrow at %(time)s")) % {"time": clock}
    return _("%(day)s at %(time)s") % {"day": wording.day(moment.date(), _locale()), "time": clock}


@register.filter
def city(time_zone: str) -> str:
    """Return the town a time zone is named after: `Lisbon`."""
    return time_zone.rpartition("/")[2].replace("_", " ")


@register.filter
def minutes(count: int) -> str:
    """Write a stretch of time the way people say it: `40 min`, `2 h`, `3 days`."""
    if count < 60:
        return _("%(count)d min") % {"count": count}
    if count < 48 * 60:
        hours = round(count / 60)
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    days = round(count / (24 * 60))
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}


@register.filter
def weekdays(line: DeskHours) -> str:
    """Write the days of one line of opening hours: `Monday to Friday`, `Saturday`."""
    names = get_day_names("wide", "stand-alone", locale=_locale().replace("-", "_"))
    if line.first == line.last:
        return str(names[line.first])
    return _("%(first)s to %(last)s") % {"first": names[line.first], "last": names[line.last]}


@register.filter
def opening(line: DeskHours) -> str:
    """Write the hours of one line: `9:00 to 18:00`."""
    parts = [_("%(opens)s to %(closes)s") % {"opens": _clock(a), "closes": _clock(b)} for a, b in line.intervals]
    return _(" and ").join(parts)


def _clock(moment: time) -> str:
    return format_time(moment, "H:mm", locale=_locale().replace("-", "_"))


def due(conversation: Conversation, at: datetime) -> str:
    """Write when something is due: `due in 40 min`, `late by 2 hours`, `nothing due`."""
    if conversation.next_due_at is None:
        return _("nothing due")
    away = int((conversation.next_due_at - at).total_seconds() // 60)
    if away < 0:
        return _("late by %(time)s") % {"time": minutes(-away)}
    return _("due in %(time)s") % {"time": minutes(away)}


def icon_of_due(conversation: Conversation, at: datetime) -> tuple[str, SafeString]:
    """Return a class (late, soon, calm, none) and the icon that goes with it."""
    if conversation.next_due_at is None:
        return "none", icon("check")
    away = (conversation.next_due_at - at).total_seconds()
    if away < 0:
        return "late", icon("warning")
    return ("soon" if away < SOON_SECONDS else "calm"), icon("clock")
