"""How fast the catalogue is, beside a floor measured in the same run on the same server.

`make bench`.  KINGPOST_BENCH_SECONDS sets how long each page is asked (default 5).
Budgets: ux reference 4.7 and issue 2.  The number of queries is judged always, the time only when nobody else keeps
the machine busy; the ratio is a goal and is printed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest

from tests.bench.machine import Measured, Server, count_queries, fetch, measure, private_database, running_shop

pytestmark = pytest.mark.bench

PRODUCTS = 1000
MOST_QUERIES = 12
MOST_MS = 120.0
RATIO_GOAL = 0.5
IDLE_LOAD = 0.5  # processes waiting for each core before we start


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with private_database() as url, running_shop(url, products=PRODUCTS) as server:
        yield server


@pytest.fixture(scope="module")
def pages(server: Server) -> dict[str, str]:
    """The first category with a full page, and the first product on it."""
    home = fetch(server.port, "/")[1].decode()
    category = re.findall(r'href="(/c/[^"?]+/)"', home)[0]
    shelf = fetch(server.port, category)[1].decode()
    return {"product": re.findall(r'href="(/p/[^"?]+/)', shelf)[0], "category": category}


@pytest.mark.parametrize("kind", ["product", "category"])
def test_page_keeps_its_budget(kind: str, server: Server, pages: dict[str, str]) -> None:
    page = pages[kind]
    idle = os.getloadavg()[0] < (os.cpu_count() or 1) * IDLE_LOAD
    queries = count_queries(server, page)

    ours, floor = measure(server, page), measure(server, f"/bench/floor{page}")

    print(report(kind, page, queries, ours, floor))
    assert queries <= MOST_QUERIES
    if idle:
        assert ours.p95_ms <= MOST_MS
    else:
        print("  somebody else keeps this machine busy: times are not judged")


def report(kind: str, page: str, queries: int, ours: Measured, floor: Measured) -> str:
    """Say it in three lines."""
    ratio, by_cpu = ours.per_second / floor.per_second, floor.cpu_ms / ours.cpu_ms
    verdict = "reached" if ratio >= RATIO_GOAL else "not reached"
    return (
        f"\n{kind} page {page} with {PRODUCTS} products: {queries} queries"
        f"\n  page  {_line(ours)}"
        f"\n  floor {_line(floor)}; ratio {ratio:.2f}, by CPU {by_cpu:.2f} (goal {RATIO_GOAL}: {verdict})"
    )


def _line(measured: Measured) -> str:
    return f"{measured.per_second:7.1f} requests/s, p95 {measured.p95_ms:6.1f} ms, CPU {measured.cpu_ms:5.1f} ms"
