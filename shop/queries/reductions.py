"""What an announced reduction would do to each piece, from the history of its prices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from shop.models import PriceInterval, ReducedPrice, Reduction, Variant
from shop.rules.reduction import LOOK_BACK, Stretch, Verdict, Why, judge


@dataclass(frozen=True)
class Judged:
    """A variant, what the rule says of it, and the running reduction it would follow, if there is one."""

    variant: Variant
    verdict: Verdict
    running: ReducedPrice | None


def variants_of(reduction: Reduction) -> QuerySet[Variant]:
    """Return the variants on sale that a reduction names, by article number."""
    named = Q(product__in=reduction.products.all()) | Q(product__category__in=reduction.categories.all())
    return Variant.objects.filter(named, active=True).select_related("product").order_by("sku", "id")


def former_prices_at(variant_ids: Iterable[int], *, at: datetime) -> dict[int, int]:
    """Return by variant the former price (minor units) shown at a moment; without one, no entry.  One query."""
    begun = ReducedPrice.objects.filter(variant__in=list(variant_ids), started_at__lte=at)
    rows = begun.filter(Q(ended_at=None) | Q(ended_at__gt=at)).order_by("started_at", "id")
    return {row.variant_id: row.reference_minor for row in rows if row.reference_minor is not None}


def judged(reduction: Reduction, variants: Iterable[Variant], *, at: datetime) -> list[Judged]:
    """Return what the rule says of each variant if the reduction began when it is to, at the earliest now.

    Three queries.
    """
    rows = list(variants)
    begins_at = max(reduction.starts_at, at)
    histories = _histories(rows, since=begins_at - LOOK_BACK)
    others = ReducedPrice.objects.filter(variant__in=rows).exclude(reduction=reduction)
    running = {row.variant_id: row for row in others.filter(state=ReducedPrice.State.RUNNING)}
    planned = set(others.filter(state=ReducedPrice.State.PLANNED).values_list("variant_id", flat=True))
    return [
        Judged(row, _judge(reduction, row, histories, running, planned, begins_at), running.get(row.pk)) for row in rows
    ]


def _judge(
    reduction: Reduction,
    variant: Variant,
    histories: dict[int, list[Stretch]],
    running: dict[int, ReducedPrice],
    planned: set[int],
    begins_at: datetime,
) -> Verdict:
    step = running.get(variant.pk)
    verdict = judge(
        price_minor=variant.price_minor,
        history=histories.get(variant.pk, []),
        begins_at=begins_at,
        percent_bp=reduction.percent_bp,
        off_minor=reduction.off_minor,
        running=(step.before_minor or 0, step.reference_minor or 0) if step else None,
    )
    if variant.pk in planned:
        return Verdict(verdict.price_minor, verdict.reference_minor, Why.ANNOUNCED)
    return verdict


def _histories(variants: list[Variant], *, since: datetime) -> dict[int, list[Stretch]]:
    """Return what each variant cost since then, in its currency of today."""
    rows = PriceInterval.objects.filter(Q(ends_at=None) | Q(ends_at__gt=since), variant__in=variants)
    currencies = {variant.pk: variant.currency for variant in variants}
    found: dict[int, list[Stretch]] = defaultdict(list)
    for row in rows.order_by("variant_id", "starts_at", "id"):
        if row.currency == currencies[row.variant_id]:
            found[row.variant_id].append(Stretch(row.price_minor, row.starts_at, row.ends_at))
    return found
