"""The orders app: what it registers with the shop."""

from __future__ import annotations

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """Wires the orders app."""

    name = "orders"
    verbose_name = "Orders"

    def ready(self) -> None:
        """Register sweeps, subscriptions and invariants."""
