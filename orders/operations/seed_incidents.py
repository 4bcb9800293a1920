"""A small crisis for the demo: snow over one pass; one order on its way was told, and its country reads of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from orders.models import Incident, IncidentNotice
from orders.operations.incidents import declare
from orders.operations.telling import tell_batch

_NAME = "Snow on the Semmering"


def seed_incidents(at: datetime) -> str:
    """Declare the demo's crisis unless it was, and tell it.  Needs the orders of the demo."""
    if not settings.TEST_CARD:
        return "left out: no demo"
    if not Incident.objects.filter(name=_NAME).exists():
        today = timezone.localdate(at)
        incident = Incident.objects.create(
            name=_NAME,
            countries=["AT"],
            hits=Incident.Hits.ROAD,
            starts_on=today,
            ends_on=today + timedelta(days=3),
            extra_days=1,
            public_text="Snow has closed the Semmering pass, so parcels to Austria go the longer way round.",
            what_we_do="The courier drives by Villach and starts an hour earlier.",
            in_other_languages={
                "de": {
                    "public_text": "Schnee hat den Semmering gesperrt; Pakete nach Österreich nehmen den längeren Weg.",
                    "what_we_do": "Der Kurier fährt über Villach und beginnt eine Stunde früher.",
                }
            },
            review_at=at + timedelta(days=2),
        )
        version = declare(incident_id=incident.pk, by=None, at=at)
        while tell_batch(version_id=version.pk, most=settings.INCIDENT_BATCH, at=at):
            pass
    return f"{Incident.objects.count()} crises, {IncidentNotice.objects.filter(outcome='told').count()} orders told"
