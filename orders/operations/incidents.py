"""A crisis from the first word to the all-clear: declared, told on, ended.  Each press freezes what staff described.

The press itself writes a version and one event with who pressed; the orders are told by `orders.operations.telling`.
Source: commerce reference c-10; delivery reference 1.2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from orders.models import Incident, IncidentVersion
from shop import doorbell
from shop.models import User
from shop.operations.events import record_event

SWEEP = "orders.tell_of_incidents"
_FROZEN = (
    "name",
    "hits",
    "starts_on",
    "ends_on",
    "extra_days",
    "public_text",
    "what_we_do",
    "in_other_languages",
    "longer",
    "places",
    "review_at",
    "countries",
    "regions",
    "postcodes",
    "couriers",
)


class NotADraft(Exception):
    """It was declared before."""


class NotDeclared(Exception):
    """It is not declared, or it is over."""


class NothingNew(Exception):
    """What is described is what was told last."""


class LookIsPast(Exception):
    """The moment to look again is over; without one nobody would think of it."""


@transaction.atomic
def declare(*, incident_id: int, by: User | None, at: datetime) -> IncidentVersion:
    """Declare a crisis: from now on pages say it, new orders reckon with it, and the open ones are told.

    Raises NotADraft, LookIsPast.
    """
    incident = Incident.objects.select_for_update().get(pk=incident_id)
    if incident.state != Incident.State.DRAFT:
        raise NotADraft
    if incident.review_at <= at:
        raise LookIsPast
    incident.state, incident.declared_at = Incident.State.DECLARED, at
    incident.save(update_fields=["state", "declared_at"])
    return _freeze(incident, IncidentVersion.Kind.DECLARED, by, at)


@transaction.atomic
def describe_anew(*, incident_id: int, facts: Mapping[str, Any], rows: Mapping[str, Sequence[Any]]) -> Incident:
    """Write what changed about a declared crisis, as saving it in the admin does; nobody is told before `tell_news`.

    `facts` are columns, `rows` the services, workshops and products it names, by field.  Raises NotDeclared,
    Incident.DoesNotExist.
    """
    incident = Incident.objects.select_for_update().get(pk=incident_id)
    if incident.state != Incident.State.DECLARED:
        raise NotDeclared
    for name, value in facts.items():
        setattr(incident, name, value)
    incident.save(update_fields=list(facts))
    for name, named in rows.items():
        getattr(incident, name).set(named)
    return incident


@transaction.atomic
def tell_news(*, incident_id: int, by: User | None, at: datetime) -> IncidentVersion:
    """Tell what changed since: who reads another day or another sentence hears of it, nobody else does.

    Raises NotDeclared, NothingNew, LookIsPast.
    """
    incident = Incident.objects.select_for_update().get(pk=incident_id)
    if incident.state != Incident.State.DECLARED:
        raise NotDeclared
    if incident.review_at <= at:
        raise LookIsPast
    newest = incident.versions.order_by("-number", "-id")[0]
    if _facts(incident) == {name: getattr(newest, name) for name in _facts(incident)}:
        raise NothingNew
    return _freeze(incident, IncidentVersion.Kind.UPDATED, by, at)


@transaction.atomic
def give_all_clear(*, incident_id: int, by: User | None, at: datetime) -> IncidentVersion:
    """End a crisis: pages forget it, new orders are promised as ever, and everybody who was told hears that it is over.

    Promised days stay as they are.  Raises NotDeclared.
    """
    incident = Incident.objects.select_for_update().get(pk=incident_id)
    if incident.state != Incident.State.DECLARED:
        raise NotDeclared
    incident.state, incident.over_at = Incident.State.OVER, at
    incident.save(update_fields=["state", "over_at"])
    return _freeze(incident, IncidentVersion.Kind.OVER, by, at)


def _facts(incident: Incident) -> dict[str, Any]:
    """Return what is described, in the columns of a version.  Three queries."""
    ids = {
        "service_ids": sorted(incident.services.order_by("id").values_list("pk", flat=True)),
        "workshop_ids": sorted(incident.workshops.order_by("id").values_list("pk", flat=True)),
        "product_ids": sorted(incident.products.order_by("id").values_list("pk", flat=True)),
    }
    return {name: getattr(incident, name) for name in _FROZEN} | ids


def _freeze(incident: Incident, kind: str, by: User | None, at: datetime) -> IncidentVersion:
    """Keep what is described as the version that holds; the telling of an older one ends here."""
    number = incident.versions.count() + 1
    incident.versions.filter(current=True).update(current=False, pass_at=None)
    version = IncidentVersion.objects.create(
        incident=incident, number=number, kind=kind, made_by=by, made_at=at, pass_at=at, **_facts(incident)
    )
    record_event(
        name=_EVENTS[kind],
        subject=f"orders.incident:{incident.pk}",
        payload={"incident_id": incident.pk, "version_id": version.pk},
        actor=by,
        at=at,
    )
    doorbell.ring(SWEEP)
    return version


_EVENTS: dict[str, str] = {
    IncidentVersion.Kind.DECLARED: "orders.incident.declared",
    IncidentVersion.Kind.UPDATED: "orders.incident.updated",
    IncidentVersion.Kind.OVER: "orders.incident.over",
}
