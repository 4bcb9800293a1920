"""Stock: the only writer of levels and movements.

Every change is one guarded UPDATE plus an append-only movement under an idempotency key.  Levels are always touched in
the order of their ids, so that two orders for the same things in opposite order cannot lock each other out.
Source: commerce reference d.2 and 2.A; reliability reference D6.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F

from shop.models import StockLevel, StockMovement, User
from shop.operations.events import record_event


@dataclass(frozen=True)
class Shortage:
    """What is missing: `available` is what could still be sold of the variant."""

    variant_id: int
    wanted: int
    available: int


class SoldOut(Exception):
    """Some pieces are gone; nothing was allocated.  `shortages` says which and how many are left."""

    def __init__(self, shortages: list[Shortage]) -> None:
        super().__init__(", ".join(f"variant {s.variant_id}: {s.available} of {s.wanted}" for s in shortages))
        self.shortages = shortages


class StockRefused(Exception):
    """The movement would make a level impossible (below zero, or below what is spoken for)."""


class LevelExists(Exception):
    """The location holds this variant already."""


@dataclass(frozen=True)
class Wanted:
    """`quantity` pieces of a variant; `key` makes the movement happen once."""

    variant_id: int
    quantity: int
    key: str


def allocate(*, wanted: Iterable[Wanted], order_number: str, at: datetime) -> None:
    """Speak for pieces, all or none.  Call inside the order's transaction.

    One guarded UPDATE per level in id order: the WHERE clause is the check, so no reader can come between.
    Raises SoldOut when a guard refuses; the caller's transaction must then roll back.
    """
    levels = _levels_of(wanted)
    shortages = []
    for item, level in sorted(levels, key=lambda pair: pair[1].pk):
        guarded = StockLevel.objects.filter(
            pk=level.pk, allocated__lte=F("on_hand") + F("oversell_limit") - item.quantity
        )
        if guarded.update(allocated=F("allocated") + item.quantity) == 1:
            _record(level, item, StockMovement.Kind.ALLOCATED, order_number, at, allocated_delta=item.quantity)
        else:
            level.refresh_from_db()
            shortages.append(Shortage(item.variant_id, item.quantity, max(level.available, 0)))
    if shortages:
        raise SoldOut(shortages)


def release(*, wanted: Iterable[Wanted], order_number: str, at: datetime, reason: str = "") -> None:
    """Free what an order had spoken for.  Raises StockRefused when it had not; doing it twice changes nothing."""
    _move_each(wanted, StockMovement.Kind.RELEASED, order_number, at, reason=reason, allocated=-1)


def hand_over(*, wanted: Iterable[Wanted], order_number: str, at: datetime, actor: User | None = None) -> None:
    """Let spoken-for pieces leave the house.  Pieces made to order come onto the shelf in the same breath.

    Raises StockRefused when they were not spoken for; doing it twice changes nothing.
    """
    items = list(wanted)
    for item, level in sorted(_levels_of(items), key=lambda pair: pair[1].pk):
        _make_missing(item, level, order_number, at)
    _move_each(items, StockMovement.Kind.HANDED_OVER, order_number, at, actor=actor, on_hand=-1, allocated=-1)


def take_back(
    *, item: Wanted, order_number: str, at: datetime, disposition: str, actor: User | None = None, reason: str = ""
) -> None:
    """Book a returned piece once, to where the inspection sends it: `restock`, `quarantine` or `write_off`.

    Raises ValueError for another disposition.
    """
    if disposition == "restock":
        _move_each([item], StockMovement.Kind.RETURNED, order_number, at, actor=actor, reason=reason, on_hand=1)
    elif disposition == "quarantine":
        _move_each([item], StockMovement.Kind.QUARANTINED, order_number, at, actor=actor, reason=reason, quarantine=1)
    elif disposition == "write_off":
        _move_each([item], StockMovement.Kind.WRITTEN_OFF, order_number, at, actor=actor, reason=reason)
    else:
        raise ValueError(disposition)


def receive(*, item: Wanted, at: datetime, actor: User | None = None, reason: str = "") -> None:
    """Put new pieces on the shelf."""
    with transaction.atomic():
        _move_each([item], StockMovement.Kind.RECEIVED, "", at, actor=actor, reason=reason, on_hand=1)


def count(*, level_id: int, counted: int, key: str, at: datetime, actor: User, reason: str) -> None:
    """Set a shelf to what was counted.  Raises StockRefused when fewer are there than are spoken for."""
    with transaction.atomic():
        level = StockLevel.objects.select_for_update().get(pk=level_id)
        if counted < 0 or counted + level.oversell_limit < level.allocated:
            raise StockRefused(f"{level.allocated} pieces are promised to orders, so {counted} cannot be right")
        delta = counted - level.on_hand
        if _first_time(key):
            StockLevel.objects.filter(pk=level.pk).update(on_hand=F("on_hand") + delta)
            item = Wanted(level.variant_id, delta, key)
            _record(level, item, StockMovement.Kind.ADJUSTED, "", at, on_hand_delta=delta, actor=actor, reason=reason)


@transaction.atomic
def open_level(*, variant_id: int, location_id: int, oversell_limit: int, by: User, at: datetime) -> StockLevel:
    """Let a location hold a variant, with nothing on the shelf yet.  Raises LevelExists when it already does.

    `oversell_limit` > 0 means made to order: that many pieces may be promised before they are made.
    """
    policy = StockLevel.Policy.MADE_TO_ORDER if oversell_limit else StockLevel.Policy.DENY
    level, created = StockLevel.objects.get_or_create(
        variant_id=variant_id,
        location_id=location_id,
        defaults={"policy": policy, "oversell_limit": oversell_limit},
    )
    if not created:
        raise LevelExists(f"level {level.pk}")
    record_event(name="shop.stock-level.opened", subject=f"shop.stocklevel:{level.pk}", at=at, actor=by)
    return level


def turns(variant_ids: Iterable[int]) -> dict[int, int]:
    """Return variant -> its turn: whoever moves several variants one after the other takes them by these numbers.

    A variant nobody stocks comes first.  One query.
    """
    wanted = set(variant_ids)
    return dict.fromkeys(wanted, 0) | {variant: level.pk for variant, level in _serving_levels(wanted).items()}


def _serving_levels(variant_ids: Collection[int]) -> dict[int, StockLevel]:
    """Return the level that serves each variant: the one of the first location that knows it."""
    levels: dict[int, StockLevel] = {}
    for level in StockLevel.objects.filter(variant_id__in=variant_ids).order_by("location_id", "id"):
        levels.setdefault(level.variant_id, level)
    return levels


def _levels_of(wanted: Iterable[Wanted]) -> list[tuple[Wanted, StockLevel]]:
    """Pair each wish with the level that serves it.  Raises SoldOut for variants nobody stocks."""
    items = list(wanted)
    levels = _serving_levels({item.variant_id for item in items})
    missing = [Shortage(item.variant_id, item.quantity, 0) for item in items if item.variant_id not in levels]
    if missing:
        raise SoldOut(missing)
    return [(item, levels[item.variant_id]) for item in items]


def _make_missing(item: Wanted, level: StockLevel, order_number: str, at: datetime) -> None:
    """Book made-to-order pieces onto the shelf when they leave it, so that the shelf never goes below zero."""
    locked = StockLevel.objects.select_for_update().get(pk=level.pk)
    missing = item.quantity - locked.on_hand
    key = f"made:{item.key}"
    if missing > 0 and locked.oversell_limit and _first_time(key):
        StockLevel.objects.filter(pk=level.pk).update(on_hand=F("on_hand") + missing)
        made = Wanted(item.variant_id, missing, key)
        _record(level, made, StockMovement.Kind.MADE, order_number, at, on_hand_delta=missing)


def _move_each(
    wanted: Iterable[Wanted],
    kind: StockMovement.Kind,
    order_number: str,
    at: datetime,
    *,
    on_hand: int = 0,
    allocated: int = 0,
    quarantine: int = 0,
    actor: User | None = None,
    reason: str = "",
) -> None:
    """Move pieces in level order; the three factors (-1, 0, 1) say which counters follow the quantity."""
    for item, level in sorted(_levels_of(wanted), key=lambda pair: pair[1].pk):
        locked = StockLevel.objects.select_for_update().get(pk=level.pk)
        if not _first_time(item.key):
            continue
        deltas = {
            "on_hand_delta": on_hand * item.quantity,
            "allocated_delta": allocated * item.quantity,
            "quarantine_delta": quarantine * item.quantity,
        }
        if locked.on_hand + deltas["on_hand_delta"] < 0 or locked.allocated + deltas["allocated_delta"] < 0:
            raise StockRefused(f"{kind}: {item.quantity} of variant {item.variant_id} are not there")
        StockLevel.objects.filter(pk=level.pk).update(
            on_hand=F("on_hand") + deltas["on_hand_delta"],
            allocated=F("allocated") + deltas["allocated_delta"],
            quarantine=F("quarantine") + deltas["quarantine_delta"],
        )
        _record(level, item, kind, order_number, at, actor=actor, reason=reason, **deltas)


def _first_time(key: str) -> bool:
    return not StockMovement.objects.filter(key=key).exists()


def _record(
    level: StockLevel,
    item: Wanted,
    kind: StockMovement.Kind,
    order_number: str,
    at: datetime,
    *,
    on_hand_delta: int = 0,
    allocated_delta: int = 0,
    quarantine_delta: int = 0,
    actor: User | None = None,
    reason: str = "",
) -> None:
    StockMovement.objects.create(
        level=level,
        kind=kind,
        on_hand_delta=on_hand_delta,
        allocated_delta=allocated_delta,
        quarantine_delta=quarantine_delta,
        order_number=order_number,
        reason=reason,
        actor=actor,
        key=item.key,
        moved_at=at,
    )
