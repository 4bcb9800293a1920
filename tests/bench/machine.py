"""A shop of its own to measure: a private database, two web workers, and clients that keep count."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from tests.processes import CHECKOUT, clean_environment, free_port, wait_for

WORKERS = 2
CONNECTIONS = 16
SECONDS = float(os.environ.get("KINGPOST_BENCH_SECONDS", "5"))


@dataclass(frozen=True)
class Measured:
    """Requests per second at full load; 95th percentile and the server's own CPU in ms with one client a worker.

    The CPU of one answer hardly depends on what else the machine does; the other two do.
    """

    per_second: float
    p95_ms: float
    cpu_ms: float


@dataclass(frozen=True)
class Server:
    """A running web server: its port and the process its workers belong to."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """Return the CPU its processes have used so far."""
        return cpu_seconds_of([self.pid, *_children(self.pid)])


def cpu_seconds_of(pids: Iterable[int]) -> float:
    """Return the CPU some processes of this machine have used so far."""
    ticks = (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13] for pid in pids)
    return sum(int(user) + int(system) for user, system in ticks) / os.sysconf("SC_CLK_TCK")


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    found = {int(child) for task in tasks for child in (task / "children").read_text().split()}
    return sorted(found)


@contextmanager
def private_database() -> Iterator[str]:
    """Create a database beside the one in DATABASE_URL, yield its address, drop it afterwards."""
    there = urlsplit(os.environ["DATABASE_URL"])
    name = f"kp_bench_{os.getpid()}"
    place = _conninfo("postgres")
    with psycopg.connect(place, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    try:
        yield urlunsplit(there._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(place, autocommit=True) as admin:
            admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _conninfo(database: str) -> str:
    """Say the same server in libpq's words, as Django understood it."""
    from django.conf import settings

    known = settings.DATABASES["default"]
    words = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
    given = {word: str(known[key]) for word, key in words.items() if known.get(key)}
    if socket := known["OPTIONS"].get("host"):  # the embedded server's
        given["host"] = str(socket)
    return psycopg.conninfo.make_conninfo(dbname=database, **given)


@contextmanager
def running_shop(
    database_url: str, *, products: int, fill: Callable[[psycopg.Cursor], None] | None = None
) -> Iterator[Server]:
    """Migrate, add `products` products to the demo's, let `fill` add more, start the web server."""
    port = free_port()
    environment = clean_environment(
        DATABASE_URL=database_url,
        REDIS_URL=os.environ["REDIS_URL"],
        DJANGO_SETTINGS_MODULE="tests.bench.settings",
        KINGPOST_TESTING="1",
        PYTHONPATH=str(CHECKOUT),
        LOG_LEVEL="WARNING",
    )
    for words in (["migrate", "--noinput", "-v", "0"], ["seed_demo", "-v", "0", "--scale", str(products)]):
        command = [sys.executable, "-m", "django", *words]
        subprocess.run(command, env=environment, cwd=CHECKOUT, check=True, timeout=600)
    with cursor_on(database_url) as cursor:
        if fill:
            fill(cursor)
        cursor.execute("ANALYZE")
    web = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    web += ["--workers", str(WORKERS), "--blocking-threads", "4", "--no-ws", "--no-log", "shop.wsgi:application"]
    server = subprocess.Popen(web, env=environment, cwd=CHECKOUT)
    try:
        wait_for(lambda: _answers(port), seconds=30, what="the web server")
        yield Server(port, server.pid)
    finally:
        server.terminate()
        server.wait(timeout=20)


@contextmanager
def cursor_on(database_url: str) -> Iterator[psycopg.Cursor]:
    """Yield a cursor that commits each statement, on a database beside ours."""
    name = urlsplit(database_url).path.lstrip("/")
    with psycopg.connect(_conninfo(name), autocommit=True, cursor_factory=psycopg.ClientCursor) as admin:
        yield admin.cursor()


def _answers(port: int) -> bool:
    try:
        return fetch(port, "/healthz")[0] == 200
    except OSError:
        return False


def fetch(port: int, path: str) -> tuple[int, bytes]:
    """GET one page on a connection of its own."""
    wire = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    wire.request("GET", path)
    answer = wire.getresponse()
    return answer.status, answer.read()


def statements(server: Server, page: str) -> list[str]:
    """Ask the server for the statements `page` runs, values filled in."""
    return list(json.loads(fetch(server.port, f"/bench/queries{page}")[1])["statements"])


def count_queries(server: Server, page: str) -> int:
    """Ask the server how many statements `page` runs."""
    return int(json.loads(fetch(server.port, f"/bench/queries{page}")[1])["queries"])


def measure(server: Server, page: str) -> Measured:
    """Measure one page: first warm, then full load, then one client a worker."""
    port = server.port
    _load(port, page, clients=CONNECTIONS, seconds=1)
    per_second = _wrk(port, page) if shutil.which("wrk") else _rate(_load(port, page, CONNECTIONS, SECONDS))
    before = server.cpu_seconds()
    calm = sorted(_load(port, page, clients=WORKERS, seconds=SECONDS))
    cpu_ms = (server.cpu_seconds() - before) / len(calm) * 1000
    return Measured(per_second, statistics.quantiles(calm, n=100)[94] * 1000, cpu_ms)


def _rate(durations: list[float]) -> float:
    return len(durations) / SECONDS


def _wrk(port: int, page: str) -> float:
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS:.0f}s", f"http://127.0.0.1:{port}{page}"]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    assert "Non-2xx" not in said, said
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    assert found, said
    return float(found[1])


def _load(port: int, page: str, clients: int, seconds: float) -> list[float]:
    """Let `clients` ask again and again for so long; return how long each answer took, in seconds."""
    durations: list[float] = []
    until = time.monotonic() + seconds

    def client() -> None:
        wire = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while time.monotonic() < until:
            began = time.perf_counter()
            wire.request("GET", page)
            answer = wire.getresponse()
            answer.read()
            assert answer.status == 200, f"{page}: {answer.status}"
            durations.append(time.perf_counter() - began)

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return durations
