"""Ring a worker without ever making a web request wait for the broker.

A request puts a name on a small queue in memory; a daemon thread publishes it.  When the broker hangs or is away the
queue overflows silently: the row is committed, and the next tick of beat finds it.
Source: reliability reference B6 (a hung Redis blocks a publisher for ever).
"""

from __future__ import annotations

import logging
import queue
import threading

from django.db import transaction

log = logging.getLogger(__name__)

_waiting: queue.Queue[str] = queue.Queue(maxsize=64)
_lock = threading.Lock()
_ringer: threading.Thread | None = None


def ring(sweep: str) -> None:
    """Ask for `sweep` to run soon, after the current transaction commits.  Never blocks, never raises."""
    transaction.on_commit(lambda: _enqueue(sweep), robust=True)


def _enqueue(sweep: str) -> None:
    try:
        _waiting.put_nowait(sweep)
    except queue.Full:
        return  # the broker is away; beat's next tick does the same work
    _start()


def _start() -> None:
    global _ringer
    with _lock:
        if _ringer is None or not _ringer.is_alive():  # also after a fork, where threads do not survive
            _ringer = threading.Thread(target=_publish_for_ever, name="doorbell", daemon=True)
            _ringer.start()


def _publish_for_ever() -> None:
    from shop.celery import app  # loads the settings of the broker into this process

    while True:
        name = _waiting.get()
        try:
            app.send_task("shop.sweep", [name], retry=False, expires=60)  # by name: tasks stand above us
        except Exception as problem:  # any broker trouble at all: the tick will do it
            log.info("door-bell: broker away (%s)", type(problem).__name__)
