"""How soon we answer: two policies on the support desk's calendar, there from the first conversation on."""

from __future__ import annotations

from datetime import datetime, time

from django.conf import settings
from django.db import transaction

from shop.models import BusinessCalendar, OpeningInterval
from support.models import SlaPolicy
from support.queries.answer_times import find_policy
from support.rules.sla import POLICY_OF_KIND, STANDARD, URGENT

CALENDAR = "support"
# code: (name, first answer, next answer), in open minutes
_POLICIES = {
    STANDARD: ("Questions", 120, 240),
    URGENT: ("Something went wrong", 60, 120),
}


def policy_for(kind: str) -> SlaPolicy:
    """Return the policy for a kind of conversation; a shop that was never seeded gets both policies now."""
    found = find_policy(kind)
    if found is None:
        add_policies()
        found = SlaPolicy.objects.select_related("calendar").get(code=POLICY_OF_KIND[kind])
    return found


def seed_policies(at: datetime) -> str:
    """Add what is missing; the line says what is there."""
    add_policies()
    return f"{SlaPolicy.objects.count()} answer times"


@transaction.atomic
def add_policies() -> None:
    """Add the policies that are missing, and a calendar for them when nobody has laid one."""
    calendar = _calendar()
    for code, (name, first, following) in _POLICIES.items():
        SlaPolicy.objects.get_or_create(
            code=code,
            defaults={
                "name": name,
                "calendar": calendar,
                "first_reply_minutes": first,
                "next_reply_minutes": following,
            },
        )


def _calendar() -> BusinessCalendar:
    calendar, created = BusinessCalendar.objects.get_or_create(
        code=CALENDAR,
        defaults={
            "name": "Support desk",
            "kind": BusinessCalendar.Kind.SUPPORT,
            "time_zone": settings.TIME_ZONE,
        },
    )
    if created:
        OpeningInterval.objects.bulk_create(
            [OpeningInterval(calendar=calendar, weekday=day, opens=time(9), closes=time(18)) for day in range(5)]
        )
    return calendar
