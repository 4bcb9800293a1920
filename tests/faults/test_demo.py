"""The whole demo as a person runs it: started, killed piece by piece, stopped, refused."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import shutil
import signal
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import psycopg
import pytest

from shop import invariants
from shop.embedded import places
from tests.processes import CHECKOUT, clean_environment, free_port, manage, running_on, wait_for

pytestmark = pytest.mark.faults

NO_POSTGRES = "DATABASE_URL names no PostgreSQL: write postgres://user:password@host:5432/name."
CATCH_UP_SECONDS = 40  # the seeded past is told to everybody when the first worker runs
NOTHING_THERE = "127.0.0.1:9"  # the discard port: nobody listens


@dataclass
class Demo:
    process: subprocess.Popen[str]
    folder: Path
    port: int
    printed: Path

    def family(self) -> dict[int, str]:
        """Every living process of this demo, servers included."""
        return running_on(self.folder)

    def leader(self, words: str) -> int:
        """The child of the supervisor whose command line holds `words`."""
        for pid, command in self.family().items():
            if words in command and f"PPid:\t{self.process.pid}\n" in Path(f"/proc/{pid}/status").read_text():
                return pid
        raise LookupError(words)

    def ready(self) -> bool:
        with contextlib.suppress(OSError, http.client.HTTPException):
            wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            wire.request("GET", "/readyz")
            return wire.getresponse().status == 200
        return False

    def told(self, words: str) -> bool:
        return words in self.printed.read_text()


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="kingpost-demo-"))
    made.chmod(0o755)
    yield made
    for pid in running_on(made):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """Another folder; open to all, as pytest's own is not, so that root's servers keep their data inside it."""
    made = Path(tempfile.mkdtemp(prefix="kingpost-elsewhere-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


def _start(folder: Path) -> Demo:
    port = free_port()
    printed = folder / "printed"
    with printed.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, str(CHECKOUT / "manage.py"), "demo"],
            env=clean_environment(DATA_DIR=str(folder), PORT=str(port)),
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            text=True,
            start_new_session=True,
        )
    demo = Demo(process, folder, port, printed)
    wait_for(lambda: process.poll() is not None or demo.told("Ready in"), seconds=90, what="the demo ready")
    assert demo.told("Ready in"), printed.read_text()
    return demo


@pytest.fixture(scope="module")
def demo(folder: Path) -> Iterator[Demo]:
    """One demo for the tests that leave it running."""
    started = _start(folder)
    assert _broken_rules(started) == {}  # fresh: nobody has worked on it yet
    yield started
    started.process.terminate()
    assert started.process.wait(timeout=60) == 0
    assert started.family() == {}


@pytest.fixture(autouse=True)
def _audited_demo(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever was done to the demo, its database soon holds everything it promises."""
    demo: Demo | None = request.getfixturevalue("demo") if "demo" in request.fixturenames else None
    yield
    if demo is None:
        return
    wait_for(demo.ready, seconds=40, what="the demo ready for the audit")
    until = time.monotonic() + CATCH_UP_SECONDS
    while _broken_rules(demo) and time.monotonic() < until:
        time.sleep(0.5)
    assert _broken_rules(demo) == {}


def _broken_rules(demo: Demo) -> dict[str, list[tuple[object, ...]]]:
    with _database(demo) as connection:
        found = {rule.code: connection.execute(rule.statement).fetchall() for rule in invariants.registered()}
    return {code: rows for code, rows in found.items() if rows}


def test_demo_says_where_everything_is(demo: Demo) -> None:
    for words in (f"http://127.0.0.1:{demo.port}/", "/admin/", "/demo/mailbox/", "Ctrl-C stops it"):
        assert demo.told(words)
    assert demo.ready()


def test_watch_of_the_demo_notices_a_late_order_and_writes_to_her_before_its_day(demo: Demo) -> None:
    """The seed only leaves it unpacked; who notices, renews and writes are the worker's own sweeps."""
    wait_for(lambda: _told_of_lateness(demo) == 1, seconds=60, what="the letter of a later day")

    with _database(demo) as connection:
        row = connection.execute(
            "SELECT d.noticed_at < b.breaks_at AND n.told_at < b.breaks_at, b.told_at <= n.told_at, d.settled_at"
            " FROM orders_delaycase d JOIN orders_promise b ON b.id = d.broken_promise_id"
            " JOIN orders_promise n ON n.id = d.new_promise_id WHERE d.cause = 'workshop'"
        ).fetchall()
    assert row == [(True, True, None)]
    files = (demo.folder / "mail").glob("*.eml")
    letters = [message_from_bytes(letter.read_bytes(), policy=default) for letter in files]
    hers = [letter for letter in letters if letter["X-Envelope-To"] == "niamh@example.com"]
    told = [letter for letter in hers if " will be later: arrives " in letter["Subject"]]
    assert len(told) == 1
    text = told[0].get_body(("plain",))
    link = re.search(r"/orders/[\w-]{24,}/", text.get_content()) if text else None
    assert link
    page = _page(demo, link[0])
    for words in ("later than we hoped", "That was our mistake", "What would you like?", "I wait for the new date"):
        assert words in page
    assert " will be later: " in _page(demo, "/demo/mailbox/")


def _told_of_lateness(demo: Demo) -> int:
    """How often the shopper of the order nobody packed was written to about its new day."""
    with _database(demo) as connection:
        row = connection.execute(
            "SELECT count(*) FROM notifications_message WHERE kind = 'order_delayed' AND state = 'sent'"
            " AND recipient LIKE 'niamh@%'"
        ).fetchone()
    return int(str(row[0])) if row else 0


def _page(demo: Demo, path: str) -> str:
    wire = http.client.HTTPConnection("127.0.0.1", demo.port, timeout=10)
    wire.request("GET", path)
    return wire.getresponse().read().decode()


def test_demo_opens_no_database_port(demo: Demo) -> None:
    servers = [command for command in demo.family().values() if "postgres -D" in command or "valkey-server" in command]
    assert len(servers) == 2
    assert any("listen_addresses= " in command for command in servers)


def test_second_demo_in_the_folder_is_refused(demo: Demo) -> None:
    told = manage("demo", environment=clean_environment(DATA_DIR=str(demo.folder), PORT=str(free_port())))
    assert told.returncode == 1
    assert told.stderr == (
        f"Kingpost: the demo already runs on the data in {demo.folder} (process {demo.process.pid}): "
        "stop it, or set DATA_DIR.\n"
    )


def test_taken_port_is_refused_with_a_free_one(demo: Demo, elsewhere: Path) -> None:
    told = manage("demo", environment=clean_environment(DATA_DIR=str(elsewhere), PORT=str(demo.port)))
    assert told.returncode == 1
    assert told.stderr.startswith(f"Kingpost: port {demo.port} on 127.0.0.1 is taken by another program: PORT=")
    assert told.stderr.count("\n") == 1
    offered = int(told.stderr.partition("PORT=")[2].split()[0])
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", offered))


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
def test_what_is_no_port_is_refused(port: str, elsewhere: Path) -> None:
    told = manage("demo", environment=clean_environment(DATA_DIR=str(elsewhere), PORT=port))
    assert (told.returncode, told.stderr) == (
        1,
        f"Kingpost: {port!r} is not a port: it takes a number from 1 to 65535.\n",
    )


def test_folder_that_cannot_be_written_is_refused() -> None:
    told = manage("demo", environment=clean_environment(DATA_DIR="/proc/kingpost", PORT=str(free_port())))
    assert told.returncode == 1
    assert told.stderr.startswith("Kingpost: cannot keep data in /proc/kingpost (")
    assert told.stderr.endswith("): set DATA_DIR to a folder you may write to.\n")
    assert told.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("variable", "url", "words"),
    [
        ("DATABASE_URL", f"postgres://me:secret@{NOTHING_THERE}/shop", "the database in DATABASE_URL does not answer"),
        (
            "REDIS_URL",
            f"redis://:secret@{NOTHING_THERE}/0",
            f"the Redis in REDIS_URL ({NOTHING_THERE}) does not answer",
        ),
        (
            "EMAIL_URL",
            f"smtp://me:secret@{NOTHING_THERE}",
            f"the mail server in EMAIL_URL ({NOTHING_THERE}) does not answer: start it, or unset EMAIL_URL.",
        ),
    ],
)
def test_dead_server_is_refused_in_one_sentence(variable: str, url: str, words: str, elsewhere: Path) -> None:
    environment = clean_environment(DATA_DIR=str(elsewhere), PORT=str(free_port())) | {variable: url}
    told = manage("demo", environment=environment)
    assert told.returncode == 1
    assert words in told.stderr
    assert told.stderr.count("\n") == 1
    assert "secret" not in told.stdout + told.stderr
    assert running_on(elsewhere) == {}


@pytest.mark.parametrize(
    ("variable", "url", "sentence"),
    [
        ("DATABASE_URL", "nonsense", NO_POSTGRES),
        ("DATABASE_URL", "sqlite:///:memory:", NO_POSTGRES),
        ("DATABASE_URL", "mysql://shop@127.0.0.1/shop", NO_POSTGRES),
        ("REDIS_URL", "amqp://broker", "REDIS_URL names no Redis: write redis://host:6379/0."),
        ("EMAIL_URL", "nonsense", "EMAIL_URL names no mail server: write smtp+tls://user:password@host:587."),
    ],
)
def test_server_of_another_kind_is_refused(variable: str, url: str, sentence: str, elsewhere: Path) -> None:
    environment = clean_environment(DATA_DIR=str(elsewhere), PORT=str(free_port())) | {variable: url}
    told = manage("demo", environment=environment)
    assert told.returncode == 1
    assert told.stderr.endswith(f" {sentence}\n")
    assert told.stderr.count("\n") == 1


def test_letter_is_on_the_disk_when_it_is_accepted(demo: Demo) -> None:
    catcher = demo.leader("shop.mail_catcher")
    port = int(demo.family()[catcher].split()[-1])
    with smtplib.SMTP("127.0.0.1", port) as wire:
        wire.sendmail("shop@example.org", ["ann@example.org"], b"Subject: Thank you\r\n\r\nIt arrives on Tuesday.\r\n")
        os.kill(catcher, signal.SIGKILL)
    letters = [letter.read_bytes() for letter in (demo.folder / "mail").glob("*.eml")]  # the seeded orders' too
    assert (
        letters.count(
            b"X-Envelope-From: shop@example.org\r\nX-Envelope-To: ann@example.org\r\n"
            b"Subject: Thank you\r\n\r\nIt arrives on Tuesday.\r\n"
        )
        == 1
    )


@pytest.mark.parametrize("words", ["granian", "worker -c 2", "beat --scheduler", "postgres -D", "valkey-server"])
def test_killed_part_comes_back(demo: Demo, words: str) -> None:
    victim = demo.leader(words)
    os.kill(victim, signal.SIGKILL)

    def back() -> bool:
        with contextlib.suppress(LookupError):
            return demo.leader(words) != victim and demo.ready()
        return False

    wait_for(back, seconds=40, what=f"{words} back")


def test_killed_supervisor_leaves_no_child_and_the_next_start_goes_on(demo: Demo) -> None:
    demo.process.kill()
    demo.process.wait()

    def only_servers() -> bool:
        return all(_is_server(command) for command in demo.family().values())

    wait_for(only_servers, seconds=30, what="web, worker, beat and mail gone")
    servers = {pid for pid, command in demo.family().items() if "postgres -D" in command or "valkey-server" in command}
    again = _start(demo.folder)
    assert servers <= set(again.family())
    demo.process, demo.port = again.process, again.port  # the fixture stops this one


def test_everything_killed_at_once_goes_on_with_the_same_rows(demo: Demo) -> None:
    with _database(demo) as connection:
        connection.execute("create table told as select generate_series(1, 1000) as id")
    for pid in [demo.process.pid, *demo.family()]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    demo.process.wait()
    wait_for(lambda: demo.family() == {}, seconds=10, what="all gone")
    again = _start(demo.folder)
    demo.process, demo.port = again.process, again.port
    with _database(demo) as connection:
        assert connection.execute("select count(*) from told").fetchone() == (1000,)
    assert _told_of_lateness(demo) == 1


def _database(demo: Demo) -> psycopg.Connection[tuple[object, ...]]:
    sockets = places.prepare(demo.folder / "embedded").pg_sockets
    return psycopg.connect(f"host='{sockets}' user=kingpost dbname=kingpost", autocommit=True)


def test_ctrl_c_on_the_terminal_leaves_nothing(demo: Demo) -> None:
    os.killpg(demo.process.pid, signal.SIGINT)
    assert demo.process.wait(timeout=60) == 0
    assert demo.told("Stopped. Everything is kept")
    assert demo.family() == {}
    again = _start(demo.folder)
    demo.process, demo.port = again.process, again.port


def _is_server(command: str) -> bool:
    return "postgres" in command or "valkey-server" in command
