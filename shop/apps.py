"""The shop app: wires its own sweeps and invariants."""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class ShopConfig(AppConfig):
    """Catalogue, stock, people, money, calendars and the event log."""

    name = "shop"
    verbose_name = "Shop"

    def ready(self) -> None:
        """Register what is due here."""
        from shop import invariants, seeding, sweeps
        from shop.operations.events import relay_events
        from shop.operations.inbound import process_inbound
        from shop.operations.seed_calendars import seed_calendars
        from shop.operations.seed_catalogue import seed_catalogue
        from shop.queries.invariants import SHOP_INVARIANTS

        sweeps.register("shop.relay_events", relay_events)
        sweeps.register("shop.process_inbound", process_inbound)
        invariants.register(*SHOP_INVARIANTS)
        seeding.register("shop.catalogue", seed_catalogue)
        seeding.register("shop.calendars", seed_calendars)


class KingpostAdminConfig(AdminConfig):
    """Django's own admin under our roof."""

    default = False
    default_site = "shop.admin.site.KingpostAdminSite"
