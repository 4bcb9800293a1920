"""The orders app: what it registers with the shop."""

from __future__ import annotations

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """Wires the orders app."""

    name = "orders"
    verbose_name = "Orders"

    def ready(self) -> None:
        """Register sweeps, subscriptions, invariants and seeds."""
        from orders.operations.finishing import finish_placements
        from orders.operations.refunding import execute_refunds
        from orders.operations.seed_services import seed_services
        from orders.queries.invariants import PLACING_INVARIANTS
        from shop import invariants, seeding, sweeps

        sweeps.register("orders.finish_placements", finish_placements)
        sweeps.register("orders.execute_refunds", execute_refunds)
        invariants.register(*PLACING_INVARIANTS)
        seeding.register("orders.services", seed_services)
