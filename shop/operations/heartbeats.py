"""Heartbeats: a sweep says that it ran."""

from __future__ import annotations

from datetime import datetime

from shop.models import Heartbeat


def beat_heard(*, name: str, at: datetime) -> None:
    """Note that the sweep `name` ran at `at`.  One statement, no lock held."""
    Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": at})
