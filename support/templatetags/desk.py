"""Words of the support desk: times people believe, minutes until something is due."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlencode

from babel.dates import format_time, get_day_names
from django import template
from django.conf import settings
from django.template import Context
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from orders.messages import words
from orders.models import Order
from shop.rules import wording
from support.queries.answer_times import DeskHours
from support.queries.conversations import unanswered_about
from support.queries.due_words import stretch

register = template.Library()


def _locale() -> str:
    return get_language() or settings.LANGUAGE_CODE


@register.simple_tag
def demo_reply_url(headers: Iterable[tuple[str, str]]) -> str:
    """Return where the reader of a letter answers it in the demo: `{% demo_reply_url letter.headers as href %}`.

    `headers` are the letter's, as (name, value).
    """
    found = {name.lower(): value for name, value in headers}
    reader_name, reader = parseaddr(found.get("to", ""))
    parts = {
        "from": reader,
        "name": reader_name,
        "to": parseaddr(found.get("reply-to") or found.get("from", ""))[1],
        "subject": "Re: " + found.get("subject", "").removeprefix("Re: "),
        "in_reply_to": found.get("message-id", "").strip("<> "),
    }
    return f"{reverse('support:demo-reply')}?{urlencode(parts)}"


@register.inclusion_tag("admin/support/words_waiting.html", takes_context=True)
def words_waiting(context: Context, order: Order) -> dict[str, Any]:
    """Warn who is about to pack of what she wrote and nobody answered; nothing when there is nothing.  One query."""
    zone = timezone.get_current_timezone()
    rows = unanswered_about(order)
    return {
        "conversations": [{"row": row, "when": words.moment(row.waiting_since or row.opened_at, zone)} for row in rows],
        "may_open": context["request"].user.has_perm("support.view_conversation"),
    }


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
    return wording.town(time_zone, _locale())


@register.filter
def minutes(count: int) -> str:
    """Write a stretch of time the way people say it: `40 min`, `2 hours`, `3 days`."""
    return stretch(count)


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
