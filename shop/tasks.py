"""Celery tasks are shells: the clock is read here, the work is a sweep."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone

from shop import sweeps
from shop.operations.heartbeats import beat_heard


@shared_task(name="shop.sweep")
def sweep(name: str, **_: Any) -> None:
    """Run one sweep until nothing is due, at most fifty rounds, so that one task never starves the others."""
    beat_heard(name=name, at=timezone.now())
    for _round in range(50):
        if sweeps.run(name, at=timezone.now()) == 0:
            return
