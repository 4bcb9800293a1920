"""Ring a worker without ever making a web request wait for the broker.

A request leaves a name; a daemon thread publishes it, a moment later and once for all who rang meanwhile: a burst of
webhooks wakes a worker ten times a second, not thousands of times.  When the broker hangs or is away nothing is lost:
the row is committed, and the next tick of beat finds it.
Source: reliability reference B6 (a hung Redis blocks a publisher for ever).
"""

from __future__ import annotations

import logging
import threading
import time

from django.db import transaction

log = logging.getLogger(__name__)

GATHERS = 0.1  # seconds

_names: dict[str, None] = {}  # who was rung for, in that order
_rung = threading.Event()
_lock = threading.Lock()  # held for moments, never while the broker is spoken to
_ringer: threading.Thread | None = None


def ring(sweep: str) -> None:
    """Ask for `sweep` to run soon, after the current transaction commits.  Never blocks, never raises."""
    transaction.on_commit(lambda: _leave(sweep), robust=True)


def _leave(sweep: str) -> None:
    global _ringer
    with _lock:
        _names[sweep] = None
        if _ringer is None or not _ringer.is_alive():  # also after a fork, where threads do not survive
            _ringer = threading.Thread(target=_publish_for_ever, name="doorbell", daemon=True)
            _ringer.start()
    _rung.set()


def _publish_for_ever() -> None:
    from shop.celery import app  # loads the settings of the broker into this process

    while True:
        for name in _gathered():
            try:
                app.send_task("shop.sweep", [name], retry=False, expires=60)  # by name: tasks stand above us
            except Exception as problem:  # any broker trouble at all: the tick will do it
                log.info("door-bell: broker away (%s)", type(problem).__name__)


def _gathered() -> list[str]:
    """Wait for somebody to ring and a moment more; return each name once, in the order they were first rung."""
    _rung.wait()
    time.sleep(GATHERS)
    with _lock:
        _rung.clear()
        names = list(_names)
        _names.clear()
    return names
