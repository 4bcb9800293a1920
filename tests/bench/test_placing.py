"""How fast orders of three lines are placed, beside a floor: the same statements on a raw cursor.

`make bench`.  KINGPOST_BENCH_PLACED sets how many orders each run places (default 240).  The number of queries is
judged always, the time only when nobody else keeps the machine busy.  Source: issue 3: at most 60 queries, p95 300 ms
with one client a worker, 30 orders a second with eight.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, Queue
from uuid import uuid4

import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from orders.models import Cart, CartLine, Order
from orders.rules.tokens import hash_token
from shop.models import Variant
from shop.queries.audit import breaches
from tests.bench import replay
from tests.bench.machine import WORKERS, Server, cpu_seconds_of
from tests.factories.orders import service_level
from tests.factories.shop import VariantFactory
from tests.faults.front import BY_CARD, Browser, hidden_fields, web_server
from tests.faults.harness import database_url

pytestmark = [pytest.mark.bench, pytest.mark.django_db(transaction=True)]

ORDERS = int(os.environ.get("KINGPOST_BENCH_PLACED", "240"))
CLIENTS, LINES, ARTICLES = 8, 3, 30
MOST_QUERIES, MOST_MS, LEAST_PER_SECOND = 60, 300.0, 30.0
IDLE_LOAD = 0.5
GRACE = 0.8  # a machine that others keep busy takes a little more CPU for the same work


@dataclass(frozen=True)
class Placed:
    """Orders a second, the 95th percentile of one in ms, and what CPU one takes of web server and database in ms.

    The CPU hardly depends on what else the machine does; the other two do.
    """

    per_second: float
    p95_ms: float
    web_ms: float = 0.0
    database_ms: float = 0.0

    @property
    def by_two_cores(self) -> float:
        """Return how many orders a second two cores place that have nothing else to do."""
        return 2000 / (self.web_ms + self.database_ms)


@pytest.fixture
def bags() -> list[tuple[Cart, str]]:
    """Bags of three articles out of thirty, with their tokens; every sum and every day is the same."""
    service_level()
    shelf = [VariantFactory(stock=10_000) for _ in range(ARTICLES)]
    tokens = [uuid4().hex for _ in range(3 * ORDERS + 4 * CLIENTS)]
    at = timezone.now()
    carts = Cart.objects.bulk_create(
        Cart(id=900_000_000 + n, token_hash=hash_token(t), touched_at=at) for n, t in enumerate(tokens)
    )
    CartLine.objects.bulk_create(line for n, cart in enumerate(carts) for line in lines_of(cart, n, shelf))
    return list(zip(carts, tokens, strict=True))


def lines_of(cart: Cart, number: int, shelf: list[Variant]) -> list[CartLine]:
    picked = [shelf[(number + 7 * step) % ARTICLES] for step in range(LINES)]
    return [
        CartLine(cart=cart, variant=one, quantity=1, shown_price_minor=one.price_minor, added_at=cart.touched_at)
        for one in picked
    ]


@pytest.fixture
def server() -> Iterator[Server]:
    with web_server(workers=WORKERS) as server:
        yield server


def test_orders_are_placed_within_their_budget(bags: list[tuple[Cart, str]], server: Server) -> None:
    idle = os.getloadavg()[0] < (os.cpu_count() or 1) * IDLE_LOAD
    cart, token = bags.pop()
    shown = hidden_fields(Browser(server.port, token, 0).ask("GET")[1])["shown"]
    pattern = replay.record(browser_of(token), form(shown), cart)
    place(server, [bags.pop() for _ in range(2 * CLIENTS)], shown, CLIENTS)  # warm

    calm = place(server, [bags.pop() for _ in range(ORDERS)], shown, WORKERS)
    full = place(server, [bags.pop() for _ in range(ORDERS)], shown, CLIENTS)
    floor = replay_all(pattern, [bags.pop() for _ in range(ORDERS)])
    ratio = full.per_second / floor.per_second

    print(
        f"\nplacing orders of {LINES} lines: {pattern.asked} queries"
        f"\n  {WORKERS} clients  {line(calm)}"
        f"\n  {CLIENTS} clients  {line(full)}; two cores alone: {full.by_two_cores:.0f} orders/s"
        f"\n  floor      {line(floor)}, the same statements by {CLIENTS} raw cursors; ratio {ratio:.2f}"
    )
    assert Order.objects.filter(status="placed").count() == 3 * ORDERS + 2 * CLIENTS + 1
    assert pattern.asked <= MOST_QUERIES
    assert breaches() == []
    assert full.by_two_cores >= LEAST_PER_SECOND * GRACE
    if idle:
        assert calm.p95_ms <= MOST_MS
        assert full.per_second >= LEAST_PER_SECOND
    else:
        print("  somebody else keeps this machine busy: times are not judged")


def line(placed: Placed) -> str:
    cpu = f", CPU an order: web {placed.web_ms:4.1f} ms, database {placed.database_ms:4.1f} ms"
    return f"{placed.per_second:6.1f} orders/s, p95 {placed.p95_ms:6.1f} ms{cpu if placed.web_ms else ''}"


def browser_of(token: str) -> Client:
    browser = Client()
    browser.cookies["bag"] = token
    return browser


def form(shown: str) -> dict[str, str]:
    return BY_CARD | {"shown": shown, "key": str(uuid4())}


def place(server: Server, bags: list[tuple[Cart, str]], shown: str, clients: int) -> Placed:
    """Press the button for every bag, so many at a time."""

    @contextmanager
    def one() -> Iterator[Callable[[Cart, str], None]]:
        yield lambda cart, token: press(Browser(server.port, token, cart.pk % 250), shown)

    web, database = server.cpu_seconds(), database_seconds()
    placed = in_turns(one, bags, clients)
    share = 1000 / len(bags)
    web, database = (server.cpu_seconds() - web) * share, (database_seconds() - database) * share
    return replace(placed, web_ms=web, database_ms=database)


def database_seconds() -> float:
    """Return the CPU of the database's processes that serve this test, while they live; 0 when it is elsewhere."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        pids = [pid for (pid,) in cursor.fetchall()]
    return cpu_seconds_of(pid for pid in pids if ours(pid))


def ours(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/comm").read_text().startswith("postgres")
    except OSError:
        return False


def press(browser: Browser, shown: str) -> None:
    status, page = browser.ask("POST", **form(shown))
    assert status == 302, page


def replay_all(pattern: replay.Pattern, bags: list[tuple[Cart, str]]) -> Placed:
    """Run the statements of an order for every bag, as many at a time as there were clients."""

    @contextmanager
    def one() -> Iterator[Callable[[Cart, str], None]]:
        with psycopg.connect(database_url(), autocommit=True, cursor_factory=psycopg.ClientCursor) as wire:
            cursor = wire.cursor()
            yield lambda cart, _token: replay.run(cursor, pattern, cart)

    return in_turns(one, bags, CLIENTS)


def in_turns(
    client: Callable[[], contextmanager[Callable[[Cart, str], None]]], bags: list[tuple[Cart, str]], clients: int
) -> Placed:
    """Let clients take one bag after the other until none is left."""
    waiting: Queue[tuple[Cart, str]] = Queue()
    for bag in bags:
        waiting.put(bag)

    def work(_number: int) -> list[float]:
        took = []
        with client() as do:
            while True:
                try:
                    cart, token = waiting.get_nowait()
                except Empty:
                    return took
                began = time.perf_counter()
                do(cart, token)
                took.append((time.perf_counter() - began) * 1000)

    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        took = [each for mine in pool.map(work, range(clients)) for each in mine]
    return Placed(len(bags) / (time.perf_counter() - began), statistics.quantiles(took, n=20)[-1])
