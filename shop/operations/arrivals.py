"""Arrivals: pieces that are bought or being made, with the day they are expected; on the shelf only once they are here.

Source: commerce reference d.2 (`eta_date`), b-23.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from shop.models import StockArrival, User
from shop.operations import stock
from shop.operations.events import record_event

State = StockArrival.State


class ArrivalClosed(Exception):
    """This arrival is here or was called off; nothing was changed."""


class PiecesRefused(Exception):
    """At least one piece, and no more than are still expected: `missing` says how many those are."""

    def __init__(self, missing: int) -> None:
        super().__init__(str(missing))
        self.missing = missing


class Promised(Exception):
    """`pieces` are promised to orders out of this arrival: nothing was changed."""

    def __init__(self, pieces: int) -> None:
        super().__init__(str(pieces))
        self.pieces = pieces


class DayPassed(Exception):
    """Nothing can be expected on a day that is over."""


@transaction.atomic
def announce_arrival(
    *, level_id: int, pieces: int, expected_on: date, source: str, note: str, by: User | None, at: datetime
) -> StockArrival:
    """Expect pieces for a shelf on a day.  Raises PiecesRefused, DayPassed."""
    if pieces < 1:
        raise PiecesRefused(0)
    _check_day(expected_on, at)
    arrival = StockArrival.objects.create(
        level_id=level_id,
        pieces=pieces,
        expected_on=expected_on,
        source=source,
        note=note,
        announced_by=by,
        announced_at=at,
    )
    stock.keep_limit(level_id=level_id, at=at)
    _tell("announced", arrival, by, at, expected_on=expected_on.isoformat(), pieces=pieces)
    return arrival


@transaction.atomic
def postpone_arrival(*, arrival_id: int, expected_on: date, by: User, at: datetime) -> StockArrival:
    """Expect an arrival on another day.  Raises ArrivalClosed, DayPassed."""
    arrival = _lock(arrival_id)
    _check_day(expected_on, at)
    before, arrival.expected_on = arrival.expected_on, expected_on
    arrival.overdue_at = None
    arrival.save(update_fields=["expected_on", "overdue_at"])
    stock.keep_limit(level_id=arrival.level_id, at=at)
    _tell("postponed", arrival, by, at, before_on=before.isoformat(), expected_on=expected_on.isoformat())
    return arrival


@transaction.atomic
def note_arrival(*, arrival_id: int, pieces: int, key: str, by: User, at: datetime) -> StockArrival:
    """Put what came of an arrival on its shelf; the rest is still expected.  The same `key` counts once.

    Raises ArrivalClosed, PiecesRefused.
    """
    arrival = _lock(arrival_id)
    missing = arrival.pieces - arrival.arrived_pieces
    if not 1 <= pieces <= missing:
        raise PiecesRefused(missing)
    moved = stock.receive(
        item=stock.Wanted(arrival.level.variant_id, pieces, f"arrival:{key}"),
        level_id=arrival.level_id,
        at=at,
        actor=by,
        reason=arrival.note,
    )
    if not moved:  # this very form was sent before
        return arrival
    arrival.arrived_pieces += pieces
    if arrival.arrived_pieces == arrival.pieces:
        arrival.state, arrival.settled_at = State.ARRIVED, at
    arrival.save(update_fields=["arrived_pieces", "state", "settled_at"])
    stock.keep_limit(level_id=arrival.level_id, at=at)
    _tell("arrived", arrival, by, at, pieces=pieces)
    return arrival


@transaction.atomic
def call_off_arrival(*, arrival_id: int, by: User, at: datetime) -> StockArrival:
    """Expect no more of an arrival; what came of it stays.  Raises ArrivalClosed, Promised."""
    arrival = _lock(arrival_id)
    arrival.state, arrival.settled_at = State.CALLED_OFF, at
    arrival.save(update_fields=["state", "settled_at"])
    stock.keep_limit(level_id=arrival.level_id, at=at)
    if uncovered := stock.promised_without_goods(level_id=arrival.level_id, at=at):
        raise Promised(uncovered)
    _tell("called-off", arrival, by, at)
    return arrival


def _lock(arrival_id: int) -> StockArrival:
    arrival = StockArrival.objects.select_for_update(of=("self",)).select_related("level").get(pk=arrival_id)
    if arrival.state != State.EXPECTED:
        raise ArrivalClosed(arrival.state)
    return arrival


def _check_day(expected_on: date, at: datetime) -> None:
    if expected_on < at.date():
        raise DayPassed(expected_on.isoformat())


def _tell(what: str, arrival: StockArrival, by: User | None, at: datetime, **more: str | int) -> None:
    payload: dict[str, str | int] = {"arrival_id": arrival.pk, "variant_id": arrival.level.variant_id}
    record_event(
        name=f"shop.arrival.{what}",
        subject=f"shop.stockarrival:{arrival.pk}",
        payload=payload | more,
        actor=by,
        at=at,
    )
