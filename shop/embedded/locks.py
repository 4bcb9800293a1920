"""File locks that the kernel drops however their holder ends: nothing here can go stale."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

ASKED_WITHIN_SECONDS = 1  # a question whether the server lives holds the lock no longer than this


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock at `path` for the length of the block, waiting for it."""
    lock = open_lock(path)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def open_lock(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def try_lock(lock: int) -> bool:
    """Turn `lock` into an exclusive one if nobody else holds it; never wait."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class Life:
    """Tell whether a server process is alive: it inherits this lock, so the lock lives as long as it does.

    A number in a file lies after a reboot or in a container, where numbers are used again. The number in
    this file counts only while the lock is held.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def alive(self) -> bool:
        """Ask with a shared lock: those who ask at the same time do not take each other for the server."""
        lock = open_lock(self.path)
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(lock)
        return False

    @contextlib.contextmanager
    def hand_over(self) -> Iterator[int]:
        """Yield the locked descriptor a new server process has to inherit."""
        lock = open_lock(self.path)
        try:
            deadline = time.monotonic() + ASKED_WITHIN_SECONDS
            while not try_lock(lock):
                if time.monotonic() > deadline:
                    raise BlockingIOError(errno.EWOULDBLOCK, "a server of ours still lives", str(self.path))
                time.sleep(0.01)
            os.ftruncate(lock, 0)
            yield lock
        finally:
            os.close(lock)

    def note_pid(self, pid: int) -> None:
        self.path.write_text(f"{pid}\n")

    def pid(self) -> int | None:
        """The number of the living server process, None when there is none."""
        if not self.alive():
            return None
        text = self.path.read_text().strip()
        return int(text) if text.isdigit() else None
