"""Celery tasks are shells: the clock is read here, the work is a sweep."""

from __future__ import annotations

import time
from typing import Any

from celery import shared_task
from django.utils import timezone

from shop import sweeps
from shop.operations.heartbeats import beat_heard

LONGEST_SECONDS = 25  # far below the soft time limit, which would strike in the middle of a round


@shared_task(name="shop.sweep")
def sweep(name: str, **_: Any) -> None:
    """Run one sweep until nothing is due, at most fifty rounds or 25 s: one task never starves the others."""
    beat_heard(name=name, at=timezone.now())
    stop_at = time.monotonic() + LONGEST_SECONDS
    for _round in range(50):
        if sweeps.run(name, at=timezone.now()) == 0 or time.monotonic() > stop_at:
            return
