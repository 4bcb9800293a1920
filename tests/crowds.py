"""Everybody at the same moment: threads with connections of their own that start together.

A crowd of eight or more takes a second or more of both cores: mark such a test `faults`.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

from django.db import connection, connections


def together(*acts: Callable[[], Any]) -> list[Any]:
    """Do everything at once; return what each gave, or the exception it raised."""
    gate = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            gate.wait()
            return act()
        except Exception as refusal:  # the test looks at it
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def at_once(work: Callable[[int], Any], times: int) -> list[Any]:
    """Do `work(0)`, `work(1)` ... at once; return what each gave, or the type of the exception it raised."""
    found = together(*(partial(work, number) for number in range(times)))
    return [type(one) if isinstance(one, Exception) else one for one in found]


def kinds(results: list[Any]) -> list[str]:
    """Name the types of what came back, sorted."""
    return sorted(type(result).__name__ for result in results)
