"""Why a parcel is late, in sentences a shopper reads: true, neutral, nobody blamed.

Source: delivery reference 1.9; ux reference 2.16, 2.18.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from shop.messages.holidays import holiday
from shop.rules import wording

_SENTENCES = {
    "weather": _("Heavy weather slowed the roads, and the van had to wait."),
    "road_closed": _("A road on the way was closed, so the van had to take a longer one."),
    "strike": _("There is a strike on the way, and parcels wait until it is over."),
    "vehicle": _("The van broke down, and your parcel changed into another one."),
    "backlog": _("More parcels than usual are on the way, and yours had to wait its turn."),
    "sorting_error": _("Your parcel took a wrong turn at a depot and is on its way back to the right one."),
    "damaged": _("Your parcel's box was damaged on the way and is being checked."),
    "lost": _("Your parcel cannot be found at the moment, and we are having it looked for."),
    "holiday": _("There is a public holiday on the way, and nobody drives that day."),
    "address": _("The courier could not find the address; we are checking it."),
    "not_home": _("The courier came by and met nobody, and tries once more."),
    "no_access": _("The courier could not get to the door, and tries once more."),
    "refused": _("The parcel was not accepted at the door; tell us if that was a mistake."),
    "payment_at_door": _("The amount could not be paid at the door, so the courier comes once more."),
    "customs": _("Customs are looking at your parcel, which takes a little longer."),
    "documents": _("A paper for customs was missing, and we are sending it."),
    "held": _("Your parcel is waiting at a depot."),
    "later": _("Your parcel needs longer on its way than we planned."),
    "coming_back": _("Your parcel is on its way back to us, and we are getting it to you again."),
    "sent_again": _("Your parcel could not be delivered and came back to us. We send it to you again."),
    "silence": _("We have had no news of your parcel for two days and have asked where it is."),
    "not_in_van": _("Your parcel did not make it into today's van."),
    "van_full": _("The van will not reach you any more today."),
    "payment": _("Your payment arrived later than we had planned for."),
    "workshop": _("We needed longer to make your order ready than we planned. That was our mistake, and we are sorry."),
    "goods": _("What you ordered reaches our workshop later than we were told, and we send it as soon as it is here."),
    "packed_late": _("Your order is packed, but it missed the van. That was our mistake, and we are sorry."),
}


_CLOSED = {
    "closed_workshop": _("Our workshop rests on %(days)s%(why)s, which was not known when you ordered."),
    "closed_road": _("Nobody drives on %(days)s%(why)s, which was not known when you ordered."),
}


def closed_sentence(*, reason_code: str, days: Sequence[date], why: str, locale: str) -> str:
    """Return the sentence for days that were closed later, in the shopper's language; `why` is their public reason."""
    with override(locale):
        told = {"days": _listed(days, locale), "why": f" ({holiday(why)})" if why else ""}
        return str(_CLOSED[reason_code]) % told


def _listed(days: Sequence[date], locale: str) -> str:
    """Write days that follow each other as one range, others one by one."""
    runs: list[list[date]] = []
    for day in sorted(days):
        if runs and (day - runs[-1][1]).days <= 3:  # a weekend between two closed days is no interruption
            runs[-1][1] = day
        else:
            runs.append([day, day])
    return ", ".join(wording.day_range(first, last, locale) for first, last in runs)


def sentence(*, reason_code: str, locale: str) -> str:
    """Return the sentence for a reason code in the shopper's language; a code nobody wrote for is told as `later`."""
    with override(locale):
        return str(_SENTENCES.get(reason_code, _SENTENCES["later"]))
