"""Why a day is closed, in the reader's language.

Names of public holidays come in English from the library that knows them (shop/operations/seed_calendars.py); those of
the countries around us are in the catalogues of texts.  What staff write for a day is shown as they wrote it.
"""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

KNOWN = (
    _("All Saints' Day"),
    _("Armistice Day"),
    _("Ascension Day"),
    _("Assumption Day"),
    _("Assumption Of Mary Day"),
    _("August Bank Holiday"),
    _("Boxing Day"),
    _("Christmas Day"),
    _("Christmas Eve"),
    _("Constitution Day"),
    _("Corpus Christi"),
    _("Day of Portugal, Camões, and the Portuguese Communities"),
    _("Easter Monday"),
    _("Easter Sunday"),
    _("Epiphany"),
    _("Freedom Day"),
    _("German Unity Day"),
    _("Good Friday"),
    _("Immaculate Conception"),
    _("Independence Day"),
    _("International Women's Day"),
    _("International Workers' Day"),
    _("June Bank Holiday"),
    _("Labor Day"),
    _("Liberation Day"),
    _("May Bank Holiday"),
    _("May Day"),
    _("National Day"),
    _("New Year's Day"),
    _("New Year's Eve"),
    _("October Bank Holiday"),
    _("Pentecost"),
    _("Pentecost Monday"),
    _("Reformation Day"),
    _("Repentance and Prayer Day"),
    _("Republic Day"),
    _("Restoration of Independence Day"),
    _("Saint Brigid's Day"),
    _("Saint Patrick's Day"),
    _("Saint Stephen's Day"),
    _("Second Day of Christmas"),
    _("Spring Bank Holiday"),
    _("Victory Day"),
    _("World Children's Day"),
)


def holiday(reason: str) -> str:
    """Write why a day is closed; nothing when nobody said."""
    return gettext(reason) if reason else ""
