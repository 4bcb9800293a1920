"""Who wants news of the shop, and what was answered when we asked."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max, Q

from notifications.models import NewsConsent, Wish
from notifications.queries.groups import KIND as CAMPAIGN


def has_news(address: str) -> bool:
    """Tell whether somebody at an address wants news of the shop, on whatever channel.  One query."""
    return Wish.objects.filter(reader__address__iexact=address, kind=CAMPAIGN, wanted=True).exists()


def asked_before(address: str) -> tuple[datetime | None, bool]:
    """Return when an address was last asked whether news may come, and whether it said no to that.  One query."""
    asked = NewsConsent.objects.filter(address__iexact=address).exclude(proof=NewsConsent.Proof.ACCOUNT)
    found = asked.aggregate(last=Max("asked_at"), refused=Max("refused_at", filter=Q(refused_at__isnull=False)))
    return found["last"], found["refused"] is not None
