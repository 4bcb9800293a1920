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
WATCH_EVERY_SECONDS = 1
LARGEST_LOG_BYTES = 5_000_000
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """One process to keep running. Children of a lower `stop_turn` are stopped earlier.

    One that is `held` starts only when `Supervisor.start_held` is called.
    """

    name: str
    command: Sequence[str]
    stop_turn: int
    held: bool = False
    due: float = 0.0
    _process: subprocess.Popen[bytes] | None = None
    _started: float = 0.0
    _failures: int = 0

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, *, folder: Path, logs: Path) -> None:
        """Start the process in a session of its own, working in `folder`, its words going to `<logs>/<name>.log`."""
        log = logs / f"{self.name}.log"
        if log.exists() and log.stat().st_size > LARGEST_LOG_BYTES:
            log.replace(log.with_suffix(".log.old"))
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                self.command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                preexec_fn=_die_with(os.getpid()),  # we have one thread, so this is safe
            )
        self._started = time.monotonic()

    def end_of_life(self, now: float) -> str | None:
        """Tell how the process has ended and settle when the next one is due; None while there is nothing to tell."""
        if self._process is None or self._process.poll() is None:
            return None
        code = self._process.returncode
        self.sweep()
        self._process = None
        self._failures = 1 if now - self._started > STEADY_AFTER_SECONDS else self._failures + 1
        pause = min(2 ** (self._failures - 1), LONGEST_PAUSE_SECONDS)
        self.due = now + pause
        how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
        return f"{self.name} {how}; starting it again in {pause} s"

    def ask_to_stop(self) -> None:
        """Ask the leader alone: it stops its own people in its own order."""
        if self._process is not None:
            self._process.terminate()

    def sweep(self) -> None:
        """End whatever is left of the group: it may hold a port, and nothing may stay behind."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


@dataclass
class Supervisor:
    children: list[Child]
    folder: Path  # where the children work
    logs: Path
    say: Callable[[str], None]
    watch: Callable[[], Sequence[str]] = field(
        default=lambda: ()
    )  # looks after what is not our child; tells what it did
    _next_watch: float = 0.0
    _stop: int | None = None
    _hurry: bool = False

    def run(self, *, on_start: Callable[[], None]) -> None:
        """Start the children, call `on_start`, then watch until a stop signal; stop all, whatever happens.

        Call it from the main thread: the kernel ties the children's lives to the thread that started them.
        """
        self.logs.mkdir(parents=True, exist_ok=True)
        before = {sign: signal.signal(sign, self._note_stop) for sign in STOP_SIGNALS}
        try:
            self.look()
            on_start()
            while not self.look():
                time.sleep(LOOK_EVERY_SECONDS)
        finally:
            self._stop_all()
            for sign, handler in before.items():
                signal.signal(sign, handler)

    def _note_stop(self, sign: int, frame: FrameType | None) -> None:
        self._hurry = self._stop is not None  # asked twice: do not wait any longer
        self._stop = sign

    def start_held(self) -> None:
        """Let the children go that were held back."""
        for child in self.children:
            child.held = False

    def look(self) -> bool:
        """Start again what has ended; return whether we are asked to stop."""
        if self._stop is not None:
            return True
        now = time.monotonic()
        if now >= self._next_watch:
            self._next_watch = now + WATCH_EVERY_SECONDS
            for line in self.watch():
                self.say(line)
        for child in self.children:
            if told := child.end_of_life(now):
                self.say(f"{told} (log: {self.logs / child.name}.log).")
            elif not child.alive and not child.held and now >= child.due:
                child.start(folder=self.folder, logs=self.logs)
        return False

    def _stop_all(self) -> None:
        for turn in sorted({child.stop_turn for child in self.children}):
            leaving = [child for child in self.children if child.stop_turn == turn and child.alive]
            for child in leaving:
                child.ask_to_stop()
            deadline = time.monotonic() + STOP_WITHIN_SECONDS
            while any(child.alive for child in leaving) and time.monotonic() < deadline and not self._hurry:
                time.sleep(0.05)
        for child in self.children:
            child.sweep()


def _die_with(parent: int) -> Callable[[], None]:
    """Ask the kernel, in the child, for SIGTERM at the parent's death; give up if the parent is gone already."""

    def ask() -> None:
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != parent:
                os._exit(1)

    return ask
