"""The door-bell: a burst wakes a worker once, and nobody who rings waits."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

import redis
from kombu.utils.json import loads

from shop import doorbell
from shop.celery import app


def rung(names: Iterable[str]) -> Counter[str]:
    """Count how often the queue asks for each of these sweeps; others ring at the same time."""
    door: redis.Redis[Any] = redis.Redis.from_url(os.environ["REDIS_URL"])
    letters = [loads(letter)["headers"]["argsrepr"] for letter in door.lrange(app.conf.task_default_queue, 0, -1)]
    return Counter({name: letters.count(f"['{name}']") for name in names})


def wait_for(*names: str) -> Counter[str]:
    deadline = time.monotonic() + 10
    while not all(rung(names).values()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return rung(names)


def test_a_burst_rings_once_for_each_name() -> None:
    first, second = (f"burst.{uuid4()}" for _ in range(2))

    for _ in range(500):
        doorbell._leave(first)
        doorbell._leave(second)
    found = wait_for(first, second)

    assert {name: 1 <= count <= 2 for name, count in found.items()} == {first: True, second: True}  # two turns at most


def test_who_rings_after_an_answer_is_heard_too() -> None:
    names = [f"later.{uuid4()}" for _ in range(3)]

    heard = []
    for name in names:
        doorbell._leave(name)
        heard.append(wait_for(name)[name])

    assert heard == [1, 1, 1]
