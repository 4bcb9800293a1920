"""The crises that hold, read for pages and new promises.  One query a page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from orders.models import Incident, IncidentNotice, IncidentVersion, ServiceLevel
from orders.queries.couriers import couriers
from orders.rules.incident import Concerns, Crisis, Hits, Scope, Where, concerns, prefixes, still_active


def crises_now(at: datetime) -> list[Crisis]:
    """Return the crises that speak on pages and lengthen new promises, the newest first.  One query."""
    today = timezone.localdate(at)
    return [
        crisis_of(row)
        for row in _speaking().all()
        if still_active(ends_on=row.ends_on, review_on=timezone.localdate(row.review_at), today=today)
    ]


@cache
def _speaking() -> QuerySet[IncidentVersion]:
    """Return what is not over, the newest first, not read yet: composing the question costs as much as asking it."""
    rows = IncidentVersion.objects.filter(current=True).exclude(kind=IncidentVersion.Kind.OVER)
    return rows.order_by("-made_at", "-id")


def crisis_of(row: IncidentVersion) -> Crisis:
    """Return what a version says, for the rules.  No query."""
    scope = Scope(
        countries=frozenset(row.countries),
        regions=frozenset(row.regions),
        postcodes=prefixes(row.postcodes),
        couriers=frozenset(row.couriers),
        services=frozenset(row.service_ids),
        workshops=frozenset(row.workshop_ids),
        products=frozenset(row.product_ids),
    )
    return _crisis(row, row.incident_id, scope)


def crisis_described(row: Incident) -> Crisis:
    """Return what a draft says, for the rules.  Three queries."""
    return crisis_with(row, services=_ids(row.services), workshops=_ids(row.workshops), products=_ids(row.products))


def crisis_with(
    row: Incident, *, services: frozenset[int], workshops: frozenset[int], products: frozenset[int]
) -> Crisis:
    """Return what a draft says that names these rows; it need not be saved.  No query."""
    scope = Scope(
        countries=frozenset(row.countries),
        regions=frozenset(row.regions),
        postcodes=prefixes(row.postcodes),
        couriers=frozenset(row.couriers),
        services=services,
        workshops=workshops,
        products=products,
    )
    return _crisis(row, row.pk or 0, scope)


def _ids(rows: Any) -> frozenset[int]:
    return frozenset(rows.order_by("id").values_list("pk", flat=True))


def _crisis(row: Incident | IncidentVersion, incident_id: int, scope: Scope) -> Crisis:
    return Crisis(
        id=incident_id,
        name=row.name,
        hits=Hits(row.hits),
        scope=scope,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        extra_days=row.extra_days,
        public_text=row.public_text,
        what_we_do=row.what_we_do,
        said=tuple((code, *row.said_in(code)) for code in sorted(row.in_other_languages)),
        as_of=timezone.localdate(row.made_at) if isinstance(row, IncidentVersion) else None,
        longer=row.longer,
        places=row.places,
    )


def every_courier() -> frozenset[str]:
    """Return the codes of all couriers of the shop."""
    return frozenset(couriers())


def concerned(
    crises: Iterable[Crisis], where: Where, service: ServiceLevel, *, surely: bool = True
) -> tuple[Crisis, ...]:
    """Return the crises that concern a new order by one service; with `surely` off also those that may.  No query."""
    wanted = {Concerns.YES} if surely else {Concerns.YES, Concerns.MAYBE}
    everybody = every_courier()
    return tuple(
        crisis
        for crisis in crises
        if concerns(crisis, where, workshop_id=service.workshop_id, service_id=service.pk, all_couriers=everybody)
        in wanted
    )


def crises_of_order(order_id: int) -> list[Crisis]:
    """Return the crises that hold and that an order was told of, or knew of, the newest first.  One query."""
    outcomes = IncidentNotice.Outcome
    rows = IncidentNotice.objects.filter(order=order_id, version__current=True).exclude(
        Q(version__kind=IncidentVersion.Kind.OVER) | Q(outcome=outcomes.OUTSIDE)
    )
    return [crisis_of(row.version) for row in rows.select_related("version").order_by("-version__made_at", "-id")]
