"""The returns app: what it registers with the shop."""

from __future__ import annotations

from django.apps import AppConfig


class ReturnsConfig(AppConfig):
    """Wires the returns app."""

    name = "returns"
    verbose_name = "Returns"

    def ready(self) -> None:
        """Register what the demo starts with and what must always be true."""
        from returns.operations.seed_reasons import seed_reasons
        from returns.queries.invariants import RETURN_INVARIANTS
        from shop import invariants, seeding

        seeding.register("returns.reasons", seed_reasons)
        invariants.register(*RETURN_INVARIANTS)
