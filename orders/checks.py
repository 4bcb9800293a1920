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

REPAIRED_WITHIN_SECONDS = 60  # paid but no order


def orders_fit_for_the_public(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Complain about settings that break what we promise about payments."""
    return list(_repaired_in_time())


def _repaired_in_time() -> Iterator[CheckMessage]:
    seconds = LEASE.total_seconds() + settings.SWEEP_SECONDS + CONNECT_SECONDS + READ_SECONDS
    if seconds > REPAIRED_WITHIN_SECONDS:
        yield checks.Warning(
            f"With SWEEP_SECONDS={settings.SWEEP_SECONDS:g} an order whose process died after the payment"
            f" may take {seconds:.0f} seconds to be placed, not {REPAIRED_WITHIN_SECONDS}.",
            hint="Let beat look more often: SWEEP_SECONDS=10.",
            id="orders.W001",
        )
