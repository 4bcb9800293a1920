"""Everybody works on the same few orders at once: nobody locks anybody out, and the books agree.

The order in which locks are taken stands in .github/CONTRIBUTING.md.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import OperationalError, connections, transaction
from django.utils import timezone

from notifications.operations.sending import send_messages
from orders.models import Order, Parcel, RefundGrant, Unavailability
from orders.operations.cancelling import cancel_order
from orders.operations.changing import confirm_change, stage_change
from orders.operations.choosing import choose_other, choose_rest
from orders.operations.delays import note_delay
from orders.operations.packing import pack_parcel
from orders.operations.paying_out import execute_refunds
from orders.operations.refunding import grant_refund
from orders.operations.shipping import hand_over_parcel
from orders.operations.shortfalls import losses_of, note_short_pick, take_from_shelf
from orders.operations.telling import tell_of_incidents
from orders.operations.tracking import apply_tracking
from orders.queries.changing import plan_change
from orders.rules.changing import Wish
from orders.rules.unavailability import Act, Taking
from returns.models import ReturnCase
from returns.operations.deciding import approve_return, approve_with_refund
from returns.operations.receiving import Finding, receive_return
from returns.operations.requesting import Asked, request_return
from returns.operations.settling import settle_return
from returns.operations.withdrawing import withdraw_return
from shop.models import StockLevel, StockMovement, User, Variant
from shop.operations import stock
from shop.operations.events import relay_events
from tests.factories.bags import ordered
from tests.factories.incidents import declared
from tests.factories.returns import asked, delivered_order, requested
from tests.factories.shop import StaffFactory, VariantFactory, put_on_shelf

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

SECONDS = float(os.environ.get("LOCK_HUNT_SECONDS", "10"))
THREADS = 8
NEEDED = {"pack", "hand_over", "scan", "ask", "approve", "receive", "goodwill", "order", "tell_crisis", "change"}


def shelves_against_the_numbers() -> tuple[Variant, Variant]:
    """Two variants of one product; the later one has the earlier stock level."""
    first = VariantFactory(stock=0)
    StockLevel.objects.all().delete()
    second = VariantFactory(product=first.product, stock=500)
    put_on_shelf(first, 500)
    return first, second


class Hunt:
    """Random work on whatever is there; counts what happened by name."""

    def __init__(self, at: datetime, clerk: User, variants: tuple[Variant, Variant]) -> None:
        self.at, self.clerk, self.variants = at, clerk, variants
        self.later = at + timedelta(days=4)
        self.seen: Counter[str] = Counter()
        self.deadlocks: list[str] = []
        self.works: list[Callable[[random.Random], object]] = [
            self.pack, self.hand_over, self.cancel, self.scan, self.watch, self.ask, self.approve, self.approve_money,
            self.receive, self.settle, self.keep, self.goodwill, self.pay_out, self.order, self.relay,
            self.miss, self.throw_away, self.choose, self.change, self.tell_crisis,
        ]  # fmt: skip

    def one(self, dice: random.Random, rows: list[int]) -> int:
        return dice.choice(rows) if rows else 0

    def parcel(self, dice: random.Random) -> int:
        return self.one(dice, list(Parcel.objects.order_by("id").values_list("pk", flat=True)))

    def an_order(self, dice: random.Random) -> int:
        return self.one(dice, list(Order.objects.order_by("id").values_list("pk", flat=True)))

    def case(self, dice: random.Random) -> int:
        return self.one(dice, list(ReturnCase.objects.order_by("id").values_list("pk", flat=True)))

    def pack(self, dice: random.Random) -> object:
        return pack_parcel(parcel_id=self.parcel(dice), by=self.clerk, at=self.at)

    def hand_over(self, dice: random.Random) -> object:
        parcel = self.parcel(dice)
        return hand_over_parcel(
            parcel_id=parcel, carrier="demo", tracking_number=f"HP-{parcel:05}", by=self.clerk, at=self.at
        )

    def cancel(self, dice: random.Random) -> object:
        return dice.random() < 0.1 and cancel_order(order_id=self.an_order(dice), by=self.clerk, at=self.at)

    def scan(self, dice: random.Random) -> object:
        status = dice.choice(["accepted", "in_transit", "out_for_delivery", "delivered"])
        when = self.at + timedelta(hours=dice.randrange(48))
        return apply_tracking(
            parcel_id=self.parcel(dice),
            provider="demo",
            external_id=uuid4().hex,
            status=status,
            occurred_at=when,
            at=when,
        )

    def watch(self, dice: random.Random) -> object:
        return note_delay(order_id=self.an_order(dice), at=self.at + timedelta(days=dice.randrange(6)))

    def ask(self, dice: random.Random) -> object:
        order = Order.objects.get(pk=self.an_order(dice))
        wishes = [self._wish(line, dice) for line in order.lines.order_by("-id")]
        return request_return(order_id=order.pk, lines=wishes, submission_key=uuid4(), at=self.later)

    def _wish(self, line: object, dice: random.Random) -> Asked:
        if dice.random() < 0.5:
            return asked(line)  # type: ignore[arg-type]
        return asked(line, wanted="exchange", exchange_variant_id=line.variant_id)  # type: ignore[arg-type,attr-defined]

    def approve(self, dice: random.Random) -> object:
        return approve_return(case_id=self.case(dice), by=self.clerk, at=self.later)

    def approve_money(self, dice: random.Random) -> object:
        return approve_with_refund(case_id=self.case(dice), by=self.clerk, at=self.later)

    def receive(self, dice: random.Random) -> object:
        case = ReturnCase.objects.get(pk=self.case(dice))
        condition = dice.choice(["like_new", "used"])
        found = {line.pk: Finding(line.quantity, condition) for line in case.lines.order_by("id")}
        return receive_return(case_id=case.pk, findings=found, by=self.clerk, at=self.later)

    def settle(self, dice: random.Random) -> object:
        return settle_return(case_id=self.case(dice), by=self.clerk, at=self.later)

    def keep(self, dice: random.Random) -> object:
        return dice.random() < 0.2 and withdraw_return(case_id=self.case(dice), at=self.later)

    def goodwill(self, dice: random.Random) -> object:
        return grant_refund(
            order_id=self.an_order(dice),
            amount_minor=1,
            reason="Sorry",
            origin=uuid4().hex,
            by=self.clerk,
            at=self.later,
        )

    def pay_out(self, dice: random.Random) -> object:
        return execute_refunds(self.later)

    def order(self, dice: random.Random) -> object:
        if Order.objects.count() > 12:
            return None
        wanted = [(variant, 1) for variant in dice.sample(self.variants, 2)]
        return ordered(*wanted, at=self.at)

    def miss(self, dice: random.Random) -> object:
        parcel = Parcel.objects.get(pk=self.parcel(dice))
        line = dice.choice(list(parcel.lines.order_by("id")))
        return note_short_pick(
            parcel_id=parcel.pk, line_id=line.line_id, missing=1, reason="", key=uuid4().hex, by=self.clerk, at=self.at
        )

    def throw_away(self, dice: random.Random) -> object:
        level = dice.choice(list(StockLevel.objects.order_by("id")))
        taking = Taking(level.pk, Act.WRITE_OFF, max(level.available, 0) + 1, "", uuid4().hex)
        listed = [(x.claim.parcel_id, x.claim.line_id, x.pieces) for x in losses_of(taking)]
        made = take_from_shelf(taking=taking, agreed=listed, by=self.clerk, at=self.at)
        stock.receive(item=stock.Wanted(level.variant_id, taking.pieces, uuid4().hex), at=self.at)
        return made

    def choose(self, dice: random.Random) -> object:
        cases = list(Unavailability.objects.filter(state="open").order_by("id"))
        case = dice.choice(cases)
        who = {"case_id": case.pk, "order_id": case.order_id, "by": None, "at": self.at}
        if dice.random() < 0.5:
            return choose_other(variant_id=dice.choice(self.variants).pk, **who)  # type: ignore[arg-type]
        return choose_rest(**who)  # type: ignore[arg-type]

    def tell_crisis(self, dice: random.Random) -> object:
        return tell_of_incidents(self.at + timedelta(hours=dice.randrange(200)))  # some pass is always due

    def change(self, dice: random.Random) -> object:
        """Another form of the same thing, and one more or less of it: staged and confirmed in one go."""
        if Order.objects.count() > 24:
            order = Order.objects.get(pk=self.an_order(dice))
        else:  # a fresh one: most of the others are packed, or some of their money went back
            order = ordered(*((variant, 1) for variant in self.variants), at=self.at)
        wishes = {line.pk: Wish(dice.choice(self.variants).pk, dice.randrange(1, 3)) for line in order.lines.all()}
        change = stage_change(order_id=order.pk, wishes=wishes, by=self.clerk, at=self.at)
        shown = plan_change(order, wishes, at=self.at).as_shown()
        return confirm_change(
            change_id=change.pk, order_id=order.pk, shown=shown, payment_token="test:pays", by=self.clerk, at=self.at
        )

    def relay(self, dice: random.Random) -> object:
        return relay_events(timezone.now())

    def done(self) -> set[str]:
        return {name.removesuffix(" True") for name in list(self.seen) if name.endswith(" True")}

    def goes_on(self, seconds: float) -> bool:
        """Tell whether to go on: for SECONDS, and on a slow machine until everything was done once."""
        return seconds < SECONDS or (seconds < 6 * SECONDS and not self.done() >= NEEDED)

    def run(self, seed: int) -> None:
        dice, start = random.Random(seed), time.monotonic()
        try:
            while self.goes_on(time.monotonic() - start):
                work = dice.choice(self.works)
                try:
                    self.seen[f"{work.__name__} {bool(work(dice))}"] += 1
                except OperationalError as problem:
                    self.deadlocks.append(f"{work.__name__}: {problem}")
                except Exception as refusal:  # a refusal is an answer as good as any
                    self.seen[f"{work.__name__} {type(refusal).__name__}"] += 1
        finally:
            connections.close_all()


def test_nobody_locks_anybody_out(now: datetime) -> None:
    variants = shelves_against_the_numbers()
    clerk = StaffFactory()
    for number in range(4):
        delivered_order(at=now, pieces=(1, 1), variants=variants, number=f"KP-1000-000{number}")
    declared(at=now)
    hunt = Hunt(now, clerk, variants)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(hunt.run, range(THREADS)))

    while sum(sweep(timezone.now()) for sweep in (relay_events, send_messages)):
        pass  # desk and shopper hear of every delay, as the audit after this test demands
    print("\n".join(f"{count:5} {name}" for name, count in sorted(hunt.seen.items())))
    assert hunt.deadlocks == []
    assert hunt.done() >= NEEDED
    assert RefundGrant.objects.exists()


def test_hunt_would_see_a_deadlock(now: datetime) -> None:
    """The negative control: two people who lock two shelves in opposite order."""
    shelves_against_the_numbers()
    levels = list(StockLevel.objects.order_by("id").values_list("pk", flat=True))
    both_hold_one = Barrier(2)

    def lock(order: list[int]) -> str:
        try:
            with transaction.atomic():
                StockLevel.objects.select_for_update().get(pk=order[0])
                both_hold_one.wait()
                StockLevel.objects.select_for_update().get(pk=order[1])
        except OperationalError as problem:
            return str(problem).splitlines()[0]
        finally:
            connections.close_all()
        return ""

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(lock, [levels, levels[::-1]]))

    assert said == ["", "deadlock detected"]


def test_exchanges_take_the_shelves_in_their_turn(now: datetime) -> None:
    variants = shelves_against_the_numbers()
    order = delivered_order(at=now, pieces=(1, 1), variants=variants)
    wishes = [
        asked(line, wanted="exchange", exchange_variant_id=line.variant_id) for line in order.lines.order_by("id")
    ]
    case = requested(order, *wishes, at=now + timedelta(days=4))
    before = StockMovement.objects.order_by("-id").values_list("pk", flat=True)[0]

    approve_return(case_id=case.pk, by=StaffFactory(), at=now + timedelta(days=4))

    levels = list(StockMovement.objects.filter(pk__gt=before).order_by("id").values_list("level_id", flat=True))
    assert levels == sorted(levels)
    assert len(levels) == 2
