"""Real peers for fault tests: a mail server that misbehaves on demand, a private Redis, worker processes to kill.

Any slice may use them.  Workers see the test's own database; give each test `transactional_db`.
"""

from __future__ import annotations

import asyncio
import contextlib
import email
import email.policy
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiosmtpd.smtp import SMTP
from django.db import connection

from shop.embedded.binaries import find_valkey
from tests.processes import CHECKOUT, clean_environment, free_port

MODES = ("ok", "4xx", "5xx", "slow", "drop")


class SmtpPeer:
    """A mail server in a thread.  `mode` may change at any time; `go_away()` and `come_back()` close and open the port.

    ok accepts; 4xx and 5xx refuse after the text; slow takes `delay_seconds` before it accepts; drop reads the whole
    text and breaks the line without an answer.  Addresses in `refused` get a 550 at RCPT.  `pipelining` offers to take
    commands in one breath.
    """

    def __init__(self, mode: str = "ok", *, pipelining: bool = True) -> None:
        self.mode = mode
        self.pipelining = pipelining
        self.delay_seconds = 1.0
        self.pause_before_accept_seconds = 0.0
        self.refused: set[str] = set()
        self.accepted: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.dropped: list[EmailMessage] = []
        self.text_arrived = threading.Event()
        self.connections = 0
        self.port = free_port()
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.AbstractServer | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="smtp-peer", daemon=True)

    def __enter__(self) -> SmtpPeer:
        logging.getLogger("mail.log").setLevel(logging.WARNING)
        self._thread.start()
        self.come_back()
        return self

    def __exit__(self, *_: object) -> None:
        self.go_away()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    @property
    def url(self) -> str:
        """The EMAIL_URL that leads here."""
        return f"smtp://127.0.0.1:{self.port}"

    def come_back(self) -> None:
        """Open the port."""
        self._server = self._run(self._listen())

    def go_away(self) -> None:
        """Close the port and every line."""
        self._run(self._close())

    def copies(self) -> Counter[str]:
        """How often each Message-ID was accepted."""
        return Counter(letter["Message-ID"].strip() for letter in list(self.accepted))

    def kept_ids(self) -> set[str]:
        """The Message-IDs that were accepted."""
        return set(self.copies())

    async def handle_EHLO(  # noqa: N802 -- aiosmtpd's name
        self, server: SMTP, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        """Say what we can."""
        session.host_name = hostname
        return [*responses[:-1], *["250-PIPELINING"][: self.pipelining], responses[-1]]

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name
        self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Refuse who is on the list."""
        if address in self.refused:
            return "550 5.1.1 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802 -- aiosmtpd's name
        """Answer as the mode says."""
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.raw.append(envelope.content)
        self.text_arrived.set()
        if self.mode == "4xx":
            return "451 4.7.1 Greylisted, come back later"
        if self.mode == "5xx":
            return "554 5.7.1 Refused"
        if self.mode == "drop":
            self.dropped.append(letter)
            assert server.transport is not None
            server.transport.abort()
            return "421 Gone"
        if self.mode == "slow":
            await asyncio.sleep(self.delay_seconds)
        self.accepted.append(letter)
        if self.pause_before_accept_seconds:  # the window between acceptance and the sender's knowing of it
            await asyncio.sleep(self.pause_before_accept_seconds)
        return "250 2.0.0 Kept"

    def _run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    async def _listen(self) -> asyncio.AbstractServer:
        self._lines: set[SMTP] = set()
        return await asyncio.get_running_loop().create_server(self._talk, "127.0.0.1", self.port)

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        for line in self._lines:
            if line.transport is not None:
                line.transport.abort()

    def _talk(self) -> SMTP:
        self.connections += 1
        line = SMTP(self, enable_SMTPUTF8=True, hostname="peer.kingpost.invalid", data_size_limit=25_000_000)
        self._lines.add(line)
        return line


class Broker:
    """A private Redis in a folder of its own, to flush, freeze and kill."""

    def __init__(self) -> None:
        self.port = free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="kp-broker-"))
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Broker:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.thaw()
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def url(self) -> str:
        """The REDIS_URL that leads here."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it empty and wait until it answers."""
        words = [str(find_valkey()), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir"]
        self._process = subprocess.Popen([*words, str(self._folder)], stdout=subprocess.DEVNULL)
        wait_until(self._answers, seconds=10, what="the broker answers")

    def flush(self) -> None:
        """Lose everything."""
        self._client().flushall()

    def freeze(self) -> None:
        """Hang without closing anything."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on after freeze()."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """Be gone."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait(10)
            self._process = None

    def _signal(self, sign: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(sign)

    def _client(self) -> Any:
        import redis

        return redis.Redis.from_url(self.url, socket_timeout=2)

    def _answers(self) -> bool:
        with contextlib.suppress(Exception):
            return bool(self._client().ping())
        return False


class Process:
    """A process group of ours: a Celery worker or beat, started from the checkout, ended by its id alone."""

    def __init__(self, *words: str, environment: dict[str, str], app: str = "shop") -> None:
        self.words = " ".join(words)
        self.log = tempfile.TemporaryFile()  # noqa: SIM115 -- lives as long as the process
        self._process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", app, *words],
            cwd=CHECKOUT,
            env=environment,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def kill(self) -> None:
        """End the whole group with -9."""
        self._send(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask the group to stop, and wait for it."""
        self._send(signal.SIGTERM)
        self._process.wait(60)

    def memory_kb(self) -> int:
        """Return what the group holds in memory, in kB: resident, what the processes share counted for each."""
        held = 0
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError, ProcessLookupError):
                if os.getpgid(int(entry.name)) == self._process.pid:
                    held += int((entry / "statm").read_text().split()[1]) * (os.sysconf("SC_PAGE_SIZE") // 1024)
        return held

    @property
    def alive(self) -> bool:
        """Whether the leader of the group still runs."""
        return self._process.poll() is None

    def said(self) -> str:
        """What it printed so far."""
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def _send(self, sign: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, sign)
        if sign == signal.SIGKILL:
            self._process.wait(10)


class Backroom:
    """Mail server, broker, and as many workers and beats as a test wants, all on the test's own database."""

    def __init__(
        self, peer: SmtpPeer, broker: Broker, *, sweep_seconds: float, lease_seconds: int, **extra: str
    ) -> None:
        self.peer, self.broker = peer, broker
        self._processes: list[Process] = []
        self._environment = clean_environment(
            KINGPOST_TESTING="1",
            DATABASE_URL=database_url(),
            REDIS_URL=broker.url,
            EMAIL_URL=peer.url,
            SWEEP_SECONDS=str(sweep_seconds),
            MESSAGE_LEASE_SECONDS=str(lease_seconds),
            LOG_LEVEL="WARNING",
            **extra,
        )

    def worker(self, *, hands: int = 1, app: str = "shop") -> Process:
        """Start a worker and return at once; it takes about two seconds to listen."""
        quiet = ("--without-gossip", "--without-mingle", "-l", "warning")
        return self._start("worker", "-c", str(hands), "-n", f"{len(self._processes)}@%h", *quiet, app=app)

    def beat(self) -> Process:
        """Start the clock that rings every sweep."""
        schedule = tempfile.mktemp(prefix="kp-beat-")  # noqa: S306 -- beat creates it itself
        return self._start("beat", "-s", schedule, "-l", "warning")

    def memory_kb(self) -> int:
        """Return what all processes hold in memory, in kB."""
        return sum(process.memory_kb() for process in self._processes)

    def said(self) -> str:
        """What all processes printed."""
        return "\n".join(f"--- {process.words}\n{process.said()}" for process in self._processes)

    def close(self) -> None:
        """Kill whatever runs and free the test's database."""
        for process in self._processes:
            process.kill()
        with connection.cursor() as cursor:  # a killed worker's session may outlive it for a moment
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    def _start(self, *words: str, app: str = "shop") -> Process:
        process = Process(*words, environment=self._environment, app=app)
        self._processes.append(process)
        return process


@contextlib.contextmanager
def backroom(*, sweep_seconds: float = 1.0, lease_seconds: int = 45, **extra: str) -> Iterator[Backroom]:
    """Open a mail server, a broker and room for workers; everything is gone afterwards.  `extra` is environment."""
    with SmtpPeer() as peer, Broker() as broker:
        room = Backroom(peer, broker, sweep_seconds=sweep_seconds, lease_seconds=lease_seconds, **extra)
        try:
            yield room
        except BaseException:
            print(room.said())
            raise
        finally:
            room.close()


def database_url() -> str:
    """The address of the database the running test uses: the given one with the test's own name."""
    given = urlsplit(os.environ["DATABASE_URL"])
    # urlunsplit would lose the empty host of a socket's address, which Django's parser needs.
    query = f"?{given.query}" if given.query else ""
    return f"{given.scheme}://{given.netloc}/{connection.settings_dict['NAME']}{query}"


def wait_until(condition: Callable[[], bool], *, seconds: float, what: str) -> float:
    """Wait until `condition` holds and return how many seconds it took.  Fails with `what`."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() < began + seconds, f"not within {seconds} s: {what}"
        time.sleep(0.05)
    return time.monotonic() - began
