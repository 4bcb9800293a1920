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
