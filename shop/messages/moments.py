"""Moments in words, in the language that is switched on."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shop.rules import wording


def moment(local: datetime) -> str:
    """Write a moment by the clock of its own zone: `Tuesday 3 March, 14:30`."""
    day = wording.day(local.date(), get_language() or settings.LANGUAGE_CODE)
    return _("%(day)s, %(time)s") % {"day": day, "time": f"{local:%H:%M}"}
