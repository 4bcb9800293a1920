"""SIGTERM in the middle of a batch: the message on the line is finished, the rest is given back, then we go."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def finish_current() -> Iterator[Callable[[], bool]]:
    """Yield a question "were we asked to stop?"; a signal that came meanwhile is delivered again at the end.

    Outside the main thread, where signals cannot be caught, the answer is always no.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    caught: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        caught.append(number)

    before = signal.signal(signal.SIGTERM, note)
    try:
        yield lambda: bool(caught)
    finally:
        signal.signal(signal.SIGTERM, before)
        if caught:
            os.kill(os.getpid(), signal.SIGTERM)
