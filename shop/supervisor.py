"""Keep a family of processes running, and leave nobody behind. Standard library alone.

Every child leads a session of its own, so a terminal's Ctrl-C reaches only us and its whole group can be ended;
on Linux the kernel ends the children when we are gone, however that happened.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

STOP_WITHIN_SECONDS = 20
STEADY_AFTER_SECONDS = 60  # a child that ran this long begins its back-off anew
LONGEST_PAUSE_SECONDS = 30
LOOK_EVERY_SECONDS = 0.25
LARGEST_LOG_BYTES = 5_000_000
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """One process to keep running. Children of a lower `stop_first` number are stopped earlier."""

    name: str
    command: Sequence[str]
    stop_first: int
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    due: float = 0.0
    failures: int = 0

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None


@dataclass
class Supervisor:
    children: list[Child]
    logs: Path
    say: Callable[[str], None]
    watch: Callable[[], Sequence[str]] = field(default=lambda: ())  # starts dead servers again, tells their names
    _stop: int | None = None
    _hurry: bool = False

    def run(self, *, on_start: Callable[[Callable[[], bool]], None]) -> None:
        """Start all children, call `on_start` with "are we asked to stop?", then watch until a stop signal; stop all.

        Call it from the main thread: the kernel ties the children's lives to the thread that started them.
        """
        self.logs.mkdir(parents=True, exist_ok=True)
        before = {sign: signal.signal(sign, self._note_stop) for sign in STOP_SIGNALS}
        try:
            for child in self.children:
                self._start(child)
            on_start(self._look)
            while not self._look():
                time.sleep(LOOK_EVERY_SECONDS)
        finally:
            self._stop_all()
            for sign, handler in before.items():
                signal.signal(sign, handler)

    def _note_stop(self, sign: int, frame: FrameType | None) -> None:
        self._hurry = self._stop is not None  # asked twice: do not wait any longer
        self._stop = sign

    def _look(self) -> bool:
        """Start again what has ended; return whether we are asked to stop."""
        if self._stop is not None:
            return True
        for name in self.watch():
            self.say(f"{name} was gone and has been started again.")
        now = time.monotonic()
        for child in self.children:
            if child.alive:
                continue
            if child.process is not None:
                self._note_end(child, now)
            elif now >= child.due:
                self._start(child)
        return False

    def _start(self, child: Child) -> None:
        log = self.logs / f"{child.name}.log"
        if log.exists() and log.stat().st_size > LARGEST_LOG_BYTES:
            log.replace(log.with_suffix(".log.old"))
        with log.open("ab") as out:
            child.process = subprocess.Popen(
                child.command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509 - one thread here
            )
        child.started = time.monotonic()

    def _note_end(self, child: Child, now: float) -> None:
        assert child.process is not None
        code = child.process.returncode
        _signal_group(child.process.pid, signal.SIGKILL)  # what it leaves may hold its port
        child.failures = 0 if now - child.started > STEADY_AFTER_SECONDS else child.failures + 1
        pause = min(2 ** max(child.failures - 1, 0), LONGEST_PAUSE_SECONDS) if child.failures else 1
        child.process, child.due = None, now + pause
        how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
        self.say(f"{child.name} {how}; starting it again in {pause} s (log: {self.logs / child.name}.log).")

    def _stop_all(self) -> None:
        for turn in sorted({child.stop_first for child in self.children}):
            group = [child for child in self.children if child.stop_first == turn and child.alive]
            for child in group:
                assert child.process is not None
                child.process.terminate()  # the leader stops its own people in its own order
            deadline = time.monotonic() + STOP_WITHIN_SECONDS
            while any(child.alive for child in group) and time.monotonic() < deadline and not self._hurry:
                time.sleep(0.05)
        for child in self.children:
            if child.process is not None:
                _signal_group(child.process.pid, signal.SIGKILL)
                child.process.wait()


def _signal_group(leader: int, sign: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, sign)


def _die_with(parent: int) -> Callable[[], None]:
    """Ask the kernel, in the child, for SIGTERM at the parent's death; give up if the parent is gone already."""

    def ask() -> None:
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != parent:
                os._exit(1)

    return ask
