"""The orders app: what it registers with the shop."""

from __future__ import annotations

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """Wires the orders app."""

    name = "orders"
    verbose_name = "Orders"

    def ready(self) -> None:
        """Register sweeps, readers and invariants."""
        from orders.operations.delays import watch_promises
        from orders.queries.fulfilment_invariants import FULFILMENT_INVARIANTS
        from orders.receivers import read_courier
        from orders.rules.vocabularies import CARRIERS
        from shop import invariants, subscriptions, sweeps

        sweeps.register("orders.watch_promises", watch_promises)
        invariants.register(*FULFILMENT_INVARIANTS)
        for provider in CARRIERS:
            subscriptions.understand(f"courier:{provider}", read=read_courier)
