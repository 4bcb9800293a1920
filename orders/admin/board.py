"""The promise board: how well promises were kept, where time was lost, and what is in danger now."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from orders.messages import words
from orders.models import DelayCase, PromiseOutcome
from orders.queries import board
from orders.rules.board import Bin, Share, calibrate, floor_of, place, point_of

PERIODS = (30, 90, 365)
SIZE = 320  # of the square drawing
WIDTH, HEIGHT = 640, 200  # of the weeks
WIDEST, LABELS = 80, 13  # how wide a week gets, and how many of them are named


def board_page(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """Show the board for a period of days.  Raises PermissionDenied."""
    if not request.user.has_perm("orders.view_board"):
        raise PermissionDenied
    at = timezone.now()
    asked = request.GET.get("days", "")
    days = int(asked) if asked in {str(each) for each in PERIODS} else PERIODS[1]
    since = at - timedelta(days=days)
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(at) + timedelta(days=1), datetime.min.time()))
    context = {
        **site.each_context(request),
        "title": _("Promises: kept, in danger, and why not"),
        "as_of": at,
        "days": days,
        "periods": PERIODS,
        "now": _now(board.now(at, midnight=midnight)),
        "totals": _totals(board.totals(since)),
        "lanes": [_named(row, f"{row.name[0]}, {row.name[1]}") for row in board.lanes(since)],
        "lost": [_lost(row) for row in board.lost(since)],
        "weeks": _weeks(board.weeks(since)),
        "calibration": _calibration(calibrate(board.levels(since))),
    }
    return TemplateResponse(request, "admin/orders/order/promises.html", context)


def _now(found: board.Now) -> dict[str, Any]:
    """Return the counts in words, and whether anybody is late in silence."""
    counted = {name: _counted(number) for name, number in vars(found).items()}
    return counted | {"bad": bool(found.silent)}


def _counted(number: int) -> str:
    """Write a count; one that was cut off reads as `10,000+`."""
    most = board.COUNT_AT_MOST
    shown = number_format(min(number, most), force_grouping=True)
    return f"{shown}+" if number > most else shown


def _per_cent(share: float) -> str:
    return f"{share * 100:.1f} %"


def _share(found: Share) -> dict[str, Any]:
    low, high = found.bounds
    return {
        "kept": found.kept,
        "total": found.total,
        "late": found.total - found.kept,
        "words": _per_cent(found.share) if found.total else "–",
        "bounds": f"{low * 100:.0f}–{high * 100:.0f} %" if found.total else "–",
    }


def _totals(found: board.Totals) -> dict[str, Any]:
    late = found.first.total - found.first.kept
    return {
        "first": _share(found.first),
        "told": _share(found.told),
        "late_by": f"{found.late_days / late:.1f}" if late else "",
        "untold": found.untold,
    }


def _named(row: board.Row, name: str) -> dict[str, Any]:
    return {"name": name, **_share(row.first), "late_days": row.late_days}


def _lost(row: board.Row) -> dict[str, Any]:
    stages, causes = dict(PromiseOutcome.Stage.choices), dict(DelayCase.Cause.choices)
    stage, cause = (str(part) for part in row.name)
    return {
        "stage": stages.get(stage, "–"),
        "cause": causes.get(cause) or _("nobody noticed before"),
        "total": row.first.total,
        "late_days": row.late_days,
    }


def _weeks(rows: list[board.Row]) -> dict[str, Any]:
    """Return a column for each week; the axis begins where differences can be seen."""
    floor = floor_of(row.first.share for row in rows)
    step = min(WIDTH / max(len(rows), 1), WIDEST)
    named = -(-len(rows) // LABELS)
    columns = []
    for number, row in enumerate(rows):
        height = place(row.first.share, size=HEIGHT, floor=floor)
        monday = row.name[0]
        columns.append(
            {
                **_share(row.first),
                "on": words.day(timezone.localtime(monday).date()) if isinstance(monday, datetime) else "",
                "label": date_format(monday, "j M") if isinstance(monday, datetime) and not number % named else "",
                "middle": round((number + 0.5) * step, 1),
                "x": round(number * step + step * 0.15, 1),
                "y": round(HEIGHT - height, 1),
                "top": round(HEIGHT - height - 6, 1),
                "width": round(step * 0.7, 1),
                "height": max(height, 1),
            }
        )
    return {"columns": columns, "floor": _per_cent(floor), "width": WIDTH, "height": HEIGHT, "foot": HEIGHT + 18}


def _calibration(bins: list[Bin]) -> dict[str, Any]:
    """Return a point for each bin, beside what the table says of it."""
    floor = floor_of([share for each in bins for share in (each.promised, each.found.bounds[0])])
    rows = [
        {
            **_share(each.found),
            "promised": _per_cent(each.promised),
            "honest": each.honest,
            "too_few": each.too_few,
            "point": point_of(each, size=SIZE, floor=floor),
        }
        for each in bins
    ]
    return {"rows": rows, "floor": _per_cent(floor), "size": SIZE}
