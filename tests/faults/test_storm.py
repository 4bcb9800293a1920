"""The whole storm at once: workers killed, the database crashed, the broker flushed, frozen and killed, the mail server
in every mood, while 300 facts are recorded three times each.

`make storm` (about four minutes; `--storm=full`).  The everyday suite holds the same protections to a smaller storm in
test_sending.  Source: reliability reference T20-T24; B5, B7.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

import pytest
from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from notifications.models import Attempt, Message
from orders.models import Order
from shop.models import Event, EventDelivery
from shop.queries.audit import breaches
from tests.factories.notifications import delay, handed_over, refund, told
from tests.factories.orders import placed_order
from tests.faults.harness import Backroom, Process, SmtpPeer, backroom, wait_until
from tests.faults.own_server import OwnServer, own_server

pytestmark = pytest.mark.faults

ORDERS = 100  # three facts each
LATE = 20  # orders with a second date before the first was told: only the second is true
DEAD = 5  # orders of people whose mailbox is gone
KILLS = 30
WORKERS = 3
SEED = 20261126
TIMES = 3  # each fact is recorded so often
SECONDS_A_LETTER = 0.4  # between the text and the yes: long enough that kills hit
KINDS = {
    "orders.order.placed": "order_placed",
    "orders.parcel.handed-over": "parcel_handed_over",
    "orders.refund.sent": "refund_sent",
    "orders.order.delayed": "order_delayed",
}
IN_TIME_SECONDS = 60


@dataclass
class Fact:
    """Something that happened to one order, as often as somebody says so."""

    order: Order
    name: str
    payload: dict[str, object]


@dataclass
class Scene:
    """What takes part."""

    room: Backroom
    server: OwnServer
    facts: list[Fact]
    at: datetime
    dice: random.Random = field(default_factory=lambda: random.Random(SEED))
    workers: list[Process] = field(default_factory=list)


@pytest.fixture
def scene(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[Scene]:
    if request.config.getoption("--storm") != "full":
        pytest.skip("only with --storm=full (make storm)")
    with django_db_blocker.unblock(), own_server() as server:
        at = timezone.now()
        facts = happened(at)
        lease = settings.MESSAGE_LEASE_SECONDS
        with backroom(sweep_seconds=10, lease_seconds=lease, SMALL_NEWS_MINUTES="0") as room:
            room.peer.refused = {f"gone{n}@example.com" for n in range(DEAD)}
            yield Scene(room, server, facts, at)


def happened(at: datetime) -> list[Fact]:
    """Make the orders and what happened to them, nothing of it recorded."""
    facts = []
    for number in range(ORDERS):
        order = placed_order(at=at, number=f"KP-1{number:03d}-0001", email=f"ana{number}@example.com")
        parcel, grant = handed_over(order), refund(order, at=at, state="sent")
        facts += [
            Fact(order, "orders.order.placed", {"promise_id": order.promises.order_by("id")[0].pk}),
            Fact(order, "orders.parcel.handed-over", {"parcel_id": parcel.pk}),
            Fact(order, "orders.refund.sent", {"grant_id": grant.pk}),
        ]
    for number in range(LATE):
        order = placed_order(at=at, number=f"KP-2{number:03d}-0001", email=f"late{number}@example.com")
        facts += [_delayed(order, at), _delayed(order, at)]
    for number in range(DEAD):
        order = placed_order(at=at, number=f"KP-3{number:03d}-0001", email=f"gone{number}@example.com")
        facts.append(Fact(order, "orders.order.placed", {"promise_id": order.promises.order_by("id")[0].pk}))
    return facts


def _delayed(order: Order, at: datetime) -> Fact:
    case = delay(order, at=at)
    ids = {"delay_id": case.pk, "promise_id": case.new_promise_id, "old_promise_id": case.broken_promise_id}
    return Fact(order, "orders.order.delayed", ids)


def record(scene: Scene, turn: int) -> None:
    """Record what happens in one turn, and once more what happened in the two before it.

    Whoever is cut off by the database says it again, whether it was heard or not.
    """
    size = -(-len(scene.facts) // KILLS)
    for back in reversed(range(TIMES)):
        begin = (turn - back) * size
        for fact in scene.facts[max(begin, 0) : max(begin + size, 0)]:
            _stubborn(lambda fact=fact: told(fact.order, fact.name, at=scene.at, **fact.payload))


def _stubborn(do: Callable[[], object]) -> None:
    for _try in range(100):
        try:
            do()
        except (OperationalError, InterfaceError, DatabaseError):
            connection.close()
            time.sleep(0.2)
        else:
            return
    raise AssertionError("the database does not come back")


def weather(scene: Scene) -> dict[int, Callable[[], None]]:
    """What goes wrong besides, before which kill."""
    peer, broker = scene.room.peer, scene.room.broker

    def moody(mode: str) -> Callable[[], None]:
        return lambda: setattr(peer, "mode", mode)

    return {
        3: peer.go_away,
        4: peer.come_back,
        6: moody("4xx"),
        7: moody("ok"),
        9: moody("slow"),
        10: moody("ok"),
        12: scene.server.crash,
        14: broker.flush,
        16: broker.freeze,
        17: broker.thaw,
        20: lambda: (broker.kill(), broker.start()),  # type: ignore[func-returns-value]
    }


def blow(scene: Scene) -> None:
    """Kill a worker thirty times at random, and let everything else go wrong meanwhile."""
    troubles = weather(scene)
    for number in range(KILLS):
        record(scene, number)
        if trouble := troubles.get(number):
            trouble()
        time.sleep(scene.dice.uniform(0.5, 3.5))
        unlucky = scene.dice.randrange(WORKERS)
        scene.workers[unlucky].kill()
        scene.workers[unlucky] = scene.room.worker()
    for turn in range(KILLS, KILLS + TIMES - 1):
        record(scene, turn)


def test_the_whole_storm_loses_nothing_and_says_nothing_twice_or_untrue(scene: Scene) -> None:
    peer = scene.room.peer
    peer.pause_before_accept_seconds, peer.delay_seconds = SECONDS_A_LETTER, 4.0
    record(scene, 0)
    peer.mode = "drop"  # at first it breaks every line after the text
    scene.workers = [scene.room.worker() for _worker in range(WORKERS)]
    scene.room.beat()
    wait_until(lambda: len(peer.dropped) > 2, seconds=60, what="some texts that were dropped")
    peer.mode = "ok"

    began = time.monotonic()
    blow(scene)
    blew = time.monotonic() - began
    calm = wait_until(all_settled, seconds=600, what="everything is settled")

    print(report(scene, blew, calm))
    wanted = 3 * ORDERS + LATE
    assert Event.objects.filter(name__in=KINDS).count() >= TIMES * len(scene.facts)
    assert Message.objects.filter(kind__in=KINDS.values(), state="sent").count() == wanted
    assert lost(peer) == set()
    failed = Message.objects.filter(state="failed")
    assert set(failed.values_list("recipient", flat=True)) == peer.refused
    assert Event.objects.filter(name="notifications.message.failed").count() == failed.count()
    assert untrue(peer) == []
    assert said_twice(peer) == []
    assert unexplained_copies(peer) == []
    assert len(interruptions()) > KILLS // 5  # it did storm
    assert max(interruptions()) <= IN_TIME_SECONDS
    assert [breach for breach in breaches() if breach.code.startswith("N")] == []


def all_settled() -> bool:
    try:
        heard = not EventDelivery.objects.exclude(state="done").exists()
        return heard and not Message.objects.filter(state__in=["queued", "claimed"]).exists()
    except DatabaseError:
        connection.close()
        return False


def lost(peer: SmtpPeer) -> set[str]:
    """Return the messages that count as sent and that nobody has."""
    return set(Message.objects.filter(state="sent").values_list("message_id", flat=True)) - peer.kept_ids()


def untrue(peer: SmtpPeer) -> list[str]:
    """Return what was said that did not hold: an overtaken date, or news of one order in the wrong order."""
    known = {row.message_id: row for row in Message.objects.select_related("event").order_by("id")}
    first_time: dict[str, list[Message]] = {}
    heard: set[str] = set()
    for letter in peer.accepted:
        name = letter["Message-ID"].strip()
        if name not in heard:
            heard.add(name)
            first_time.setdefault(known[name].order_number, []).append(known[name])
    backwards = [b.order_number for rows in first_time.values() for a, b in pairwise(rows) if b.event_id < a.event_id]
    dates = [row for rows in first_time.values() for row in rows if row.kind == "order_delayed"]
    newest = {order.pk: max(order.promises.values_list("pk", flat=True)) for order in Order.objects.order_by("id")}
    old = [m.order_number for m in dates if m.event.payload["promise_id"] != newest[m.event.payload["order_id"]]]
    return backwards + old


def said_twice(peer: SmtpPeer) -> list[tuple[str, str]]:
    """Return what somebody heard under two Message-IDs: the same recipient and the same subject."""
    names: dict[tuple[str, str], set[str]] = {}
    for letter in peer.accepted:
        names.setdefault((letter["To"], letter["Subject"]), set()).add(letter["Message-ID"])
    return [what for what, ids in names.items() if len(ids) > 1]


def unexplained_copies(peer: SmtpPeer) -> list[str]:
    """Return messages accepted more often than the journal knows tries that ended without an answer."""
    doubts = Counter(Attempt.objects.filter(outcome="unknown").values_list("message__message_id", flat=True))
    return [name for name, copies in peer.copies().items() if copies - 1 > doubts[name]]


def interruptions() -> list[float]:
    """Return how long after a try that a worker's death interrupted the next one began, in seconds."""
    waits = []
    for row in Attempt.objects.filter(outcome="unknown", reply="The worker was interrupted."):
        after = Attempt.objects.filter(message=row.message_id, number__gt=row.number).order_by("number").first()
        if after is not None:
            waits.append((after.started_at - row.started_at).total_seconds())
    return waits


def report(scene: Scene, blew: float, calm: float) -> str:
    """Return the figures."""
    peer, waits = scene.room.peer, interruptions()
    copies = peer.copies()
    outcomes = Counter(Attempt.objects.values_list("outcome", flat=True))
    states = Counter(Message.objects.filter(kind__in=KINDS.values()).values_list("state", flat=True))
    return (
        f"\n{len(scene.facts)} facts recorded {Event.objects.filter(name__in=KINDS).count()} times; {KILLS} kills in"
        f" {blew:.0f} s, settled {calm:.0f} s later"
        f"\n  messages {dict(states)}; tries {dict(outcomes)}"
        f"\n  accepted {len(copies)} different, {copies.total()} in all; {len(peer.dropped)} dropped after the text"
        f"\n  lost {len(lost(peer))}, untrue {len(untrue(peer))}, twice under two ids {len(said_twice(peer))},"
        f" copies outside the window {len(unexplained_copies(peer))}"
        f"\n  interrupted {len(waits)}, the slowest taken over after {max(waits, default=0):.1f} s"
    )
