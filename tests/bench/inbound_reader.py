"""A worker process that does nothing but understand what came in, until it is told to stop.

`python -m tests.bench.inbound_reader`, on the database of DATABASE_URL.
"""

from __future__ import annotations

import signal
import time

import django
from django.utils import timezone

going = True


def stop(*_: object) -> None:
    """End after this batch."""
    global going
    going = False


def main() -> None:
    """Take batch after batch, as the sweep does."""
    from shop import doorbell
    from shop.operations.inbound import process_inbound

    signal.signal(signal.SIGTERM, stop)
    while going:
        if not process_inbound(timezone.now()):
            time.sleep(doorbell.GATHERS)  # as often as the door-bell wakes a worker


if __name__ == "__main__":
    django.setup()
    main()
