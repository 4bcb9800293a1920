"""The shop app: wires its own sweeps and invariants."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from pathlib import Path

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class ShopConfig(AppConfig):
    """Catalogue, stock, people, money, calendars and the event log."""

    name = "shop"
    verbose_name = "Shop"

    def ready(self) -> None:
        """Register what is due here."""
        from django.conf import settings
        from django.core.validators import ProhibitNullCharactersValidator

        from shop.receivers import listen

        compile_stale(settings.CATALOGUES)
        # Django's sentence is about its database, not about what to do.
        ProhibitNullCharactersValidator.message = _("This holds a sign that cannot be read. Type it anew.")
        listen()
        _sweep()
        _answer_for()
        _show()
        _seed()


def _sweep() -> None:
    """Register what is looked for again and again."""
    from shop import sweeps
    from shop.operations.alerts import forget_alerts, tell_waiting
    from shop.operations.events import relay_events
    from shop.operations.finding import keep_listings
    from shop.operations.fit_refit import refit_fit
    from shop.operations.inbound import process_inbound
    from shop.operations.letters import forget_letters
    from shop.operations.limits import forget_limits
    from shop.operations.low_stock import watch_low_stock
    from shop.operations.pictures import draw_pictures, forget_pictures
    from shop.operations.reductions import keep_reductions
    from shop.operations.serving_data import serve_data_requests
    from shop.operations.stock import keep_limits, sweep_reservations
    from shop.operations.stray_pictures import sweep_stray_pictures

    sweeps.register("shop.relay_events", relay_events)
    sweeps.register("shop.process_inbound", process_inbound)
    sweeps.register("shop.forget_limits", forget_limits)
    sweeps.register("shop.forget_letters", forget_letters)
    sweeps.register("shop.serve_data_requests", serve_data_requests)
    sweeps.register("shop.refit_fit", refit_fit)
    sweeps.register("shop.sweep_reservations", sweep_reservations)
    sweeps.register("shop.keep_limits", keep_limits)
    sweeps.register("shop.watch_low_stock", watch_low_stock)
    sweeps.register("shop.keep_reductions", keep_reductions)
    sweeps.register("shop.keep_listings", keep_listings)
    sweeps.register("shop.tell_waiting", tell_waiting)
    sweeps.register("shop.forget_alerts", forget_alerts)
    sweeps.register("shop.draw_pictures", draw_pictures)
    sweeps.register("shop.forget_pictures", forget_pictures)
    sweeps.register("shop.sweep_stray_pictures", sweep_stray_pictures)


def _answer_for() -> None:
    """Register what the app vouches for: its invariants, what it keeps of people, whether it is fit to run."""
    from django.core import checks

    from shop import invariants, personal
    from shop.checks import brand_is_readable, fit_for_the_public
    from shop.operations.personal import KEEPER, NOTHING_PERSONAL
    from shop.operations.personal_questions import KEEPER as QUESTIONS
    from shop.queries.invariants import SHOP_INVARIANTS
    from shop.queries.listed import listings_are_true
    from shop.queries.personal_invariants import PERSONAL_INVARIANTS
    from shop.queries.question_invariants import QUESTION_INVARIANTS
    from shop.queries.tallies import tallies_are_true

    invariants.register(*SHOP_INVARIANTS, listings_are_true(), tallies_are_true(), *PERSONAL_INVARIANTS)
    invariants.register(*QUESTION_INVARIANTS)
    personal.register(KEEPER)
    personal.register(QUESTIONS)
    personal.nothing_personal(*NOTHING_PERSONAL)
    checks.register(brand_is_readable)
    checks.register(fit_for_the_public, checks.Tags.security, deploy=True)


def _show() -> None:
    """Register what people find of it in the account and on the first page of the admin."""
    from shop import account_menu, todo
    from shop.queries.attention import SHOP_TODOS

    account_menu.register(
        account_menu.Entry("shop.home", _("Overview"), "account:home", position=0),
        account_menu.Entry("shop.sizes", _("Your sizes"), "account:sizes", position=50),
        account_menu.Entry("shop.profile", _("About you"), "account:profile", position=60),
        account_menu.Entry("shop.security", _("Signing in"), "mfa_index", position=70),
        account_menu.Entry("shop.data", _("Your data"), "account:data", position=80),
    )
    todo.register(*SHOP_TODOS)


def _seed() -> None:
    """Register what the demo begins with, in the order it is sown."""
    from shop import seeding
    from shop.operations.seed_calendars import seed_calendars
    from shop.operations.seed_catalogue import seed_catalogue
    from shop.operations.seed_reductions import seed_reductions
    from shop.operations.seed_shopper import seed_shopper
    from shop.operations.seed_staff import seed_staff

    seeding.register("shop.staff", seed_staff)
    seeding.register("shop.shopper", seed_shopper)
    seeding.register("shop.catalogue", seed_catalogue)
    seeding.register("shop.reductions", seed_reductions)
    seeding.register("shop.calendars", seed_calendars)


def compile_stale(folder: Path) -> None:
    """Compile the catalogues that changed, where we may write: after a pull, in a checkout, in the image's build."""
    from shop.catalogues.listing import stale_in

    for file in stale_in(folder):
        from shop.catalogues.files import compile_one

        with suppress(PermissionError):
            compile_one(file)


class KingpostAdminConfig(AdminConfig):
    """Django's own admin under our roof."""

    default = False
    default_site = "shop.admin.site.KingpostAdminSite"

    def ready(self) -> None:
        """Find every app's admin; ours is a package and is loaded after Django's own, whose site it builds on."""
        super().ready()
        subjects = (
            "people",
            "catalogue",
            "sizes",
            "reductions",
            "stock",
            "arrivals",
            "counting",
            "voices",
            "questions",
            "calendars",
            "machine",
            "own_data",
        )
        for subject in subjects:
            import_module(f"shop.admin.{subject}")
