"""What the demo gives with its regret: nothing for a day or two, then a little, and two hundred a month in all."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils import timezone

from support.models import GestureBudget, GesturePolicy
from support.models.regret import FaultKind
from support.rules.regret import month_of

# kind, from so many days late, amount, share of the order
_POLICIES: tuple[tuple[str, int, int | None, int | None], ...] = (
    (FaultKind.LATE, 3, 500, None),
    (FaultKind.LATE, 7, 1000, None),
    (FaultKind.CRISIS, 7, 500, None),
    (FaultKind.PIECE, 0, None, 1000),
    (FaultKind.MISSING, 0, 500, None),
)
_A_MONTH_MINOR = 20_000


def seed_gestures(at: datetime) -> str:
    """Lay the demo's gestures and this month's budget where nobody wrote any; a real shop begins without."""
    if settings.TEST_CARD and not GesturePolicy.objects.exists():
        rows = [
            GesturePolicy(kind=kind, from_days=days, amount_minor=amount, percent_bp=share)
            for kind, days, amount, share in _POLICIES
        ]
        GesturePolicy.objects.bulk_create(rows)
        month = GestureBudget(month_on=month_of(timezone.localdate(at)), budget_minor=_A_MONTH_MINOR)
        GestureBudget.objects.bulk_create([month], ignore_conflicts=True)
    return f"{GesturePolicy.objects.count()} gestures for faults"
