"""Both servers under one lease."""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import signal
import sys
from pathlib import Path
from types import FrameType

from shop.embedded import locks, places
from shop.embedded.errors import EmbeddedError
from shop.embedded.postgres import Postgres
from shop.embedded.valkey import Valkey

_current: Servers | None = None


class Servers:
    """The PostgreSQL and the Valkey that live in one folder, shared by all processes that name the same folder."""

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.home = home.absolute()
        self.durable = durable
        self._lease: int | None = None
        self._holder = 0
        self._wanted: list[Postgres | Valkey] = []
        self._both: list[Postgres | Valkey] = []

    def acquire(self, *, postgres: bool = True, valkey: bool = True) -> dict[str, str]:
        """Start what is wanted and not yet there; return the URLs of what was wanted.

        Raises EmbeddedError, in one sentence, when a server cannot be had.
        """
        try:
            self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
            with locks.exclusive(self.home / "lock"):
                self._take_lease()
                self._both = _servers_in(self.home, durable=self.durable)
                wanted = {"DATABASE_URL": postgres, "REDIS_URL": valkey}
                self._wanted = [server for server in self._both if wanted[server.variable]]
                for server in self._wanted:
                    server.start()
        except EmbeddedError:
            self.release()
            raise
        except OSError as error:
            self.release()
            raise EmbeddedError(_explain(error, self.home)) from error
        return {server.variable: server.url for server in self._wanted}

    def revive(self) -> list[str]:
        """Start again what has died, without waiting for its answer; return the names of what was started.

        Raises EmbeddedError when that is impossible.
        """
        try:
            if all(server.life.alive() for server in self._wanted):
                return []
            with locks.exclusive(self.home / "lock"):
                dead = [server for server in self._wanted if not server.life.alive()]
                for server in dead:
                    server.launch()
        except OSError as error:
            raise EmbeddedError(_explain(error, self.home)) from error
        return [server.name for server in dead]

    def pid_of(self, variable: str) -> int | None:
        """The process number of the server behind DATABASE_URL or REDIS_URL, None when it does not run."""
        return next(server.life.pid() for server in self._both if server.variable == variable)

    def release(self) -> None:
        """Give the lease back; the last one to do so stops the servers."""
        if self._lease is None or self._holder != os.getpid():
            return
        with locks.exclusive(self.home / "lock"):
            if locks.try_lock(self._lease):
                _stop(self._both)
            os.close(self._lease)
            self._lease = None

    def wipe(self) -> None:
        """Forget all data, before `acquire`.

        Raises EmbeddedError when another process uses the servers.
        """
        try:
            self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
            with locks.exclusive(self.home / "lock"):
                lease = locks.open_lock(self.home / "lease")
                try:
                    if not locks.try_lock(lease):
                        raise EmbeddedError(f"Another process uses the servers in {self.home}: stop it before a reset.")
                    servers = _servers_in(self.home, durable=True)
                    _stop(servers)
                    for folder in (folder for server in servers for folder in server.forget()):
                        shutil.rmtree(folder)
                finally:
                    os.close(lease)
        except OSError as error:
            raise EmbeddedError(_explain(error, self.home)) from error

    def _take_lease(self) -> None:
        self._lease = locks.open_lock(self.home / "lease")
        fcntl.flock(self._lease, fcntl.LOCK_SH)
        self._holder = os.getpid()


def fill_urls(home: Path, *, durable: bool = True) -> Servers | None:
    """Set DATABASE_URL and REDIS_URL for this process and its children, starting only the server whose URL is missing.

    Returns the servers, None when both URLs were given. They are released at exit, also on SIGTERM and SIGHUP.
    """
    global _current
    postgres, valkey = not os.environ.get("DATABASE_URL"), not os.environ.get("REDIS_URL")
    if not postgres and not valkey:
        return None
    servers = Servers(home, durable=durable)
    atexit.register(servers.release)
    for sign in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(sign) is signal.SIG_DFL:
            signal.signal(sign, _leave)
    os.environ.update(servers.acquire(postgres=postgres, valkey=valkey))
    _current = servers
    return servers


def current() -> Servers | None:
    """The servers this process holds a lease on, None when it uses given ones."""
    return _current


def _servers_in(home: Path, *, durable: bool) -> list[Postgres | Valkey]:
    there = places.prepare(home)
    return [Valkey(there, durable=durable), Postgres(there, durable=durable)]


def _stop(servers: list[Postgres | Valkey]) -> None:
    for server in servers:
        server.stop()
        places.tidy(server.places)


def _leave(sign: int, frame: FrameType | None) -> None:
    sys.exit(128 + sign)


def _explain(error: OSError, home: Path) -> str:
    why = f"{error.filename or home}: {error.strerror}"
    return f"Kingpost cannot keep its data in {home} ({why}): set DATA_DIR to a folder you may write to."
