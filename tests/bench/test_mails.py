"""How fast mails leave with two worker processes, beside a bare loop that sends the same letters on one connection.

`make bench`.  KINGPOST_BENCH_MAILS sets how many (default 600).  The speed is printed, not judged: the mail server
takes what it gets and the machine is shared with it.  What our way adds to the loop is the journal: two statements a
letter.  A backlog (KINGPOST_BENCH_BACKLOG, default 3 000; 100 000 takes some minutes) drains at one speed, and the
workers do not grow with it: that is judged.
"""

from __future__ import annotations

import os
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

import pytest
from django.utils import timezone

from notifications.gateways.letter import wire_letter
from notifications.models import Message
from tests.bench.outbox import fill_outbox
from tests.faults.harness import Backroom, Broker, SmtpPeer, wait_until
from tests.processes import CHECKOUT, clean_environment, free_port, wait_for

pytestmark = [pytest.mark.bench, pytest.mark.django_db(transaction=True)]

BACKLOG = int(os.environ.get("KINGPOST_BENCH_BACKLOG", "3000"))
MAY_GROW_KB = 20_000  # caches that fill once; a leak of a kilobyte a letter would be more at 100 000
MAILS = int(os.environ.get("KINGPOST_BENCH_MAILS", "600"))
WORKERS = 2


class Sink(SmtpPeer):
    """A mail server elsewhere: only its address is ours."""

    def __init__(self, port: int) -> None:
        self.port = port


@pytest.fixture
def sink() -> Iterator[Sink]:
    port = free_port()
    words = [sys.executable, "-m", "tests.bench.smtp_sink", str(port)]
    process = subprocess.Popen(words, cwd=CHECKOUT, env=clean_environment())
    try:
        wait_for(lambda: _listens(port), seconds=20, what="the sink")
        yield Sink(port)
    finally:
        process.kill()
        process.wait(10)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_mails_leave(sink: Sink) -> None:
    fill_outbox(MAILS, at=timezone.now())

    ours, floor = _workers(sink), _loop(sink)

    assert Message.objects.exclude(state="sent").count() == 0
    print(
        f"\n{MAILS} letters with text and HTML (thanks, hand-over, link) into a mail server of its own"
        f"\n  {WORKERS} workers {ours:7.1f} mails/s"
        f"\n  bare loop {floor:7.1f} mails/s on one connection; ratio {ours / floor:.2f}"
    )


def test_a_backlog_drains_without_growing_workers(sink: Sink) -> None:
    fill_outbox(BACKLOG, at=timezone.now())

    with _staffed(sink) as room:
        samples = list(_watch(room))

    warm = [row for row in samples if row.sent >= BACKLOG // 5] or samples
    speeds = [(b.sent - a.sent) / (b.at - a.at) for a, b in pairwise(warm[:: max(len(warm) // 8, 1)])]
    print(
        f"\n{BACKLOG} letters drained in {samples[-1].at - samples[0].at:.0f} s"
        f"\n  mails/s from then to then: {' '.join(f'{speed:.0f}' for speed in speeds)}"
        f"\n  workers' memory: {warm[0].memory_kb // 1024} MB after a fifth, {warm[-1].memory_kb // 1024} MB at the end"
    )
    assert warm[-1].memory_kb - warm[0].memory_kb < MAY_GROW_KB


@dataclass(frozen=True)
class Sample:
    """How far it is: seconds of a clock, letters sent, what all workers hold."""

    at: float
    sent: int
    memory_kb: int


def _watch(room: Backroom) -> Iterator[Sample]:
    """Look every second until nothing is left."""
    left = BACKLOG
    while left:
        left = Message.objects.filter(state__in=["queued", "claimed"]).count()
        if left < BACKLOG:
            yield Sample(time.perf_counter(), BACKLOG - left, room.memory_kb())
        time.sleep(1)


def _workers(sink: Sink) -> float:
    """Return mails per second from the first accepted one to the last; starting the workers is left out."""
    with _staffed(sink):
        sent = Message.objects.filter(state="sent")
        wait_until(sent.exists, seconds=60, what="the first mail")
        began, before = time.perf_counter(), sent.count()
        wait_until(lambda: sent.count() == MAILS, seconds=300, what="all mails")
        return (MAILS - before) / (time.perf_counter() - began)


@contextmanager
def _staffed(sink: Sink) -> Iterator[Backroom]:
    """Two workers and a clock, on the test's database and the sink."""
    with Broker() as broker:
        room = Backroom(sink, broker, sweep_seconds=1.0, lease_seconds=45)
        try:
            for _worker in range(WORKERS):
                room.worker()
            room.beat()
            yield room
        finally:
            room.close()


def _loop(sink: Sink) -> float:
    """Send the same letters ready-made, one after the other."""
    letters = [(row.recipient, wire_letter(row)) for row in Message.objects.order_by("id").iterator()]
    began = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", sink.port) as wire:
        for recipient, letter in letters:
            wire.sendmail("care@shop.example", [recipient], letter)
    return MAILS / (time.perf_counter() - began)
