"""Prices agreed on the phone: they hold as long as the draft, whatever the catalogue says meanwhile.

What has become cheaper meanwhile costs her less as well: nobody pays more than who orders in the shop.
Source: commerce reference 2.18 (draft orders), 2.19 (what was said holds).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from orders.rules.hours import Window, choice_of


def held_price(*, agreed_minor: int | None, today_minor: int) -> int:
    """Return what something costs: what was agreed, or less when it is cheaper today."""
    return today_minor if agreed_minor is None else min(agreed_minor, today_minor)


def below(*, list_minor: int, agreed_minor: int, discount_bp: int) -> int:
    """Return by how much goods are cheaper than the catalogue, with the discount on what was agreed for them."""
    return list_minor - agreed_minor + agreed_minor * discount_bp // 10_000


def needs_second_person(*, off_minor: int, list_minor: int, most_bp: int, limit_minor: int) -> bool:
    """Tell whether somebody else must approve a price: by its share of the catalogue's, or by its sum.

    A `limit_minor` of 0 asks for no sum.  Source: reliability reference S3.
    """
    return off_minor * 10_000 > list_minor * most_bp or 0 < limit_minor < off_minor


@dataclass(frozen=True)
class AgreedDelivery:
    """What one delivery was said to cost: `choice` names the service and its hours, `hours_minor` is on top."""

    choice: str
    delivery_minor: int
    hours_minor: int

    def delivery(self, service_code: str, *, today_minor: int) -> int:
        """Return what a service costs; of another one than was agreed, what it costs today."""
        mine = self.choice.partition(".")[0] == service_code
        return held_price(agreed_minor=self.delivery_minor if mine else None, today_minor=today_minor)

    def hours(self, service_code: str, window: Window) -> Window:
        """Return hours at what they cost; of others than were agreed, at what they cost today."""
        mine = self.choice == choice_of(service_code, window)
        price = held_price(agreed_minor=self.hours_minor if mine else None, today_minor=window.price_minor)
        return replace(window, price_minor=price)
