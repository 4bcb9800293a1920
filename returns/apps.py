"""The returns app: what it registers with the shop."""

from __future__ import annotations

from django.apps import AppConfig


class ReturnsConfig(AppConfig):
    """Wires the returns app."""

    name = "returns"
    verbose_name = "Returns"

    def ready(self) -> None:
        """Register sweeps, subscriptions and invariants."""
