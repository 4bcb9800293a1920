"""Where the servers keep their data and their sockets, and as whom PostgreSQL runs."""

from __future__ import annotations

import hashlib
import os
import pwd
import re
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from shop.embedded.binaries import traversable
from shop.embedded.errors import EmbeddedError

ROOTS_STORE = Path("/var/lib/kingpost")  # where root keeps what its own closed home would hide from PostgreSQL's user
SOCKET_NAME = ".s.PGSQL.5432"  # a file name; no TCP port is ever opened
LONGEST_SOCKET_PATH = 100  # bytes: 108 on Linux, 104 on macOS, less the closing NUL and some air
PLAIN = re.compile(r"[A-Za-z0-9_./-]+")  # PostgreSQL splits its socket setting at commas, URLs need quoting


@dataclass(frozen=True)
class ServerUser:
    """As whom PostgreSQL runs when we are root; it refuses to run as root."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Places:
    home: Path
    store: Path  # the data folders live here
    sockets: Path
    pg_user: ServerUser | None

    @property
    def pg_sockets(self) -> Path:
        return self.sockets / "pg"

    @property
    def valkey_socket(self) -> Path:
        return self.sockets / "valkey.sock"


def prepare(home: Path) -> Places:
    """Make the folders, private to us, and settle where the sockets go.

    Raises EmbeddedError when a folder belongs to somebody else.
    """
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    user = _server_user()
    store = home
    if user:
        home.chmod(0o711)
        if not traversable(home):
            store = ROOTS_STORE / _digest(home)
            store.mkdir(parents=True, exist_ok=True, mode=0o711)
    sockets = store / "run"
    if not PLAIN.fullmatch(str(sockets)) or len(os.fsencode(sockets / "pg" / SOCKET_NAME)) > LONGEST_SOCKET_PATH:
        sockets = Path("/tmp") / f"kingpost-{os.geteuid()}-{_digest(home)}"  # noqa: S108 - checked to be ours below
    places = Places(home, store, sockets, user)
    # The server's user has to walk through the outer folder, and owns the inner one.
    _own_folder(sockets, None, 0o711 if user else 0o700)
    _own_folder(places.pg_sockets, user, 0o700)
    return places


def tidy(places: Places) -> None:
    """Leave nothing in /tmp once the servers have stopped."""
    if places.store not in places.sockets.parents:
        shutil.rmtree(places.sockets, ignore_errors=True)


def _digest(home: Path) -> str:
    return hashlib.sha256(os.fsencode(home)).hexdigest()[:10]


def _server_user() -> ServerUser | None:
    if os.geteuid() != 0:
        _refuse_nameless_user()
        return None
    for name in (os.environ.get("KINGPOST_PG_USER"), "postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name or "")
        except KeyError:
            continue
        return ServerUser(entry.pw_uid, entry.pw_gid)
    raise EmbeddedError(
        "PostgreSQL does not run as root and there is no user postgres or nobody: set KINGPOST_PG_USER."
    )


def _refuse_nameless_user() -> None:
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        raise EmbeddedError(
            f"User number {os.geteuid()} has no name on this machine, which PostgreSQL needs: "
            "set DATABASE_URL and REDIS_URL."
        ) from None


def _own_folder(path: Path, user: ServerUser | None, mode: int) -> None:
    """Make `path`, or accept it only if it is a real folder of ours: /tmp is shared, somebody may have been first."""
    try:
        path.mkdir(mode=mode, parents=True)
        if user:
            os.chown(path, user.uid, user.gid)
    except FileExistsError:
        pass
    found = path.lstat()
    owner = user.uid if user else os.geteuid()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077 & ~mode:
        raise EmbeddedError(
            f"{path} exists but is not a private folder of user number {owner}: remove it and start again."
        )
