"""Pieces that orders speak for: allocated, let go, handed over, taken back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import connection, transaction

from shop.models import StockLevel, StockMovement, StockReservation, User
from shop.operations.stock.movements import (
    Book,
    Delta,
    Shortage,
    SoldOut,
    StockRefused,
    Told,
    Wanted,
    held_by_others,
    known,
    lock_levels,
    nobody_stocks,
    outstanding,
)
from shop.rules.shelves import spread

Kind = StockMovement.Kind
# Part of whatever transaction is going on: what is refused here rolls all of it back.
_JOINING = transaction.atomic(savepoint=False)


@_JOINING
def allocate(
    *, wanted: Iterable[Wanted], order_number: str, at: datetime, holder: str = "", ahead: bool = False
) -> None:
    """Speak for pieces, all or none.  Call inside the order's transaction.

    Levels are locked in id order; then one guarded UPDATE, whose WHERE clause is the check, so no reader can come
    between.  What others have reserved is left alone; the reservation of `holder` is used up.  Pieces that are on their
    way are taken only with `ahead`: whoever does has told the day they come in.
    Raises SoldOut when there is not enough; the caller's transaction must then roll back.
    """
    items = list(wanted)
    levels = lock_levels({item.variant_id for item in items})
    held = held_by_others([level for mine in levels.values() for level in mine], holder)
    book = Book(Kind.ALLOCATED, Told(at, order_number))
    shortages = []
    for item in items:
        mine = levels.get(item.variant_id, [])
        taken = {level.pk: sum(row.quantity for row in held.get(level.pk, [])) for level in mine}
        parts = spread(item.quantity, [_room(level, ahead) - taken[level.pk] for level in mine])
        if parts is None:
            shortages.append(shortage_of(item, mine, held, ahead=ahead))
        else:
            _note_parts(book, item, list(zip(mine, parts, strict=True)))
    if shortages:
        raise SoldOut(shortages)
    if not _speak_for(book, ahead):  # nobody comes between while the levels are locked
        raise SoldOut([shortage_of(item, levels.get(item.variant_id, []), held, ahead=ahead) for item in items])
    book.write()
    if holder:
        StockReservation.objects.filter(holder=holder, variant_id__in=levels).delete()


def _note_parts(book: Book, item: Wanted, parts: list[tuple[StockLevel, int]]) -> None:
    for level, pieces in parts:
        if pieces:
            level.allocated += pieces
            book.note(level, Delta(allocated=pieces), _part_key(item, level, parts))


def _room(level: StockLevel, ahead: bool) -> int:
    return level.available if ahead else level.at_once


def _speak_for(book: Book, ahead: bool) -> bool:
    """Take what was noted from its levels, all in one statement; False when the guard of one of them refuses."""
    pieces: Counter[int] = Counter()
    for row in book.rows:
        pieces[row.level_id] += row.allocated_delta
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE shop_stocklevel level SET allocated = level.allocated + wanted.pieces
            FROM unnest(%s::bigint[], %s::integer[]) AS wanted (id, pieces)
            WHERE level.id = wanted.id AND level.allocated + wanted.pieces <= level.on_hand
                + CASE WHEN %s OR level.policy <> ALL(%s) THEN level.oversell_limit ELSE 0 END
            """,
            [list(pieces), list(pieces.values()), ahead, list(StockLevel.AHEAD)],
        )
        return bool(cursor.rowcount == len(pieces))


def _part_key(item: Wanted, level: StockLevel, parts: list[tuple[StockLevel, int]]) -> str:
    """Return the key of one part: the wish's own for the first, with the level's number for the others."""
    first = next(level for level, pieces in parts if pieces)
    return item.key if level.pk == first.pk else f"{item.key}@{level.pk}"


def shortage_of(
    item: Wanted, levels: list[StockLevel], held: dict[int, list[StockReservation]], *, ahead: bool
) -> Shortage:
    """Say what is missing of a wish, and what of it is only held in somebody's checkout."""
    others = [row for level in levels for row in held.get(level.pk, [])]
    waiting = sum(row.quantity for row in others)
    free = sum(_room(level, ahead) for level in levels) - waiting
    until = max((row.expires_at for row in others), default=None)
    return Shortage(item.variant_id, item.quantity, max(free, 0), waiting, until)


@_JOINING
def release(*, wanted: Iterable[Wanted], order_number: str, at: datetime, reason: str = "", level_id: int = 0) -> None:
    """Free what an order had spoken for, on `level_id` alone when it is given; doing it twice changes nothing.

    Raises StockRefused when it had not.
    """
    book = Book(Kind.RELEASED, Told(at, order_number, reason=reason))
    _each_spoken_for(wanted, book, lambda _level, pieces: Delta(allocated=-pieces), only=level_id)


@_JOINING
def hand_over(*, wanted: Iterable[Wanted], order_number: str, at: datetime, actor: User | None = None) -> None:
    """Let spoken-for pieces leave the house.  Pieces made to order come onto the shelf in the same breath.

    Raises StockRefused when they were not spoken for; doing it twice changes nothing.
    """
    made = Book(Kind.MADE, Told(at, order_number))

    def make_missing(level: StockLevel, pieces: int, key: str) -> None:
        missing = pieces - level.on_hand
        if missing > 0 and level.policy == StockLevel.Policy.MADE_TO_ORDER:
            made.move(level, Delta(on_hand=missing), f"made:{key}")

    leaving = Book(Kind.HANDED_OVER, Told(at, order_number, actor))
    _each_spoken_for(wanted, leaving, lambda _level, pieces: Delta(-pieces, -pieces), before=make_missing)
    made.write()


@_JOINING
def lose(*, wanted: Iterable[Wanted], order_number: str, at: datetime, actor: User | None, reason: str) -> None:
    """Note that pieces an order speaks for are not there: shelf and order lose them at once.

    Of pieces made to order only those that lay on the shelf leave it.  Raises StockRefused when they were not spoken
    for; doing it twice changes nothing.
    """
    book = Book(Kind.ADJUSTED, Told(at, order_number, actor, reason))
    _each_spoken_for(wanted, book, lambda level, pieces: Delta(-min(pieces, level.on_hand), -pieces))


def _each_spoken_for(
    wanted: Iterable[Wanted],
    book: Book,
    delta: Callable[[StockLevel, int], Delta],
    *,
    before: Callable[[StockLevel, int, str], None] | None = None,
    only: int = 0,
) -> None:
    """Move pieces an order speaks for, from the very levels it speaks for them; what moved before is left out."""
    items = list(wanted)
    levels = lock_levels({item.variant_id for item in items})
    if only:
        levels = {variant: [level for level in mine if level.pk == only] for variant, mine in levels.items()}
    if missing := nobody_stocks(items, levels):
        raise SoldOut(missing)
    mine = outstanding([level for each in levels.values() for level in each], book.told.order_number)
    done = known([item.key for item in items])
    for item in items:
        if item.key in done:
            continue
        for level, pieces, key in _parts_of(item, levels[item.variant_id], mine, book):
            if before:
                before(level, pieces, key)
            book.move(level, delta(level, pieces), key)
            mine[level.pk] -= pieces
    book.write()


def _parts_of(
    item: Wanted, shelves: list[StockLevel], mine: dict[int, int], book: Book
) -> list[tuple[StockLevel, int, str]]:
    """Return from which shelves the pieces of an order come, how many of each, and the key.  Raises StockRefused."""
    taken = spread(item.quantity, [mine.get(level.pk, 0) for level in shelves])
    if taken is None:
        raise StockRefused(f"{book.kind}: {item.quantity} of variant {item.variant_id} are not spoken for")
    parts = list(zip(shelves, taken, strict=True))
    return [(level, pieces, _part_key(item, level, parts)) for level, pieces in parts if pieces]


_PLACES: dict[str, tuple[Kind, Delta]] = {
    "restock": (Kind.RETURNED, Delta(on_hand=1)),
    "quarantine": (Kind.QUARANTINED, Delta(quarantine=1)),
    "write_off": (Kind.WRITTEN_OFF, Delta()),
}


@_JOINING
def take_back(
    *, item: Wanted, order_number: str, at: datetime, disposition: str, actor: User | None = None, reason: str = ""
) -> None:
    """Book a returned piece once, to where the inspection sends it: `restock`, `quarantine` or `write_off`.

    It goes to the first location that holds the variant.  Raises ValueError for another disposition, SoldOut when no
    location does.
    """
    if disposition not in _PLACES:
        raise ValueError(disposition)
    kind, delta = _PLACES[disposition]
    levels = lock_levels([item.variant_id])
    if missing := nobody_stocks([item], levels):
        raise SoldOut(missing)
    if known([item.key]):
        return
    book = Book(kind, Told(at, order_number, actor, reason))
    book.move(levels[item.variant_id][0], delta * item.quantity, item.key)
    book.write()
