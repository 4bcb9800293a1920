"""The notifications app: what it registers with the shop."""

from __future__ import annotations

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """Wires the notifications app."""

    name = "notifications"
    verbose_name = "Notifications"

    def ready(self) -> None:
        """Register sweeps, subscriptions and invariants."""
