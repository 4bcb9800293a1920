"""Fit alarms: raised when a size is out of line for the month it was ordered in, closed by whoever looked into it."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from shop.models import FitAlarm, User
from shop.operations.events import record_event
from shop.operations.voices import lock_voices, product_of, recount
from shop.rules.fit_alarm import Cell, Finding, out_of_line


class AlreadyClosed(Exception):
    """Somebody closed the alarm before; nothing changed."""


def watch_cells(*, cells: list[Cell], month_on: date, kind: str, at: datetime) -> int:
    """Raise an alarm for each cell of a month that is out of line, by direction; return how many are new."""
    raised = 0
    for verdict in sorted({cell.verdict for cell in cells}):
        for finding in out_of_line([cell for cell in cells if cell.verdict == verdict]):
            raised += raise_alarm(finding=finding, month_on=month_on, kind=kind, at=at)
    return raised


@transaction.atomic
def raise_alarm(*, finding: Finding, month_on: date, kind: str, at: datetime) -> bool:
    """Raise an alarm, or bring the open one up to date; a closed one stays closed.  Returns whether it is new."""
    cell = finding.cell
    voices = lock_voices(product_of(cell.variant_id), at=at)
    counted = {"misfits": cell.misfits, "pieces": cell.pieces, "usual_bp": finding.usual_bp}
    alarm, new = FitAlarm.objects.get_or_create(
        variant_id=cell.variant_id,
        month_on=month_on,
        kind=kind,
        verdict=cell.verdict,
        defaults={**counted, "opened_at": at},
    )
    if new:
        _tell(alarm, "raised", at=at)
    elif alarm.closed_at is None:
        FitAlarm.objects.filter(pk=alarm.pk).update(**counted)
    recount(voices, at=at)
    return new


@transaction.atomic
def close_alarm(*, alarm_id: int, done: str, by: User, at: datetime) -> FitAlarm:
    """Close an alarm with what was done about it; its hint leaves the page.  Raises AlreadyClosed."""
    product_id = FitAlarm.objects.values_list("variant__product_id", flat=True).get(pk=alarm_id)
    voices = lock_voices(product_id, at=at)
    alarm = FitAlarm.objects.select_for_update(of=("self",)).get(pk=alarm_id)
    if alarm.closed_at is not None:
        raise AlreadyClosed(str(alarm_id))
    alarm.closed_at, alarm.closed_by, alarm.done = at, by, done
    alarm.save(update_fields=["closed_at", "closed_by", "done"])
    _tell(alarm, "closed", at=at, by=by)
    recount(voices, at=at)
    return alarm


def _tell(alarm: FitAlarm, step: str, *, at: datetime, by: User | None = None) -> None:
    record_event(
        name=f"shop.fit-alarm.{step}",
        subject=f"shop.fitalarm:{alarm.pk}",
        payload={"alarm_id": alarm.pk, "variant_id": alarm.variant_id},
        actor=by,
        at=at,
    )
