"""What a parcel's label says: to whom, when somebody is at home, until when, and the number as a QR code.

For couriers that bring no labels of their own; those of a carrier come from the carrier.  Source: commerce reference
3.19, d.3 (delivery instruction).
"""

from __future__ import annotations

import io
from typing import Any
from zoneinfo import ZoneInfo

import segno
from babel import Locale
from django.conf import settings
from django.utils.translation import gettext as _

from orders.messages import words
from orders.models import Order, Parcel, Promise
from orders.queries.address_formats import address_lines
from orders.rules.numbers import parcel_number
from shop.rules import wording


def label(parcel: Parcel, *, total: int, promise: Promise | None) -> dict[str, Any]:
    """Return the values of `label.typ`: a parcel with its order, one of `total`, promised as `promise` says."""
    order = parcel.order
    number = parcel.tracking_number or parcel_number(order.number, parcel.number)
    return {
        "language": words.locale(),
        "title": _("Label %(number)s") % {"number": number},
        "shop": settings.SHOP_NAME,
        "from": [line for line in settings.RETURN_ADDRESS if line != settings.SHOP_NAME],
        "to": [line for line in _address(order) if line],
        "country": _country(order.country),
        "parcel": _("Parcel %(n)d of %(total)d") % {"n": parcel.number, "total": total},
        "number": number,
        "qr": _qr(number),
        "by": _by(order, promise),
        "note": _note(order),
    }


def _address(order: Order) -> tuple[str, ...]:
    return tuple(address_lines(order))


def _country(code: str) -> str:
    return str(Locale.parse(words.locale(), sep="-").territories.get(code, code))


def _by(order: Order, promise: Promise | None) -> str:
    """Say until when it has to be there, in the calendar of the place it goes to."""
    if promise is None:
        return ""
    zone = ZoneInfo(order.service.destination_calendar.time_zone)
    by = words.day(promise.deliver_by_on)
    packed = words.day(promise.hand_over_by_at.astimezone(zone).date())
    return _("Deliver by %(by)s. Leaves us by %(packed)s.") % {"by": by, "packed": packed}


def _note(order: Order) -> str:
    """Say when somebody is at home and what she wrote for the courier."""
    days = ", ".join(wording.weekday(day, words.locale()) for day in order.home_weekdays)
    home = _("Somebody is at home on %(days)s.") % {"days": days} if days else ""
    return " ".join(filter(None, (home, brought(order), order.courier_note)))


def brought(order: Order) -> str:
    """Say to the courier between when and when it is to come; nothing where no hours were chosen."""
    return _("Deliver it %(hours)s.") % {"hours": words.hours(order.window)} if order.window else ""


def _qr(number: str) -> str:
    drawn = io.BytesIO()
    segno.make(number, error="m", micro=False).save(drawn, kind="svg", border=1, xmldecl=False)
    return drawn.getvalue().decode()
