"""Sweeps: the jobs that find what is due in the tables.

Beat rings each of them every few seconds, the door-bell at once after a request, `manage.py drain` without any
broker.  A sweep does a bounded piece of work and returns how many rows it settled; 0 means nothing was due.
It must be safe to run twice at once and to die half-way.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

Sweep = Callable[[datetime], int]

# The names are listed here because the scheduler must know them before any app is loaded.
SWEEP_NAMES = (
    "shop.relay_events",
    "shop.process_inbound",
    "shop.forget_limits",
    "shop.forget_letters",
    "shop.serve_data_requests",
    "shop.refit_fit",
    "shop.sweep_reservations",
    "shop.keep_limits",
    "shop.watch_low_stock",
    "shop.keep_reductions",
    "shop.keep_listings",
    "shop.tell_waiting",
    "shop.forget_alerts",
    "shop.draw_pictures",
    "shop.forget_pictures",
    "shop.sweep_stray_pictures",
    "orders.finish_placements",
    "orders.finish_changes",
    "orders.execute_refunds",
    "orders.ask_couriers",
    "orders.watch_promises",
    "orders.refit_promises",
    "orders.serve_waiting",
    "orders.expire_credit",
    "orders.watch_drafts",
    "orders.watch_payments",
    "orders.make_documents",
    "orders.look_for_words",
    "orders.forget_bags",
    "orders.forget_wishlists",
    "orders.tell_of_incidents",
    "orders.find_stuck_parcels",
    "orders.ask_arrivals",
    "orders.invite_reviews",
    "support.watch_waiting",
    "support.write_regrets",
    "support.forget_texts",
    "notifications.send_messages",
    "notifications.break_silence",
    "notifications.greet",
    "notifications.run_campaigns",
    "notifications.forget_questions",
)

_sweeps: dict[str, Sweep] = {}


class UnknownSweep(LookupError):
    """No app registered a sweep of that name."""


def register(name: str, sweep: Sweep) -> None:
    """Register `sweep` under a name of SWEEP_NAMES; called once per name from an AppConfig.ready()."""
    if name not in SWEEP_NAMES:
        raise UnknownSweep(f"{name} is missing in shop.sweeps.SWEEP_NAMES")
    _sweeps[name] = sweep


def run(name: str, *, at: datetime) -> int:
    """Run one sweep and return the number of rows it settled.  Raises UnknownSweep when nobody registered it."""
    try:
        sweep = _sweeps[name]
    except KeyError:
        raise UnknownSweep(name) from None
    return sweep(at)


def registered() -> tuple[str, ...]:
    """Return the names that can run, in the order of SWEEP_NAMES."""
    return tuple(name for name in SWEEP_NAMES if name in _sweeps)
