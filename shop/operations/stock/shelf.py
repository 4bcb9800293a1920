"""What staff do at the shelf: put in, count, put aside, throw away, carry over.

Nothing here takes away what is promised to an order: it refuses with Undercuts, and the orders app shows whose pieces
they are before anybody decides (architecture 2: a lower app never asks a higher one).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import F, Sum
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from shop.models import StockArrival, StockLevel, StockMovement, User
from shop.operations.events import record_event
from shop.operations.stock.movements import Book, Delta, SoldOut, Told, Wanted, known, lock_levels, nobody_stocks
from shop.rules.goods import limit_of
from shop.rules.shelves import lowest_limit

Kind = StockMovement.Kind


class LevelExists(Exception):
    """The location holds this variant already."""


class NoMakingTime(Exception):
    """The variant has no making time, so that no honest day could be told for a piece that is not made yet."""


class MadeToOrder(Exception):
    """The variant has a making time: its days are counted from that, not from what is on its way."""


class NothingComing(Exception):
    """Nothing is expected, so that no day could be told: announce an arrival first."""


class LimitRefused(Exception):
    """`promised` pieces are sold and not made yet: the limit cannot be lower, and never less than one."""

    def __init__(self, promised: int) -> None:
        super().__init__(str(promised))
        self.promised = promised


@transaction.atomic
def receive(*, item: Wanted, at: datetime, actor: User | None = None, reason: str = "", level_id: int = 0) -> bool:
    """Put new pieces on the shelf: of `level_id`, or of the first location that holds the variant.

    Doing it twice changes nothing; tells whether this was the first time.  Raises SoldOut when no location does.
    """
    levels = lock_levels([item.variant_id])
    if missing := nobody_stocks([item], levels):
        raise SoldOut(missing)
    mine = levels[item.variant_id]
    level = next((level for level in mine if level.pk == level_id), mine[0])
    return _move(level, Kind.RECEIVED, Delta(on_hand=item.quantity), item.key, Told(at, "", actor, reason))


@transaction.atomic
def count(*, level_id: int, counted: int, key: str, at: datetime, actor: User, reason: str) -> int:
    """Set a shelf to what was counted; return the difference that was booked.

    Raises Undercuts when fewer are there than are spoken for, StockRefused for fewer than none.
    """
    level = lock_level(level_id)
    difference = counted - level.on_hand
    _move(level, Kind.ADJUSTED, Delta(on_hand=difference), key, Told(at, "", actor, reason))
    return difference


@transaction.atomic
def adjust(*, level_id: int, difference: int, key: str, at: datetime, actor: User, reason: str) -> None:
    """Correct a shelf by a difference somebody found.  Raises Undercuts, StockRefused; none moves nothing."""
    if difference:
        _move(lock_level(level_id), Kind.ADJUSTED, Delta(on_hand=difference), key, Told(at, "", actor, reason))


@transaction.atomic
def quarantine(*, level_id: int, pieces: int, key: str, at: datetime, actor: User, reason: str) -> None:
    """Put pieces aside, to be looked at.  Raises Undercuts, StockRefused."""
    delta = Delta(on_hand=-pieces, quarantine=pieces)
    _move(lock_level(level_id), Kind.QUARANTINED, delta, key, Told(at, "", actor, reason))


@transaction.atomic
def put_back(*, level_id: int, pieces: int, key: str, at: datetime, actor: User, reason: str) -> None:
    """Put pieces from the quarantine back on the shelf.  Raises StockRefused when so many are not there."""
    delta = Delta(on_hand=pieces, quarantine=-pieces)
    _move(lock_level(level_id), Kind.CLEARED, delta, key, Told(at, "", actor, reason))


@transaction.atomic
def write_off(
    *, level_id: int, pieces: int, key: str, at: datetime, actor: User, reason: str, from_quarantine: bool = False
) -> None:
    """Note that pieces are gone for good: from the shelf, or from the quarantine.  Raises Undercuts, StockRefused."""
    delta = Delta(quarantine=-pieces) if from_quarantine else Delta(on_hand=-pieces)
    _move(lock_level(level_id), Kind.WRITTEN_OFF, delta, key, Told(at, "", actor, reason))


@transaction.atomic
def move(*, level_id: int, to_level_id: int, pieces: int, key: str, at: datetime, actor: User, reason: str) -> None:
    """Carry pieces to another location that holds the same variant.  Raises Undercuts, StockRefused.

    Raises StockLevel.DoesNotExist when the other shelf is another variant's.
    """
    variant_id = StockLevel.objects.values_list("variant_id", flat=True).get(pk=level_id)
    levels = {level.pk: level for level in lock_levels([variant_id])[variant_id]}
    if to_level_id not in levels or to_level_id == level_id:
        raise StockLevel.DoesNotExist
    told = Told(at, "", actor, reason)
    _move(levels[level_id], Kind.MOVED, Delta(on_hand=-pieces), key, told)
    _move(levels[to_level_id], Kind.MOVED, Delta(on_hand=pieces), f"{key}@{to_level_id}", told)


def lock_level(level_id: int) -> StockLevel:
    """Lock one level; inside the caller's transaction.  Raises StockLevel.DoesNotExist."""
    return StockLevel.objects.select_for_update().get(pk=level_id)


def _move(level: StockLevel, kind: Kind, delta: Delta, key: str, told: Told) -> bool:
    """Move pieces of a locked level once, however often the same key is sent; tell whether this was the first time."""
    if known([key]):
        return False
    book = Book(kind, told)
    book.move(level, delta, key)
    book.write()
    return True


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


@transaction.atomic
def make_to_order(*, level_id: int, limit: int, by: User, at: datetime) -> StockLevel:
    """Let up to `limit` pieces be sold beyond the shelf, each made when it is ordered.

    Raises NoMakingTime, LimitRefused.  Source: commerce reference d.1 (policy), d.2.
    """
    level = lock_level(level_id)
    if not level.variant.making_days:
        raise NoMakingTime(level.variant.sku)
    if limit < 1 or limit < lowest_limit(on_hand=level.on_hand, allocated=level.allocated):
        raise LimitRefused(lowest_limit(on_hand=level.on_hand, allocated=level.allocated))
    _stay_what_was_promised(level, StockLevel.AHEAD)
    return _decide(level, StockLevel.Policy.MADE_TO_ORDER, limit, by, at)


@transaction.atomic
def sell_ahead(*, level_id: int, preorder: bool, most: int | None, by: User, at: datetime) -> StockLevel:
    """Sell what is on its way, with the day it comes in: at most `most` pieces, or as many as are expected.

    `preorder` tells that it was never here before.  Raises MadeToOrder, NothingComing, LimitRefused.
    Source: commerce reference d.1 (policy), d.2 (`eta_date`).
    """
    level = lock_level(level_id)
    if level.variant.making_days:
        raise MadeToOrder(level.variant.sku)
    _stay_what_was_promised(level, [StockLevel.Policy.MADE_TO_ORDER])
    lowest = lowest_limit(on_hand=level.on_hand, allocated=level.allocated)
    coming = _on_its_way(level, at)
    if not coming:
        raise NothingComing(level.variant.sku)
    if most is not None and most < max(lowest, 1):
        raise LimitRefused(lowest)
    policy = StockLevel.Policy.PREORDER if preorder else StockLevel.Policy.BACKORDER
    return _decide(level, policy, limit_of(on_its_way=coming, most=most, lowest=lowest), by, at, most=most)


def _stay_what_was_promised(level: StockLevel, before: Collection[str]) -> None:
    """Refuse to turn pieces that will be made into pieces that will come, or back.  Raises LimitRefused."""
    promised = lowest_limit(on_hand=level.on_hand, allocated=level.allocated)
    if promised and level.policy in before:
        raise LimitRefused(promised)


@transaction.atomic
def keep_limit(*, level_id: int, at: datetime) -> bool:
    """Let a shelf that sells what is on its way promise exactly that; tell whether its limit changed."""
    level = lock_level(level_id)
    if level.policy not in StockLevel.AHEAD:
        return False
    lowest = lowest_limit(on_hand=level.on_hand, allocated=level.allocated)
    limit = limit_of(on_its_way=_on_its_way(level, at), most=level.ahead_most, lowest=lowest)
    return bool(StockLevel.objects.filter(pk=level.pk).exclude(oversell_limit=limit).update(oversell_limit=limit))


def keep_limits(at: datetime) -> int:
    """Promise nothing any more out of arrivals whose day is over; return how many shelves changed.

    Each is marked once, so that listings can tell what still comes without asking a clock.
    """
    overdue = StockArrival.objects.filter(state=StockArrival.State.EXPECTED, expected_on__lt=timezone.localdate(at))
    overdue.filter(overdue_at=None).update(overdue_at=at)
    ahead = StockLevel.objects.filter(policy__in=StockLevel.AHEAD, pk__in=overdue.values("level"))
    more = ahead.filter(oversell_limit__gt=Greatest(F("allocated") - F("on_hand"), 0))
    return sum(keep_limit(level_id=pk, at=at) for pk in list(more.order_by("id").values_list("pk", flat=True)))


def promised_without_goods(*, level_id: int, at: datetime) -> int:
    """Return how many pieces a shelf that sells what is on its way has promised beyond what it has and expects."""
    level = StockLevel.objects.get(pk=level_id)
    if level.policy not in StockLevel.AHEAD:
        return 0
    return max(lowest_limit(on_hand=level.on_hand, allocated=level.allocated) - _on_its_way(level, at), 0)


def _on_its_way(level: StockLevel, at: datetime) -> int:
    """Return how many pieces a shelf still expects on a day that is not over.  One query."""
    rows = StockArrival.objects.filter(
        level=level, state=StockArrival.State.EXPECTED, expected_on__gte=timezone.localdate(at)
    )
    return int(rows.aggregate(pieces=Coalesce(Sum(F("pieces") - F("arrived_pieces")), 0))["pieces"])


@transaction.atomic
def sell_what_is_there(*, level_id: int, by: User, at: datetime) -> StockLevel:
    """Sell nothing beyond the shelf any more.  Raises LimitRefused while promised pieces are not made yet."""
    level = lock_level(level_id)
    if promised := lowest_limit(on_hand=level.on_hand, allocated=level.allocated):
        raise LimitRefused(promised)
    return _decide(level, StockLevel.Policy.DENY, 0, by, at)


def _decide(
    level: StockLevel, policy: str, limit: int, by: User, at: datetime, *, most: int | None = None
) -> StockLevel:
    """Write what happens when a locked shelf is empty; deciding the same again writes nothing."""
    if (level.policy, level.oversell_limit, level.ahead_most) == (policy, limit, most):
        return level
    before, level.policy, level.oversell_limit, level.ahead_most = level.oversell_limit, policy, limit, most
    level.save(update_fields=["policy", "oversell_limit", "ahead_most"])
    record_event(
        name="shop.stock-level.policy-set",
        subject=f"shop.stocklevel:{level.pk}",
        payload={"variant_id": level.variant_id, "policy": policy, "before": before, "limit": limit},
        actor=by,
        at=at,
    )
    return level
