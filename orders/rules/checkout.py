"""What a shopper asks for when she orders, as plain values."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace

from orders.rules.bag import Ready
from orders.rules.payment import STORE_CREDIT, payment_days
from orders.rules.promise import Wish

WAIT, ANYWAY = "wait", "anyway"  # what to do when nobody is at home on any day of the range


@dataclass(frozen=True)
class CheckoutRequest:
    """One filled-in checkout.

    `payment_token` stands for the means of payment, never a card number; `window` is the key of hours of the service.
    """

    email: str
    full_name: str
    street: str
    postcode: str
    city: str
    country: str
    service_code: str
    provider: str
    extra: str = ""
    region: str = ""
    phone: str = ""
    home_weekdays: tuple[int, ...] = ()
    home_part_of_day: str = "any"
    when_nobody_home: str = ""
    courier_note: str = ""
    payment_token: str = ""
    locale: str = "en"
    use_credit: bool = False
    window: str = ""
    news: bool = False

    @property
    def spends_credit(self) -> bool:
        """Tell whether her store credit pays for all of it, or for what it reaches."""
        return self.use_credit or self.provider == STORE_CREDIT

    def fingerprint(self, cart_id: int) -> str:
        """Return a hash of everything that was sent: the same button pressed twice has the same one."""
        body = json.dumps([asdict(self), cart_id], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(body.encode()).hexdigest()


def plain_wish(*, ready: Ready, provider: str) -> Wish:
    """Return the wish of somebody who is always at home: what every page shows before she says more."""
    return Wish(ready.making_days, payment_days(provider), goods_on=ready.goods_on)


def home_wish(*, ready: Ready, provider: str, home_weekdays: tuple[int, ...]) -> Wish:
    """Return the wish of somebody who is at home on these weekdays (0 is Monday; none: any day)."""
    return replace(plain_wish(ready=ready, provider=provider), home_weekdays=frozenset(home_weekdays))
