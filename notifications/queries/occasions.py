"""Which day of somebody's year we may remember, by what she agreed to."""

from __future__ import annotations

from datetime import date

from django.db.models.functions import Lower
from django.utils import timezone

from notifications.models import Greeting, Wish
from orders.models import Order
from shop.queries.people import owner_of_address


def day_of(occasion: str, address: str) -> date | None:
    """Return the day an occasion remembers; None when she took her consent back or there is none.  Two queries."""
    return _birthday(address) if occasion == Greeting.Occasion.BIRTHDAY else _first_order(address)


def _birthday(address: str) -> date | None:
    """Return the birthday she left in her account, which is there only with her consent."""
    owner = owner_of_address(address)
    return owner.birthday_on if owner and owner.birthday_agreed_at else None


def _first_order(address: str) -> date | None:
    """Return the day of her first order that stood, when she asked to be remembered of it."""
    asked = Wish.objects.filter(reader__address__iexact=address, kind=Greeting.Occasion.ANNIVERSARY, wanted=True)
    if not asked.exists():
        return None
    first = first_order(address)
    return timezone.localtime(first.placed_at).date() if first else None


def first_order(address: str) -> Order | None:
    """Return the first order of an address that was placed and not cancelled.  One query."""
    placed = Order.objects.alias(to=Lower("email")).filter(to=address.lower(), status=Order.Status.PLACED)
    return placed.order_by("placed_at", "id").first()
