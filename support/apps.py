"""The support app: what it registers with the shop."""

from __future__ import annotations

from django.apps import AppConfig


class SupportConfig(AppConfig):
    """Wires the support app."""

    name = "support"
    verbose_name = "Support"

    def ready(self) -> None:
        """Register sweeps, subscriptions and invariants."""
