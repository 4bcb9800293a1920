"""The couriers of this shop, as the setting COURIERS names them."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from django.utils.translation import gettext, gettext_noop

from orders.rules.couriers import ASKED, Courier, parse

OURS = gettext_noop("our own courier")  # as the setting calls it unless somebody names the couriers


def couriers() -> dict[str, Courier]:
    """Return every courier by its code, in the order of the setting.  Raises BadCourier when nobody can read it."""
    return _parsed(tuple(settings.COURIERS))


@lru_cache(maxsize=4)
def _parsed(entries: tuple[str, ...]) -> dict[str, Courier]:
    return parse(entries)


def courier_choices() -> list[tuple[str, str]]:
    """Return the couriers as a form offers them."""
    return [(courier.code, courier.name) for courier in couriers().values()]


def carrier_name(carrier: str) -> str:
    """Return the name shoppers read, ours in their language; one that is no longer listed is called by its code."""
    courier = couriers().get(carrier)
    return gettext(courier.name) if courier and courier.name else carrier


def codes_of(provider: str) -> list[str]:
    """Return the codes of the couriers whose scans come through a provider."""
    return [courier.code for courier in couriers().values() if courier.provider == provider]


def may_be_asked(carrier: str) -> bool:
    """Say whether a courier's provider answers when asked, and we have a key for it."""
    courier = couriers().get(carrier)
    if courier is None or courier.provider not in ASKED:
        return False
    return bool(getattr(settings, f"{courier.provider.upper()}_API_KEY"))


def secrets_of(provider: str) -> list[str]:
    """Return the secrets with which a provider may sign; none means that nothing is taken from it."""
    return list(getattr(settings, _SECRETS[provider]))


_SECRETS = {
    "own": "CARRIER_WEBHOOK_SECRETS",
    "demo": "CARRIER_WEBHOOK_SECRETS",
    "easypost": "EASYPOST_WEBHOOK_SECRETS",
    "aftership": "AFTERSHIP_WEBHOOK_SECRETS",
    "shippo": "SHIPPO_WEBHOOK_SECRETS",
}
