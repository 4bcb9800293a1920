"""A provider in trouble is left alone, a limit is kept to by all workers together, and nothing is lost meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from notifications.models import Attempt, Message, Provider
from notifications.operations import throttling
from notifications.operations.sending import send_messages
from notifications.rules import breaker
from notifications.rules.limits import Rate
from tests.factories.notifications import queued, told
from tests.factories.orders import placed_order
from tests.faults.harness import SmtpPeer

pytestmark = pytest.mark.django_db
HOST = "email:127.0.0.1"


@pytest.fixture
def peer(settings: Settings) -> Iterator[SmtpPeer]:
    with SmtpPeer() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 20
        yield server


def outbox(count: int, at: datetime) -> None:
    order = placed_order(at=at)
    event = told(order, "orders.order.placed", at=at)
    for number in range(count):
        queued(event, recipient=f"r{number}@example.com")


def swept(times: int = 1) -> None:
    for _time in range(times):
        send_messages(timezone.now())


def rested() -> None:
    Provider.objects.exclude(rests_until=None).update(rests_until=timezone.now() - timedelta(seconds=1))


def states() -> dict[str, int]:
    return {state: Message.objects.filter(state=state).count() for state in ("queued", "sent", "failed")}


def test_an_absent_server_costs_one_try_and_then_rest(peer: SmtpPeer, now: datetime) -> None:
    outbox(8, now)
    peer.go_away()

    swept(3)

    assert (Attempt.objects.count(), states()["queued"]) == (1, 8)
    provider = Provider.objects.get()
    assert (provider.name, provider.failures, provider.problem) == (HOST, 1, "no line temporary")
    assert provider.rests_until is not None
    assert 5 < (provider.rests_until - timezone.now()).total_seconds() < 13


def test_after_its_rest_one_message_probes_and_then_all_go(peer: SmtpPeer, now: datetime) -> None:
    outbox(8, now)
    peer.go_away()
    swept()
    peer.come_back()
    rested()
    Message.objects.update(due_at=now)

    swept()
    assert (len(peer.accepted), Provider.objects.get().failures) == (1, 0)
    swept()

    assert states() == {"queued": 0, "sent": 8, "failed": 0}


def test_a_failed_probe_doubles_the_rest(peer: SmtpPeer, now: datetime) -> None:
    outbox(3, now)
    peer.go_away()
    swept()
    rested()

    swept()

    provider = Provider.objects.get()
    assert (provider.failures, Attempt.objects.count()) == (2, 2)
    assert provider.rests_until is not None
    assert (provider.rests_until - timezone.now()).total_seconds() > 15


def test_one_worker_probes_at_a_time(now: datetime) -> None:
    throttling.note_trouble(provider=HOST, problem="no line", away=True)
    rested()

    first, second = (throttling.allowance(provider=HOST, wanted=50, rate=None) for _worker in range(2))

    assert (first.messages, first.probing, second.messages) == (1, True, 0)


def test_a_probe_with_nothing_to_send_leaves_the_next_worker_its_turn(peer: SmtpPeer, now: datetime) -> None:
    throttling.note_trouble(provider=HOST, problem="no line", away=True)
    rested()

    swept()

    assert throttling.allowance(provider=HOST, wanted=50, rate=None).messages == 1


def test_five_refusals_in_a_row_are_enough_and_the_rest_waits_untouched(peer: SmtpPeer, now: datetime) -> None:
    outbox(9, now)
    peer.mode = "4xx"

    swept(2)

    assert Attempt.objects.count() == breaker.PUT_OFFS_IN_A_ROW == 5
    assert Message.objects.filter(state="queued", journal=None).count() == 4


def test_without_the_breaker_every_message_is_tried_in_vain(
    peer: SmtpPeer, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the two tests above."""
    monkeypatch.setattr(throttling, "rest_seconds", lambda **_: 0)
    monkeypatch.setattr("notifications.operations.sending.PUT_OFFS_IN_A_ROW", 1000)
    outbox(9, now)
    peer.mode = "4xx"

    swept(2)

    assert Attempt.objects.count() == 9


def test_refusals_of_single_addresses_are_no_trouble_of_the_server(peer: SmtpPeer, now: datetime) -> None:
    outbox(7, now)
    peer.mode = "5xx"

    swept()

    assert (states()["failed"], Provider.objects.count()) == (7, 0)


def test_a_limit_is_kept_and_fills_again(peer: SmtpPeer, now: datetime, settings: Settings) -> None:
    settings.EMAIL_RATE = "3/s"
    outbox(8, now)

    swept()
    assert len(peer.accepted) == 3
    Provider.objects.update(tokens=0, refilled_at=timezone.now() - timedelta(seconds=0.7))
    swept()
    assert len(peer.accepted) == 5
    Provider.objects.update(refilled_at=timezone.now() - timedelta(hours=1))

    swept()

    assert len(peer.accepted) == 8


def test_what_was_allowed_and_not_used_is_given_back(peer: SmtpPeer, now: datetime, settings: Settings) -> None:
    settings.EMAIL_RATE = "10/h"
    outbox(2, now)

    swept()

    assert int(Provider.objects.get().tokens) == 8


def test_two_workers_share_one_limit() -> None:
    rate = Rate(each_second=0.001, burst=5)

    taken = [throttling.allowance(provider=HOST, wanted=4, rate=rate).messages for _worker in range(3)]

    assert taken == [4, 1, 0]
