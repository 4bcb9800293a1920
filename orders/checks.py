"""System checks with `check --deploy`: settings with which money could go wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage

from orders.gateways.payments.stripe_checkout import CONNECT_SECONDS, READ_SECONDS
from orders.operations.finishing import LEASE
from orders.rules.payment_page import settling_later, unheard_of

REPAIRED_WITHIN_SECONDS = 60  # paid but no order


def orders_fit_for_the_public(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Complain about settings that break what we promise about payments."""
    return [*_repaired_in_time(), *_paid_on_the_page()]


def _repaired_in_time() -> Iterator[CheckMessage]:
    seconds = LEASE.total_seconds() + settings.SWEEP_SECONDS + CONNECT_SECONDS + READ_SECONDS
    if seconds > REPAIRED_WITHIN_SECONDS:
        yield checks.Warning(
            f"With SWEEP_SECONDS={settings.SWEEP_SECONDS:g} an order whose process died after the payment"
            f" may take {seconds:.0f} seconds to be placed, not {REPAIRED_WITHIN_SECONDS}.",
            hint="Let beat look more often: SWEEP_SECONDS=10.",
            id="orders.W001",
        )


def _paid_on_the_page() -> Iterator[CheckMessage]:
    """An order stands once its page is paid.  With money that comes days later it would hang, its pieces held."""
    ways = settings.STRIPE_PAYMENT_METHODS
    if not settings.STRIPE_SECRET_KEY:
        return
    if later := settling_later(ways):
        yield checks.Error(
            f"STRIPE_PAYMENT_METHODS names ways to pay that settle days after the page is done: {', '.join(later)}.",
            hint="Name those only that settle on the page, such as card. Transfers are a way to pay of our own.",
            id="orders.E001",
        )
    unknown = unheard_of(ways)
    if unknown or not ways:
        strange = f"names ways to pay of which we do not know that they settle at once: {', '.join(unknown)}"
        said = strange if unknown else "is empty, so that Stripe offers whatever is switched on there"
        yield checks.Error(
            f"STRIPE_PAYMENT_METHODS {said}.",
            hint="Name the ways to pay one by one, such as card,ideal; orders/rules/payment_page.py has those we know.",
            id="orders.E002",
        )
