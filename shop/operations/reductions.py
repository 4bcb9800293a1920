"""Announce a reduction, let it begin and end.  Nothing is called reduced that has no honest reference.

The reference is worked out when it is announced, to refuse in time, and again when it begins, for prices may have moved
meanwhile; what it says then is frozen.  Source: Directive 98/6/EC art. 6a.
"""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from shop.models import ReducedPrice, Reduction, User, Variant
from shop.operations.events import record_event
from shop.queries.reductions import Judged, judged, variants_of

State = Reduction.State
Price = ReducedPrice.State
BATCH = 5


class NotADraft(Exception):
    """It was announced before, or has ended; nothing changed."""


class NothingNamed(Exception):
    """It names no piece that is on sale."""


class EndIsPast(Exception):
    """It would end before it begins."""


class NotHonest(Exception):
    """Some pieces may not be called reduced: `refused` says which and why.  Nothing was announced."""

    def __init__(self, refused: list[Judged]) -> None:
        super().__init__(", ".join(one.variant.sku for one in refused))
        self.refused = refused


@transaction.atomic
def announce_reduction(*, reduction_id: int, by: User | None, at: datetime) -> None:
    """Announce a draft: it begins and ends by itself.  Raises NotADraft, EndIsPast, NothingNamed, NotHonest."""
    reduction = Reduction.objects.select_for_update().get(pk=reduction_id)
    if reduction.state != State.DRAFT:
        raise NotADraft
    if reduction.ends_at <= at:
        raise EndIsPast
    found = judged(reduction, variants_of(reduction), at=at)
    if not found:
        raise NothingNamed
    if refused := [one for one in found if one.verdict.why]:
        raise NotHonest(refused)
    try:
        with transaction.atomic():
            ReducedPrice.objects.bulk_create([ReducedPrice(reduction=reduction, variant=one.variant) for one in found])
    except IntegrityError:  # somebody announced another one of the same piece this very moment
        raise NotHonest(found) from None
    reduction.state, reduction.announced_at, reduction.announced_by = State.ANNOUNCED, at, by
    reduction.save(update_fields=["state", "announced_at", "announced_by"])
    _record("announced", reduction, by, at)


@transaction.atomic
def end_reduction(*, reduction_id: int, by: User | None, at: datetime) -> None:
    """End a reduction now, or take back one that has not begun: prices are what they were before.  Twice is once."""
    reduction = Reduction.objects.select_for_update().get(pk=reduction_id)
    if reduction.state not in {State.ANNOUNCED, State.RUNNING}:
        return
    reduction.prices.filter(state=Price.PLANNED).update(state=Price.REFUSED, why="taken-back", ended_at=at)
    rows = list(reduction.prices.filter(state=Price.RUNNING).order_by("variant_id"))
    _raise_again(rows)
    reduction.prices.filter(pk__in=[row.pk for row in rows]).update(state=Price.ENDED, ended_at=at)
    reduction.state = State.ENDED
    reduction.save(update_fields=["state"])
    _record("ended", reduction, by, at)


def keep_reductions(at: datetime) -> int:
    """Begin what is due to begin and end what is over, at most a batch each; return how many there were."""
    over = Reduction.objects.filter(state=State.RUNNING, ends_at__lte=at).order_by("ends_at", "id")
    due = Reduction.objects.filter(state=State.ANNOUNCED, starts_at__lte=at).order_by("starts_at", "id")
    ended = list(over.values_list("pk", flat=True)[:BATCH])
    for pk in ended:
        end_reduction(reduction_id=pk, by=None, at=at)
    begun = list(due.values_list("pk", flat=True)[:BATCH])
    for pk in begun:
        _begin(reduction_id=pk, at=at)
    return len(ended) + len(begun)


@transaction.atomic
def _begin(*, reduction_id: int, at: datetime) -> None:
    """Freeze price and reference of every piece and lower the prices; what is not honest any more stays as it is."""
    reduction = Reduction.objects.select_for_update().get(pk=reduction_id)
    if reduction.state != State.ANNOUNCED:
        return
    rows = {row.variant_id: row for row in reduction.prices.filter(state=Price.PLANNED)}
    variants = _locked(rows)
    lowered = []
    for one in judged(reduction, variants, at=at):
        row, verdict = rows[one.variant.pk], one.verdict
        if verdict.why:
            row.state, row.why, row.ended_at = Price.REFUSED, verdict.why, at
            continue
        row.state, row.started_at = Price.RUNNING, at
        row.price_minor, row.reference_minor = verdict.price_minor, verdict.reference_minor
        row.before_minor = one.running.before_minor if one.running else one.variant.price_minor
        row.carried = one.running is not None
        one.variant.price_minor, one.variant.was_minor = verdict.price_minor, verdict.reference_minor
        lowered.append(one.variant)
    follows = ReducedPrice.objects.filter(variant__in=lowered, state=Price.RUNNING)
    follows.update(state=Price.ENDED, ended_at=at)
    fields = ["state", "why", "ended_at", "started_at", "price_minor", "reference_minor", "before_minor", "carried"]
    ReducedPrice.objects.bulk_update(rows.values(), fields, batch_size=500)
    Variant.objects.bulk_update(lowered, ["price_minor", "was_minor"], batch_size=500)
    reduction.state = State.RUNNING
    reduction.save(update_fields=["state"])
    _record("began", reduction, None, at)


def _locked(rows: dict[int, ReducedPrice]) -> list[Variant]:
    """Lock the variants by id, the order everybody locks them in."""
    return list(Variant.objects.select_for_update(no_key=True).filter(pk__in=list(rows)).order_by("id"))


def _raise_again(rows: list[ReducedPrice]) -> None:
    """Bring the prices back, save those that people changed meanwhile: these stay, and are no longer called reduced."""
    _locked({row.variant_id: row for row in rows})
    for row in rows:
        mine = Variant.objects.filter(pk=row.variant_id)
        if not mine.filter(price_minor=row.price_minor or 0).update(price_minor=row.before_minor, was_minor=None):
            mine.exclude(was_minor=None).update(was_minor=None)


def _record(what: str, reduction: Reduction, by: User | None, at: datetime) -> None:
    record_event(
        name=f"shop.reduction.{what}",
        subject=f"shop.reduction:{reduction.pk}",
        payload={"reduction_id": reduction.pk, "percent_bp": reduction.percent_bp, "off_minor": reduction.off_minor},
        actor=by,
        at=at,
    )
