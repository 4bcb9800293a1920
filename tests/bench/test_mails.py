"""How fast mails leave with two worker processes, beside a bare loop that sends the same letters on one connection.

`make bench`.  KINGPOST_BENCH_MAILS sets how many (default 600).  Printed, not judged: the mail server takes what it
gets and the machine is shared with it.  What our way adds to the loop is the journal: two statements a letter.
"""

from __future__ import annotations

import os
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from django.utils import timezone

from notifications.gateways.letter import wire_letter
from notifications.models import Message
from tests.bench.outbox import fill_outbox
from tests.faults.harness import Backroom, Broker, SmtpPeer, wait_until
from tests.processes import CHECKOUT, clean_environment, free_port, wait_for

pytestmark = [pytest.mark.bench, pytest.mark.django_db(transaction=True)]

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


def _workers(sink: Sink) -> float:
    """Return mails per second from the first accepted one to the last; starting the workers is left out."""
    with Broker() as broker:
        room = Backroom(sink, broker, sweep_seconds=1.0, lease_seconds=45)
        try:
            for _worker in range(WORKERS):
                room.worker()
            room.beat()
            sent = Message.objects.filter(state="sent")
            wait_until(sent.exists, seconds=60, what="the first mail")
            began, before = time.perf_counter(), sent.count()
            wait_until(lambda: sent.count() == MAILS, seconds=300, what="all mails")
            return (MAILS - before) / (time.perf_counter() - began)
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
