"""One PostgreSQL server on a Unix socket."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
from functools import cached_property
from pathlib import Path
from typing import Any

from shop.embedded.binaries import find_postgres, major_version, reachable_copy, traversable
from shop.embedded.errors import EmbeddedError
from shop.embedded.locks import Life
from shop.embedded.logs import open_log, tail
from shop.embedded.places import ROOTS_STORE, SOCKET_NAME, Places

USER = "kingpost"
DATABASE = "kingpost"
READY_WITHIN_SECONDS = 120  # recovery after a crash takes its time
STOPPED_WITHIN_SECONDS = 60
STARTING_UP = b"57P03"  # SQLSTATE cannot_connect_now


class Postgres:
    name = "PostgreSQL"
    variable = "DATABASE_URL"

    def __init__(self, places: Places, *, durable: bool) -> None:
        self.places = places
        self.durable = durable
        self.log = places.home / "postgres.log"
        self.life = Life(places.home / "postgres.alive")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgres://{USER}@/{DATABASE}?host={self.places.pg_sockets}"

    def answers(self) -> bool:
        """Whether a client would be let in: say hello as a client does, and hear neither silence nor "starting up"."""
        hello = b"".join(word.encode() + b"\0" for word in ("user", USER, "database", "postgres")) + b"\0"
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as wire:
            wire.settimeout(2)
            wire.connect(str(self.places.pg_sockets / SOCKET_NAME))
            wire.sendall(struct.pack("!ii", len(hello) + 8, 3 << 16) + hello)
            reply = wire.recv(200)
            return reply[:1] == b"R" or (reply[:1] == b"E" and STARTING_UP not in reply)
        return False

    def start(self) -> None:
        """Start the server unless it answers, wait until it does, and make the shop's database.

        Raises EmbeddedError when it does not come up.
        """
        try:
            self._start()
        except EmbeddedError:
            if self.durable or not self._cluster.exists():
                raise
            shutil.rmtree(self._cluster)  # the machine went down while nothing was synced: it is only tests' data
            self._start()

    def _start(self) -> None:
        if not self.answers():
            self._create_cluster()
            self._wait(None if self.life.alive() else self.launch())
        self._create_database()

    def launch(self) -> subprocess.Popen[bytes]:
        """Start the process without waiting for an answer; only when no older one lives."""
        self._clear_stale_pid_files(self._cluster)
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.places.pg_sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "120",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_min_messages": "warning",
            "logging_collector": "off",
        }
        if not self.durable:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
            options |= {"wal_level": "minimal", "max_wal_senders": "0", "autovacuum": "off", "jit": "off"}
        command = [str(self._bin / "postgres"), "-D", str(self._cluster)]
        for option, value in options.items():
            command += ["-c", f"{option}={value}"]
        with self.life.hand_over() as alive, open_log(self.log) as log:
            self._process = process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # a terminal's Ctrl-C is not for the server
                pass_fds=[alive],
                cwd="/",
                **self._as_server_user(),
            )
            self.life.note_pid(process.pid)
        return process

    def stop(self) -> None:
        """Stop fast and clean; if that takes a minute, as in a crash (the journal makes that safe too)."""
        pid = self.life.pid()
        if pid is None:
            return
        for sign in (signal.SIGINT, signal.SIGQUIT):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, sign)
            deadline = time.monotonic() + STOPPED_WITHIN_SECONDS
            while self.life.alive() and time.monotonic() < deadline:
                time.sleep(0.02)
            if not self.life.alive():
                break
        if self._process:
            self._process.poll()

    def forget(self) -> list[Path]:
        """The folders that hold everything this server knows."""
        return list(self.places.store.glob("pg[0-9]*"))

    # -- the cluster ------------------------------------------------------------------------------------------

    @cached_property
    def _bin(self) -> Path:
        programs = find_postgres()
        if self.places.pg_user and not traversable(programs.resolve()):
            ROOTS_STORE.mkdir(parents=True, exist_ok=True, mode=0o711)
            programs = reachable_copy(programs, ROOTS_STORE)
        return programs

    @cached_property
    def _cluster(self) -> Path:
        return self.places.store / f"pg{major_version(self._bin)}"

    def _create_cluster(self) -> None:
        """Make an empty cluster beside its final place and rename it: there is never half of one."""
        cluster = self._cluster
        if (cluster / "PG_VERSION").exists():
            return
        others = sorted(old.name for old in self.forget())
        if others:
            raise EmbeddedError(
                f"{self.places.store} holds data of another version ({', '.join(others)}), this one is {cluster.name}: "
                "dump it with the older programs (KINGPOST_PG_BIN), or move that folder away to begin empty."
            )
        for unfinished in self.places.store.glob(".initdb-*"):
            shutil.rmtree(unfinished, ignore_errors=True)
        building = Path(tempfile.mkdtemp(prefix=".initdb-", dir=self.places.store))
        if self.places.pg_user:
            os.chown(building, self.places.pg_user.uid, self.places.pg_user.gid)
        # Never the locale of the machine: text sorts and upper-cases the same everywhere.
        locale = ["--locale-provider=builtin"] if int(cluster.name[2:]) >= 17 else []
        command = [str(self._bin / "initdb"), "-D", str(building), "-U", USER, "--auth=trust", "--encoding=UTF8"]
        command += [*locale, "--locale=C.UTF-8", *([] if self.durable else ["--no-sync"])]
        made = subprocess.run(command, capture_output=True, text=True, cwd="/", **self._as_server_user())
        if made.returncode != 0:
            shutil.rmtree(building, ignore_errors=True)
            words = " / ".join((made.stderr or made.stdout).strip().splitlines()[-2:])
            raise EmbeddedError(f"PostgreSQL could not make its data folder in {self.places.store}: {words}")
        building.rename(cluster)

    def _create_database(self) -> None:
        import psycopg  # the one package, only there once setup has run

        place = f"host='{self.places.pg_sockets}' port=5432 user={USER} dbname=postgres"
        try:
            with psycopg.connect(place, autocommit=True, connect_timeout=30) as connection:
                found = connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone()
                if found is None:
                    connection.execute(f"create database {DATABASE}")
        except psycopg.Error as error:
            raise EmbeddedError(f"PostgreSQL in {self.places.store} runs but refuses us: {error}") from error

    # -- the process ------------------------------------------------------------------------------------------

    def _as_server_user(self) -> dict[str, Any]:
        user = self.places.pg_user
        return {"user": user.uid, "group": user.gid, "extra_groups": []} if user else {}

    def _wait(self, process: subprocess.Popen[bytes] | None) -> None:
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while not self.answers():
            if process and process.poll() is not None:
                raise EmbeddedError(f"PostgreSQL did not start ({self.log}): {tail(self.log)}")
            if process is None and not self.life.alive():
                process = self.launch()  # the one we were waiting for has ended
            if time.monotonic() > deadline:
                raise EmbeddedError(
                    f"PostgreSQL does not answer after {READY_WITHIN_SECONDS} seconds; its log is {self.log}."
                )
            time.sleep(0.03)

    def _clear_stale_pid_files(self, cluster: Path) -> None:
        """Remove what a crash left behind: PostgreSQL refuses to start when the number in it lives, whoever that is.

        No process of ours lives (its lock is free), so the file is stale unless somebody started a server by hand.
        """
        for file in (cluster / "postmaster.pid", self.places.pg_sockets / f"{SOCKET_NAME}.lock"):
            try:
                pid = abs(int(file.read_text().splitlines()[0]))
            except (OSError, ValueError, IndexError):
                file.unlink(missing_ok=True)
                continue
            if str(cluster) in _command_line(pid):
                raise EmbeddedError(
                    f"A PostgreSQL that Kingpost did not start (process {pid}) uses {cluster}: stop it first."
                )
            file.unlink(missing_ok=True)


def _command_line(pid: int) -> str:
    """The words `pid` was started with, "" when there is none; slim images lack ps, macOS lacks /proc."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    with contextlib.suppress(OSError):
        look = ["ps", "-ww", "-o", "args=", "-p", str(pid)]
        return subprocess.run(look, capture_output=True, text=True).stdout
    return ""
