"""What the demo remembers of its seeds: laid once for each state of the code, so that it starts again quickly.

The memory is an event in the seeded database, so another database, or one restored from before, is seeded anew.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import transaction

from shop.models import Event
from shop.operations.events import record_event

LAID = "shop.demo.laid"


def state_of_the_code(at: datetime) -> str:
    """Return a mark that changes with any line of our apps, and every month: calendars look a year ahead."""
    told = hashlib.sha256(f"{at:%Y-%m}".encode())
    ours = [Path(app.path) for app in apps.get_app_configs() if Path(app.path).parent == settings.BASE_DIR]
    for file in sorted(file for folder in ours for file in folder.rglob("*.py")):
        told.update(str(file.relative_to(settings.BASE_DIR)).encode() + file.read_bytes())
    return told.hexdigest()[:32]


def is_laid(*, state: str) -> bool:
    """Tell whether every seed has run to its end in this database, with the code in this state.  One query."""
    return Event.objects.filter(subject=_subject(state), name=LAID).exists()


@transaction.atomic
def note_laid(*, state: str, at: datetime) -> None:
    """Remember that every seed has run; a second time changes nothing."""
    if not is_laid(state=state):
        record_event(name=LAID, subject=_subject(state), at=at)


def _subject(state: str) -> str:
    return f"shop.demo:{state}"
