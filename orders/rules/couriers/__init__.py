"""Couriers: who carries parcels, and through whom their scans reach us.

A courier is what staff choose and shoppers read ("CTT"); a provider is the machine that tells its scans (our own hook,
EasyPost, AfterShip, Shippo).  Many couriers may share one provider, which calls each by a word of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from orders.rules.couriers import aftership, easypost, own, shippo
from orders.rules.couriers.delivery import Delivery
from shop.rules.signatures import Seal


@dataclass(frozen=True)
class Provider:
    """How a provider proves itself, and what a body of its says; `read` raises Malformed."""

    seals: tuple[Seal, ...]
    read: Callable[[bytes], Delivery]


PROVIDERS: Mapping[str, Provider] = {
    "own": Provider(own.SEALS, own.read),
    "demo": Provider(own.SEALS, own.read),
    "easypost": Provider(easypost.SEALS, easypost.read),
    "aftership": Provider(aftership.SEALS, aftership.read),
    "shippo": Provider(shippo.SEALS, shippo.read),
}

# Who answers when asked; the others only tell.
ASKED = frozenset({"easypost", "aftership", "shippo"})


@dataclass(frozen=True)
class Courier:
    """`code` is stored with the parcel, `name` is what people read, `slug` is the provider's word for it."""

    code: str
    provider: str
    slug: str
    name: str


class BadCourier(ValueError):
    """An entry of COURIERS that cannot be read; the words say what is wrong with it."""


def parse(entries: Iterable[str]) -> dict[str, Courier]:
    """Return the couriers of a list of `code:provider:slug:name`, by code.  Raises BadCourier."""
    found: dict[str, Courier] = {}
    for entry in entries:
        code, provider, slug, name = (*(word.strip() for word in entry.split(":", 3)), "", "", "")[:4]
        if provider not in PROVIDERS:
            raise BadCourier(f"{entry}: the second part names a provider, one of {', '.join(PROVIDERS)}")
        if not code or len(code) > 40 or code in found or not name:
            raise BadCourier(f"{entry}: write code:provider:slug:name, each code once, such as ctt:aftership:ctt:CTT")
        found[code] = Courier(code, provider, slug, name)
    return found


def seal_of(provider: Provider, claims: Mapping[Seal, str]) -> Seal:
    """Return the seal a sender claims; the first one where it claims none, so that the refusal names it."""
    return next((seal for seal in provider.seals if claims.get(seal)), provider.seals[0])
