"""The rush: two hundred checkouts by fifty people at once, two things in opposite order, a hundred pieces of each.

Source: reliability reference T01.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import product

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import Sum
from django.utils import timezone

from orders.models import OrderLine
from shop.models import StockLevel, StockReservation, Variant
from shop.operations import stock
from shop.operations.stock import allocation, movements
from tests.factories.bags import filled_bag
from tests.factories.shop import VariantFactory
from tests.faults.front import FILLED, Browser, hidden_fields, web_server

UNTIDY = pytest.mark.unaudited("pieces are spoken for without an order")
pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

PEOPLE, EACH, PIECES = 50, 4, 100
MOST_SECONDS = 2.0  # the slowest press but one in twenty, when nobody else keeps the machine busy


@dataclass
class Try:
    """One checkout: how many of each it wanted, how it ended, how long the presses took (seconds)."""

    wants: tuple[int, int]
    outcome: str
    seconds: list[float]


def test_two_hundred_checkouts_sell_what_is_there_and_no_piece_more(port: int) -> None:
    idle = os.getloadavg()[0] < (os.cpu_count() or 1) / 2
    mug, bowl = VariantFactory(stock=PIECES), VariantFactory(stock=PIECES)
    sizes = list(product((1, 2, 3), repeat=2))
    wishes = [sizes[number % len(sizes)] for number in range(PEOPLE * EACH)]
    tokens = [bag((mug, bowl), want, number) for number, want in enumerate(wishes)]

    tries = rush(port, [(tokens[n::PEOPLE], wishes[n::PEOPLE]) for n in range(PEOPLE)])

    left = tuple(StockLevel.objects.get(variant=variant).available for variant in (mug, bowl))
    sold = OrderLine.objects.aggregate(pieces=Sum("quantity"))["pieces"]
    falsely = [one for one in tries if one.outcome == "sold out" and fits(one.wants, left)]
    slowest = sorted(seconds for one in tries for seconds in one.seconds)
    told = Counter(one.outcome for one in tries)
    p95 = slowest[int(len(slowest) * 0.95)]
    print(f"\n{dict(told)}; sold {sold}, left {left}; p95 of a press {p95:.2f} s")
    assert p95 <= MOST_SECONDS or not idle
    assert set(told) == {"ordered", "sold out"}
    assert sold == 2 * PIECES - sum(left)
    assert min(left) >= 0
    assert falsely == []
    assert not StockReservation.objects.exists()


def fits(wants: tuple[int, int], left: tuple[int, int]) -> bool:
    """Tell whether a checkout that was refused could have been served: what is left at the end was there all along."""
    return all(pieces <= there for pieces, there in zip(wants, left, strict=True))


def bag(variants: tuple[Variant, Variant], want: tuple[int, int], number: int) -> str:
    pairs = list(zip(variants, want, strict=True))
    _cart, token = filled_bag(*(reversed(pairs) if number % 2 else pairs), at=timezone.now())
    return token


@pytest.fixture
def port() -> Iterator[int]:
    """A real web server: two processes, as many hands as in production."""
    with web_server() as server:
        yield server.port


def rush(port: int, work: list[tuple[list[str], list[tuple[int, int]]]]) -> list[Try]:
    """Let everybody start together; each does one checkout after the other."""
    start = threading.Barrier(len(work))

    def one(number: int) -> list[Try]:
        tokens, wishes = work[number]
        start.wait()
        return [check_out(Browser(port, token, number), want) for token, want in zip(tokens, wishes, strict=True)]

    with ThreadPoolExecutor(len(work)) as pool:
        return [each for tries in pool.map(one, range(len(work))) for each in tries]


def check_out(browser: Browser, want: tuple[int, int]) -> Try:
    """Begin, look, order; anything that is neither an order nor a refusal is an outcome of its own name."""
    done = Try(want, "", [])

    def press(**fields: str) -> int:
        began = time.monotonic()
        status, _page = browser.ask("POST", **fields)
        done.seconds.append(time.monotonic() - began)
        return status

    try:
        status = press(action="start")
        if status == 302:
            _status, page = browser.ask("GET")
            status = press(**FILLED, **hidden_fields(page))
        done.outcome = {302: "ordered", 409: "sold out"}.get(status, str(status))
    except Exception as problem:
        done.outcome = type(problem).__name__
    return done


@UNTIDY
def test_levels_locked_in_the_order_of_the_wishes_lock_each_other_out(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: with the order of ids nobody waits in a circle; with each one's own order two do."""
    variants = VariantFactory(), VariantFactory()
    assert opposite_orders(variants, now) == ["done", "done"]
    both = threading.Barrier(2)

    def in_order_of_wishes(variant_ids: set[int]) -> dict[int, list[StockLevel]]:
        mine = list(variant_ids) if threading.current_thread().name.endswith("_0") else list(variant_ids)[::-1]
        found = {}
        for variant_id in mine:
            found[variant_id] = list(StockLevel.objects.select_for_update().filter(variant=variant_id).order_by("id"))
            if len(found) == 1:
                both.wait(timeout=5)
        return found

    monkeypatch.setattr(allocation, "lock_levels", in_order_of_wishes)
    assert sorted(opposite_orders(variants, now, "again")) == ["deadlock", "done"]


def opposite_orders(variants: tuple[Variant, Variant], now: datetime, key: str = "once") -> list[str]:
    def one(number: int) -> str:
        wanted = [stock.Wanted(variant.pk, 1, f"{key}:{number}:{variant.pk}") for variant in variants]
        try:
            with transaction.atomic():
                stock.allocate(wanted=wanted[:: -1 if number else 1], order_number=f"KP-{number}", at=now)
        except OperationalError as problem:
            return "deadlock" if "deadlock" in str(problem) else str(problem)
        else:
            return "done"
        finally:
            connection.close()

    with ThreadPoolExecutor(2, thread_name_prefix="buyer") as pool:
        return list(pool.map(one, range(2)))


@UNTIDY
def test_without_the_lock_a_piece_somebody_holds_is_sold(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the courtesy: whoever looks for reservations before the shelf is his, sells what others hold."""
    variant = VariantFactory(stock=1)
    looked, held = threading.Event(), threading.Event()
    honest = movements.held_by_others

    def look_too_early(levels: list[StockLevel], holder: str) -> dict[int, list[StockReservation]]:
        found = honest(levels, holder)
        if holder == "buyer":
            looked.set()
            held.wait(timeout=5)
        return found

    def unlocked(variant_ids: set[int]) -> dict[int, list[StockLevel]]:
        return {pk: list(StockLevel.objects.filter(variant=pk)) for pk in variant_ids}

    monkeypatch.setattr(allocation, "held_by_others", look_too_early)
    monkeypatch.setattr(allocation, "lock_levels", unlocked)

    def buy() -> None:
        try:
            with transaction.atomic():
                item = stock.Wanted(variant.pk, 1, "k")
                stock.allocate(wanted=[item], order_number="KP-1", at=now, holder="buyer")
        finally:
            connection.close()

    thread = threading.Thread(target=buy)
    thread.start()
    looked.wait(timeout=5)
    stock.reserve(wanted=[stock.Wanted(variant.pk, 1, "")], holder="ana")
    held.set()
    thread.join()

    level = StockLevel.objects.annotate(held=Sum("reservations__quantity")).get()
    assert (level.available, level.held) == (0, 1)  # sold, and held for Ana all the same
