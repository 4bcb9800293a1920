"""Replay a file of old orders: what would have been promised, and how well it would have been kept."""

from __future__ import annotations

import csv
import sys
from argparse import ArgumentTypeError, RawDescriptionHelpFormatter
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from orders.gateways.closed_days import CountryUnknown, day_counts
from orders.gateways.order_file import OldOrder, OrderFile, UnreadableFile, read_orders
from orders.rules.estimates.few import TooFewOrders, few_of
from orders.rules.estimates.learning import Learner, fee_band
from orders.rules.estimates.replay import MEDIAN, Past, Replay, Replayed
from orders.rules.estimates.scores import Score, average_precision, days_at_share, score
from shop.rules.calendar import NoOpenDay

TARGETS = (0.9, 0.95, 0.97)
SHOWN_LINES = 20
KNOWN = (
    "cold start: learn only from N orders, spread evenly over the 120 days before --from, and from then on from as "
    "many a day; all others are promised and judged, but nothing is known of them"
)
EXPLAINED = """
Examples: how short and how well kept promises would have been; the same with
every promise and warning written down; what a shop with 200 orders would do
  python3 manage.py backtest_promises --orders orders.csv.gz --from 2018-03-02
  python3 manage.py backtest_promises --orders orders.csv.gz --from 2018-03-02 \\
    --target 0.9 --target 0.95 --dump promises.csv --warn warnings.csv
  python3 manage.py backtest_promises --orders orders.csv.gz --from 2018-03-02 \\
    --known 200

Columns read: order, purchased, delivered (empty: not yet), and where there are
any handed_over, promised, seller, seller_state, customer_state, capital, zip2,
freight. Times are local. What cannot be an order is named and left out.

Columns of --dump: order, 0.5 and one per target, each the day promised.
Columns of --warn, about the promise in the file: order, p_two_days_before (how
likely late, two working days before it; empty: delivered by then), noticed_on,
renewed_on (empty: nothing was sent).

Printed per target: the share that came on or before the promised day, the days
from purchase to promise, and the pinball loss, which punishes padding as well
as breaking (less is better); then the shares by state and by month.
"""
REGIONS = {
    "BR": {
        "SE": "SP RJ MG ES",
        "S": "PR SC RS",
        "NE": "BA SE AL PE PB RN CE PI MA",
        "CO": "DF GO MT MS",
        "N": "PA AM RO AC AP RR TO",
    }
}


class Command(BaseCommand):
    """Read, replay, print the figures, and write a row per order where asked to."""

    help = (
        "Replay a file of old orders (CSV, plain or gzip) day by day, never looking ahead, and print how the promises "
        "would have been kept. Needs no database."
    )

    def create_parser(self, *args: Any, **kwargs: Any) -> CommandParser:
        """Keep the lines of the examples and of the columns."""
        return super().create_parser(*args, **kwargs, formatter_class=RawDescriptionHelpFormatter, epilog=EXPLAINED)

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--orders", type=Path, required=True, metavar="CSV", help="the file of old orders")
        parser.add_argument(
            "--from", type=_day, required=True, metavar="DATE", dest="from_on", help="tell from here on"
        )
        parser.add_argument("--target", type=_target, action="append", metavar="P", help="0.95 keeps 95 of 100; repeat")
        parser.add_argument("--country", default="BR", metavar="CODE", help="whose holidays count (default BR)")
        parser.add_argument("--known", type=_number, metavar="N", help=KNOWN)
        parser.add_argument("--dump", type=Path, metavar="CSV", help="write the promise of every order, per target")
        parser.add_argument("--warn", type=Path, metavar="CSV", help="write what the early warning would have done")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the replay.  Raises CommandError with a sentence that says what to do."""
        targets = sorted(set(options["target"] or TARGETS) - {MEDIAN})  # the median is told anyhow
        found = self._read(options["orders"])
        from_on: date = options["from_on"]
        if not any(order.purchased_at.date() >= from_on for order in found.orders):
            raise CommandError(f"No order was purchased on or after {from_on}. Choose an earlier --from.")
        told = self._replay(found.orders, targets, from_on, options)
        if options["dump"]:
            self._write(options["dump"], ["order", *map(_head, [MEDIAN, *targets])], _dump_rows(told, targets))
        if options["warn"]:
            names = ["order", "p_two_days_before", "noticed_on", "renewed_on"]
            self._write(options["warn"], names, [_warn_row(row) for row in told])
        self._tell(told, targets, {order.order: order for order in found.orders})
        if options["warn"]:
            self._tell_warnings(told)

    def _read(self, path: Path) -> OrderFile:
        try:
            found = read_orders(path)
        except UnreadableFile as problem:
            raise CommandError(f"{problem}. Give --orders a CSV file of orders, plain or gzip.") from problem
        for sentence in found.refused[:SHOWN_LINES]:
            self.stderr.write(f"{sentence}; left out")
        if len(found.refused) > SHOWN_LINES:
            self.stderr.write(f"... and {len(found.refused) - SHOWN_LINES} more lines left out")
        if not found.orders:
            raise CommandError(f"{path} holds no order that can be read. Look at the lines named above.")
        return found

    def _replay(
        self, orders: Sequence[OldOrder], targets: Sequence[float], from_on: date, options: dict[str, Any]
    ) -> list[Replayed]:
        first, last = orders[0].purchased_at.date(), orders[-1].purchased_at.date()
        country = options["country"].upper()
        history = [_past(order, country) for order in orders]
        known = _known(history, options.get("known"), from_on)
        try:
            workshop, carrier = day_counts(country, first, last)
            run = Replay(Learner(workshop, carrier), targets, from_on, warn=bool(options["warn"]), known=known)
            return run.run(history, self._progress(first, last))
        except CountryUnknown as unknown:
            raise CommandError(
                f"The holiday library does not know the country {unknown}. Use two letters."
            ) from unknown
        except NoOpenDay as problem:
            raise CommandError(f"{problem}: a date in the file lies far outside the others. Correct it.") from problem

    def _progress(self, first: date, last: date) -> Callable[[date], object]:
        """Return what tells, on a terminal or not, how far the replay is: a line every tenth."""
        step = max(1, (last - first).days // 10)

        def passed(day: date) -> None:
            gone = (day - first).days
            if 0 < gone <= (last - first).days and gone % step == 0:
                self.stderr.write(f"replayed up to {day}")
                sys.stderr.flush()

        return passed

    def _write(self, path: Path, names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        try:
            with path.open("w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file)
                writer.writerow(names)
                writer.writerows(rows)
        except OSError as problem:
            raise CommandError(f"{path} cannot be written: {problem.strerror}. Choose another place.") from problem

    # -- Telling ------------------------------------------------------------------------------------------------
    def _tell(self, told: Sequence[Replayed], targets: Sequence[float], orders: dict[str, OldOrder]) -> None:
        arrived = [row for row in told if row.past.delivered_on]
        self.stdout.write(f"{len(told)} orders, {len(arrived)} of them delivered")
        if not arrived:
            return
        old = _pairs(arrived, lambda row: row.past.promised_on)
        if old:
            losses = " ".join(f"{_head(target)} {score(old, target).pinball:.4f}" for target in targets)
            self.stdout.write(f"{'as promised':>12} {_figures(score(old, 0.95))}  (pinball at 0.95; {losses})")
        columns = {target: score(_pairs(arrived, _promised_at(target)), target) for target in [MEDIAN, *targets]}
        for target, figures in columns.items():
            self.stdout.write(f"{_head(target):>12} {_figures(figures)}")
        same = days_at_share(columns.values(), score(old, 0.95).on_time) if old else None
        if same:
            told_same = f"mean {same[0]:6.2f} days  median {same[1]:4.1f}"
            self.stdout.write(f"At the share the file's own promises kept, read between these columns: {told_same}")
        for title, group in (
            ("state", lambda row: orders[row.past.order].customer_state or "?"),
            ("month", lambda row: f"{row.past.purchased_at:%Y-%m}"),
        ):
            self._tell_coverage(title, arrived, targets, group)

    def _tell_coverage(
        self,
        title: str,
        arrived: Sequence[Replayed],
        targets: Sequence[float],
        group: Callable[[Replayed], str],
    ) -> None:
        """Print the on-time share of every group, per target."""
        groups: dict[str, list[Replayed]] = defaultdict(list)
        for row in arrived:
            groups[group(row)].append(row)
        self.stdout.write(f"\n{title:>12} {'orders':>7} " + " ".join(f"{_head(target):>7}" for target in targets))
        for name, rows in sorted(groups.items()):
            shares = [score(_pairs(rows, _promised_at(target)), target).on_time for target in targets]
            self.stdout.write(f"{name:>12} {len(rows):>7} " + " ".join(f"{share:>7.3f}" for share in shares))

    def _tell_warnings(self, told: Sequence[Replayed]) -> None:
        pairs, noticed, late, leads, kept = [], 0, 0, [], 0
        caught = 0
        for row in told:
            warned, past = row.warned, row.past
            if warned is None or past.promised_on is None or past.delivered_on is None:
                continue
            was_late = past.delivered_on > past.promised_on
            late += was_late
            if warned.two_days_before is not None:
                pairs.append((warned.two_days_before, was_late))
            if warned.noticed_on is not None and warned.renewed_on is not None:
                noticed += 1
                caught += was_late
                leads.append((past.promised_on - warned.noticed_on).days)
                kept += past.delivered_on <= warned.renewed_on
        self.stdout.write(
            f"\nwarning: {len(pairs)} asked two working days before, average precision {average_precision(pairs):.3f}; "
            f"{noticed} told, precision {caught / max(noticed, 1):.3f}, recall {caught / max(late, 1):.3f}, "
            f"lead {sum(leads) / max(noticed, 1):.1f} days, renewed promise kept {kept / max(noticed, 1):.3f}"
        )


def _known(history: Sequence[Past], number: int | None, from_on: date) -> frozenset[str] | None:
    """Return the orders a young shop would know, None for all.  Raises CommandError when there are not so many."""
    if number is None:
        return None
    try:
        return few_of(history, number=number, from_on=from_on)
    except TooFewOrders as few:
        raise CommandError(
            f"Only {few.there} orders were bought in the 120 days before {from_on}. Choose a smaller --known or a later"
            " --from."
        ) from few


def _past(order: OldOrder, country: str) -> Past:
    """Return an order with its groups on every rung of both ladders (see `learning`)."""
    regions = {state: name for name, states in REGIONS.get(country, {}).items() for state in states.split()}
    lane = (order.seller_state, order.customer_state)
    return Past(
        order=order.order,
        purchased_at=order.purchased_at,
        handling=("all", order.seller, order.seller),
        transit=(
            "all",
            regions.get(order.customer_state, order.customer_state),
            lane,
            (*lane, order.capital),
            (*lane, order.capital, order.zip2),
            order.seller,
            fee_band(order.freight),
            order.zip2,
            "all",
        ),
        handed_over_on=order.handed_over_on,
        delivered_on=order.delivered_on,
        promised_on=order.promised_on,
        destination=order.customer_state,
    )


def _promised_at(target: float) -> Callable[[Replayed], date | None]:
    """Return what reads a row's promise at one target."""
    return lambda row: row.promised[target]


def _pairs(rows: Sequence[Replayed], promised: Callable[[Replayed], date | None]) -> list[tuple[int, int]]:
    """Return (promised days, actual days) of delivered orders that have a promise."""
    found = []
    for row in rows:
        day, bought_on, arrived_on = promised(row), row.past.purchased_at.date(), row.past.delivered_on
        if day is not None and arrived_on is not None:
            found.append(((day - bought_on).days, (arrived_on - bought_on).days))
    return found


def _figures(found: Score) -> str:
    return (
        f"on time {found.on_time:.4f}  mean {found.mean_days:6.2f} days  median {found.median_days:4.0f}  "
        f"pinball {found.pinball:.4f}"
    )


def _head(target: float) -> str:
    return f"{target:g}"


def _dump_rows(told: Sequence[Replayed], targets: Sequence[float]) -> list[list[str]]:
    columns = [MEDIAN, *targets]
    return [[row.past.order, *(row.promised[column].isoformat() for column in columns)] for row in told]


def _warn_row(row: Replayed) -> list[str]:
    warned = row.warned
    if warned is None:
        return [row.past.order, "", "", ""]
    late = "" if warned.two_days_before is None else f"{warned.two_days_before:.6f}"
    days = [day.isoformat() if day else "" for day in (warned.noticed_on, warned.renewed_on)]
    return [row.past.order, late, *days]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no day; write it as 2018-01-01") from None


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is no number of orders; write 200 to know 200")
    return int(text)


def _target(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.0 < value < 1.0:
        raise ArgumentTypeError(f"{text!r} is no share; write 0.95 to keep 95 of 100")
    return value
