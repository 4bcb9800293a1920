"""What every change of stock is made of: levels locked in one order, a guarded UPDATE, a movement under its key."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import F, Sum

from shop.models import StockLevel, StockMovement, StockReservation, User
from shop.queries.stock import active_reservations


@dataclass(frozen=True)
class Shortage:
    """What is missing: `available` is what could still be sold of the variant.

    `held` more pieces are in somebody's checkout; they come free by `held_until` unless they are bought.
    """

    variant_id: int
    wanted: int
    available: int
    held: int = 0
    held_until: datetime | None = None


class SoldOut(Exception):
    """Some pieces are gone; nothing was allocated.  `shortages` says which and how many are left."""

    def __init__(self, shortages: list[Shortage]) -> None:
        super().__init__(", ".join(f"variant {s.variant_id}: {s.available} of {s.wanted}" for s in shortages))
        self.shortages = shortages


class StockRefused(Exception):
    """The movement would make a level impossible (below zero, or below what is spoken for)."""


class Undercuts(StockRefused):
    """`short` pieces that are promised to orders would be gone: whoever means it has to decide whose they are."""

    def __init__(self, level_id: int, short: int) -> None:
        super().__init__(f"level {level_id}: {short} promised pieces would be gone")
        self.level_id = level_id
        self.short = short


@dataclass(frozen=True)
class Wanted:
    """`quantity` pieces of a variant; `key` makes the movement happen once."""

    variant_id: int
    quantity: int
    key: str


@dataclass(frozen=True)
class Told:
    """What a movement keeps besides its numbers."""

    at: datetime
    order_number: str = ""
    actor: User | None = None
    reason: str = ""


@dataclass(frozen=True)
class Delta:
    """By how much the three counters of a level change."""

    on_hand: int = 0
    allocated: int = 0
    quarantine: int = 0

    def __mul__(self, pieces: int) -> Delta:
        return Delta(self.on_hand * pieces, self.allocated * pieces, self.quarantine * pieces)


@dataclass
class Book:
    """Movements of one operation, written together at its end."""

    kind: StockMovement.Kind
    told: Told
    rows: list[StockMovement] = field(default_factory=list)

    def move(self, level: StockLevel, delta: Delta, key: str) -> None:
        """Change a locked level and note the movement.  Raises StockRefused when a counter would become impossible."""
        after = StockLevel(
            on_hand=level.on_hand + delta.on_hand,
            allocated=level.allocated + delta.allocated,
            quarantine=level.quarantine + delta.quarantine,
            oversell_limit=level.oversell_limit,
            policy=level.policy,
        )
        if min(after.on_hand, after.allocated, after.quarantine) < 0:
            raise StockRefused(f"{self.kind}: level {level.pk} cannot change by {delta}")
        if after.available < 0:
            raise Undercuts(level.pk, -after.available)
        if level.policy in StockLevel.AHEAD and after.at_once < min(level.at_once, 0):
            # What is on its way does not stand in for a piece that was promised from the shelf: she has an earlier day.
            raise Undercuts(level.pk, min(level.at_once, 0) - after.at_once)
        StockLevel.objects.filter(pk=level.pk).update(
            on_hand=F("on_hand") + delta.on_hand,
            allocated=F("allocated") + delta.allocated,
            quarantine=F("quarantine") + delta.quarantine,
        )
        level.on_hand, level.allocated, level.quarantine = after.on_hand, after.allocated, after.quarantine
        self.note(level, delta, key)

    def note(self, level: StockLevel, delta: Delta, key: str) -> None:
        """Note a movement whose level was changed already."""
        self.rows.append(
            StockMovement(
                level=level,
                kind=self.kind,
                on_hand_delta=delta.on_hand,
                allocated_delta=delta.allocated,
                quarantine_delta=delta.quarantine,
                order_number=self.told.order_number,
                reason=self.told.reason,
                actor=self.told.actor,
                key=key,
                moved_at=self.told.at,
            )
        )

    def write(self) -> None:
        """Write what was noted.  One query."""
        StockMovement.objects.bulk_create(self.rows)


def lock_levels(variant_ids: Collection[int]) -> dict[int, list[StockLevel]]:
    """Lock the levels of some variants in the order of their ids; return them by variant in the order they serve.

    One query, inside the caller's transaction.
    """
    rows = StockLevel.objects.select_for_update(of=("self",)).select_related("location")
    levels: dict[int, list[StockLevel]] = {}
    for level in rows.filter(variant_id__in=variant_ids).order_by("id"):
        levels.setdefault(level.variant_id, []).append(level)
    for mine in levels.values():
        mine.sort(key=lambda level: (level.location.position, level.location_id, level.pk))
    return levels


def turns(variant_ids: Iterable[int]) -> dict[int, int]:
    """Lock the levels of several variants at once; return variant -> its turn.

    Whoever moves several variants one after the other calls this first and takes them by these numbers.  A variant
    nobody stocks comes first.  One query.
    """
    wanted = set(variant_ids)
    return dict.fromkeys(wanted, 0) | {variant: levels[0].pk for variant, levels in lock_levels(wanted).items()}


def held_by_others(levels: Iterable[StockLevel], holder: str) -> dict[int, list[StockReservation]]:
    """Return the living reservations of everybody else, by level.  One query; the levels must be locked.

    Asked after the lock and in a statement of its own: only then every reservation somebody has written is seen.
    """
    rows = active_reservations().filter(level__in=[level.pk for level in levels]).exclude(holder=holder)
    found: dict[int, list[StockReservation]] = {}
    for row in rows.order_by("expires_at", "id"):
        found.setdefault(row.level_id, []).append(row)
    return found


def outstanding(levels: Iterable[StockLevel], order_number: str) -> dict[int, int]:
    """Return how many pieces of each level an order speaks for, by its movements.  One query."""
    rows = StockMovement.objects.filter(order_number=order_number, level__in=[level.pk for level in levels])
    sums = rows.values("level").annotate(pieces=Sum("allocated_delta")).order_by("level")
    return {row["level"]: row["pieces"] for row in sums}


def known(keys: Collection[str]) -> set[str]:
    """Return the keys under which something moved before.  One query."""
    return set(StockMovement.objects.filter(key__in=keys).values_list("key", flat=True))


def nobody_stocks(items: Iterable[Wanted], levels: Collection[int]) -> list[Shortage]:
    """Return a shortage for each wish of a variant without any level."""
    return [Shortage(item.variant_id, item.quantity, 0) for item in items if item.variant_id not in levels]
