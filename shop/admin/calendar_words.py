"""What changed in a calendar, in sentences staff read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from typing import Any

from babel.dates import get_day_names
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shop.forms import CATEGORY_WORDS
from shop.rules import wording
from shop.rules.calendar_facts import Changed, Days


def sentence(change: Changed) -> str:
    """Say one change: `Monday: 08:30–12:30 became 09:00–12:30`."""
    if change.what == "days":
        return _day_sentence(change.before, change.after)
    if change.what in {"hours", "cutoffs"}:
        return _weekday_sentence(change)
    return _("%(what)s: %(before)s became %(after)s.") % {
        "what": _NAMES[change.what](),
        "before": _plain(change.what, change.before),
        "after": _plain(change.what, change.after),
    }


_NAMES = {
    "name": lambda: _("Name"),
    "time_zone": lambda: _("Time zone"),
    "country": lambda: _("Country"),
    "subdivision": lambda: _("Subdivision"),
    "holiday_categories": lambda: _("Kinds of holidays"),
    "capacity_per_day": lambda: _("Orders a day"),
}


def _day_sentence(before: Days | None, after: Days | None) -> str:
    if after is None:
        assert before is not None  # noqa: S101 -- a change has one of both
        return _("%(days)s: taken out (%(says)s).") % {"days": _days(before), "says": _says(before)}
    return _("%(days)s: %(says)s.") % {"days": _days(after), "says": _says(after)}


def _days(days: Days) -> str:
    return wording.day_range(days.first_on, days.last_on, _language())


def _says(days: Days) -> str:
    if not days.applies:
        return _("does not count, %(reason)s") % {"reason": days.reason}
    if days.closed or not (days.opens and days.closes):
        return _("closed, %(reason)s") % {"reason": days.reason}
    told = _("open %(hours)s, %(reason)s") % {"hours": _hours([(days.opens, days.closes)]), "reason": days.reason}
    if days.capacity is not None:
        told += _(", at most %(count)d orders") % {"count": days.capacity}
    return told


def _weekday_sentence(change: Changed) -> str:
    (weekday, old), (_same, new) = change.before, change.after
    told = {"day": get_day_names("wide", locale=_language().replace("-", "_"))[weekday]}
    if change.what == "hours":
        told |= {"before": _hours(old), "after": _hours(new)}
        return _("%(day)s: %(before)s became %(after)s.") % told
    told |= {"before": _clock(old), "after": _clock(new)}
    return _("%(day)s, orders until: %(before)s became %(after)s.") % told


def _hours(intervals: Sequence[tuple[time, time]]) -> str:
    return ", ".join(f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in intervals) or _("closed")


def _clock(moment: time | None) -> str:
    return f"{moment:%H:%M}" if moment else _("closing time")


def _plain(what: str, value: Any) -> str:
    if what == "holiday_categories":
        return ", ".join(str(CATEGORY_WORDS.get(code, code)) for code in value) or _("public alone")
    if what == "capacity_per_day":
        return _("no limit") if value is None else str(value)
    return str(value) or _("nothing")


def _language() -> str:
    return get_language() or "en"
