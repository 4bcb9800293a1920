"""The orders app: what it registers with the shop."""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.core import checks
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    """Wires the orders app."""

    name = "orders"
    verbose_name = "Orders"

    def ready(self) -> None:
        """Register sweeps, readers, invariants and seeds."""
        from orders.checks import orders_fit_for_the_public
        from orders.queries.couriers import couriers

        checks.register(orders_fit_for_the_public, checks.Tags.security, deploy=True)
        _sweep()
        _hear()
        _answer_for()
        _seed()
        couriers()  # a setting nobody can read stops the start, not the first hand-over


def _sweep() -> None:
    """What is due is found again and again."""
    from orders.operations.arrivals import ask_arrivals, invite_reviews
    from orders.operations.awaiting import serve_waiting
    from orders.operations.basket import forget_bags
    from orders.operations.changing import finish_changes
    from orders.operations.credit import expire_credit
    from orders.operations.delays import look_for_words, watch_promises
    from orders.operations.documents import make_documents
    from orders.operations.drafting import watch_drafts
    from orders.operations.finishing import finish_placements
    from orders.operations.paying_out import execute_refunds
    from orders.operations.polling import ask_couriers
    from orders.operations.refitting import refit_promises
    from orders.operations.stuck import find_stuck_parcels
    from orders.operations.telling import tell_of_incidents
    from orders.operations.unpaid import watch_payments
    from orders.operations.wishlist import forget_wishlists
    from shop import sweeps

    sweeps.register("orders.finish_placements", finish_placements)
    sweeps.register("orders.finish_changes", finish_changes)
    sweeps.register("orders.execute_refunds", execute_refunds)
    sweeps.register("orders.ask_couriers", ask_couriers)
    sweeps.register("orders.watch_promises", watch_promises)
    sweeps.register("orders.refit_promises", refit_promises)
    sweeps.register("orders.serve_waiting", serve_waiting)
    sweeps.register("orders.expire_credit", expire_credit)
    sweeps.register("orders.watch_drafts", watch_drafts)
    sweeps.register("orders.watch_payments", watch_payments)
    sweeps.register("orders.make_documents", make_documents)
    sweeps.register("orders.look_for_words", look_for_words)
    sweeps.register("orders.find_stuck_parcels", find_stuck_parcels)
    sweeps.register("orders.forget_bags", forget_bags)
    sweeps.register("orders.forget_wishlists", forget_wishlists)
    sweeps.register("orders.ask_arrivals", ask_arrivals)
    sweeps.register("orders.invite_reviews", invite_reviews)
    sweeps.register("orders.tell_of_incidents", tell_of_incidents)


def _hear() -> None:
    """What others record, send or do."""
    from orders.operations.awaiting import hear_of_arrival
    from orders.operations.documents import DUE_AT, hear
    from orders.receivers import hear_calendar, hear_of_owner, read_courier, read_couriers, read_stripe, skim_couriers
    from orders.rules.couriers import PROVIDERS
    from orders.views.bag_cookie import bring_bags_together
    from shop import subscriptions

    moved = ("shop.arrival.postponed", "shop.arrival.called-off")
    subscriptions.subscribe("orders.hear_of_arrival", *moved, call=hear_of_arrival)
    subscriptions.subscribe("orders.documents", *DUE_AT, call=hear)
    subscriptions.subscribe("orders.calendars", "shop.calendar.changed", call=hear_calendar)
    subscriptions.subscribe("orders.adopt", "shop.account.address-proved", "orders.order.placed", call=hear_of_owner)
    subscriptions.understand("stripe", read=read_stripe)
    for provider in PROVIDERS:
        subscriptions.understand(f"courier:{provider}", read=read_courier, skim=skim_couriers, gather=read_couriers)
    user_logged_in.connect(bring_bags_together, dispatch_uid="orders.bag")


def _answer_for() -> None:
    """What must always hold, whose data there is, and what people see of it."""
    from orders.operations.personal import BY_LAW, KEEPER, NOTHING_PERSONAL
    from orders.queries.attention import ORDER_TODOS
    from orders.queries.change_invariants import CHANGE_INVARIANTS
    from orders.queries.fulfilment_invariants import FULFILMENT_INVARIANTS
    from orders.queries.incident_invariants import INCIDENT_INVARIANTS
    from orders.queries.invariants import PLACING_INVARIANTS
    from orders.queries.money_invariants import MONEY_INVARIANTS
    from orders.queries.promise_invariants import PROMISE_INVARIANTS
    from orders.queries.stuck_invariants import STUCK_INVARIANTS
    from orders.queries.touched import judge_calendar
    from orders.templatetags.delivery import in_time
    from shop import account_menu, arriving, calendar_effects, invariants, personal, todo

    invariants.register(*PLACING_INVARIANTS, *FULFILMENT_INVARIANTS, *MONEY_INVARIANTS, *PROMISE_INVARIANTS)
    invariants.register(*INCIDENT_INVARIANTS, *CHANGE_INVARIANTS, *STUCK_INVARIANTS)
    personal.register(KEEPER)
    personal.nothing_personal(*NOTHING_PERSONAL)
    for table, why in BY_LAW.items():
        personal.keeps_by_law(table, why)
    todo.register(*ORDER_TODOS)
    calendar_effects.register("orders", judge_calendar)
    arriving.register(in_time)
    account_menu.register(
        account_menu.Entry("orders.mine", _("Orders"), "orders:mine", position=10),
        account_menu.Entry("orders.wishlist", _("Wish list"), "orders:wishlist", position=20),
        account_menu.Entry("orders.credit", _("Store credit"), "orders:credit", position=40),
        account_menu.Entry("orders.addresses", _("Addresses"), "orders:addresses", position=30),
    )


def _seed() -> None:
    """What a new shop or the demo begins with, in this order."""
    from orders.operations.seed_arrivals import seed_arrivals
    from orders.operations.seed_changes import seed_changes
    from orders.operations.seed_history import seed_history
    from orders.operations.seed_incidents import seed_incidents
    from orders.operations.seed_promotions import seed_promotions
    from orders.operations.seed_services import seed_services
    from orders.operations.seed_voices import seed_voices
    from orders.operations.taxing import seed_tax_rates
    from shop import seeding

    seeding.register("orders.tax-rates", seed_tax_rates, for_every_shop=True)
    seeding.register("orders.services", seed_services)
    seeding.register("orders.history", seed_history)
    seeding.register("orders.changes", seed_changes)
    seeding.register("orders.voices", seed_voices)
    seeding.register("orders.promotions", seed_promotions)
    seeding.register("orders.incidents", seed_incidents)
    seeding.register("orders.arrivals", seed_arrivals)
