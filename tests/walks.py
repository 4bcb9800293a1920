"""Long walks through everything that can happen to orders: dice decide, every refusal has a name, sums are looked at.

One walk is one seed in one database that is never rolled back, so that what an earlier step left meets what a later one
does.  Source: reliability reference T14; commerce reference d.3, b-13 to b-17.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.auth.models import Permission
from django.db.models import F, QuerySet

from orders.gateways.payments.test_card import DECLINES, PAYS
from orders.models import (
    Cart,
    Order,
    OrderChange,
    OrderLine,
    Parcel,
    Payment,
    PaymentEvent,
    RefundGrant,
    StoreCredit,
    Unavailability,
)
from orders.operations import (
    approving,
    basket,
    choosing,
    coming_back,
    finishing,
    packing,
    paying,
    paying_out,
    preparing,
    refunding,
    shipping,
    shortfalls,
    splitting,
    tracking,
    vouchers,
)
from orders.operations import changing as order_changes
from orders.operations.cancelling import TooLate, cancel_order
from orders.operations.credit import NothingLeft, TooGenerous, give_gift, issue_code, open_credit
from orders.operations.placing import place_order
from orders.operations.provider_news import hear_of_dispute
from orders.operations.readdressing import stage_delivery
from orders.operations.redeeming import PromotionGone
from orders.operations.unpaid import watch_payments
from orders.queries.redelivery import planned
from orders.rules import shares
from orders.rules.changing import NotChangeable, Wish
from orders.rules.parcels import BadSplit
from orders.rules.redelivery import Delivery
from orders.rules.states import Impossible
from returns.models import ReturnCase
from returns.operations import deciding, receiving, requesting, settling, withdrawing
from returns.operations.seed_reasons import seed_reasons
from returns.rules.amounts import NotPaidYet
from returns.rules.states import NotNow
from shop.models import User, Variant
from shop.operations import stock
from tests.factories.bags import ANA, filled_bag, for_everybody, gift_wrap, shown_to, voucher
from tests.factories.shop import StaffFactory, VariantFactory


class NothingThere(Exception):
    """Nothing of this kind has happened yet, so that nothing follows from it."""


REFUSALS: tuple[type[Exception], ...] = (
    stock.SoldOut, stock.StockRefused, NotChangeable, Impossible, BadSplit, PromotionGone, NotNow,
    NotPaidYet, TooLate, NothingLeft, TooGenerous, order_changes.ChangeOver, order_changes.ChangeDeclined,
    preparing.ChangedSinceShown, refunding.NothingToRefund, approving.SamePerson, approving.NotAsked,
    approving.BelongsToReturn, approving.NotAllowed, finishing.PaymentDeclined, finishing.NoAnswer, choosing.NotOffered,
    choosing.AlreadyChosen, coming_back.OthersNotPaid, packing.PiecesMissing, packing.NotOnShelf, paying.AmountRefused,
    paying.NothingExpected, shipping.NotPaidYet, shortfalls.PiecesRefused, basket.NotEnough,
    requesting.NotReturnable, requesting.TooMany, requesting.ReasonUnknown, requesting.NotExchangeable,
    vouchers.CodeRefused, withdrawing.ExchangeUnderWay, receiving.ImpossibleFinding, paying_out.NotByHand,
    paying_out.BankHasIt,
)  # fmt: skip
PLACE = Delivery("Rua das Flores 12", "", "4050-262", "Porto", "", "")
One = TypeVar("One")
TRIES = 20


class Walk:
    """A shop with a handful of things and offers, and dice that say what happens next."""

    def __init__(self, seed: int, *, at: datetime) -> None:
        self.dice, self.at, self.turn = random.Random(seed), at, 0
        self.seed = seed
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        seed_reasons(at)
        self.staff = [self._person() for _ in range(3)]
        first = VariantFactory(price_minor=1999, stock=400)
        second = VariantFactory(price_minor=333, stock=400)
        self.things: list[Variant] = [
            first,
            VariantFactory(product=first.product, price_minor=2501, stock=400),
            VariantFactory(product=first.product, price_minor=2010, stock=60),
            second,
            VariantFactory(product=second.product, price_minor=1, stock=400),
            VariantFactory(price_minor=30_000, stock=400),
        ]
        gift_wrap(390)
        self.codes = self._offers()
        self.steps: list[tuple[int, Callable[[], None]]] = [
            (14, self.place), (6, self.pay), (16, self.change), (6, self.move), (4, self.confirm_again),
            (2, self.leave), (4, self.cancel), (9, self.refund), (3, self.gesture), (6, self.decide), (12, self.pack),
            (8, self.send), (8, self.arrive), (2, self.come_back), (4, self.miss), (6, self.choose), (3, self.split),
            (7, self.ask_return), (9, self.go_on_with_return), (3, self.dispute), (2, self.win), (12, self.work),
            (2, self.bounce), (3, self.by_hand), (1, self.wait),
        ]  # fmt: skip

    def step(self) -> None:
        """Do one thing.  A refusal with a name is an answer; what has nothing to be done to gives way to another."""
        self.turn += 1
        self.at += timedelta(minutes=self.dice.randrange(1, 40))
        weights, acts = zip(*self.steps, strict=True)
        for act in self.dice.choices(acts, weights, k=TRIES):
            try:
                act()
            except NothingThere:
                continue
            except REFUSALS as no:
                self.refused[f"{act.__name__}: {type(no).__name__}"] += 1
            else:
                self.done[act.__name__] += 1
            return

    def fellow(self, seed: int) -> Walk:
        """Return another walk through the same shop, with dice of its own."""
        other = copy(self)
        other.seed, other.turn, other.dice = self.seed * 1000 + seed, 0, random.Random(f"{self.seed}:{seed}")
        other.done, other.refused = Counter(), Counter()
        other.steps = [(weight, getattr(other, act.__name__)) for weight, act in self.steps]
        return other

    # -- The shop -------------------------------------------------------------------------------------------------

    def _person(self) -> User:
        row = StaffFactory()
        row.user_permissions.set(Permission.objects.filter(codename__in=["grant_refund", "approve_refund"]))
        return row

    def _offers(self) -> list[str]:
        many = {"max_uses": 100_000, "at": self.at}
        soap = VariantFactory(price_minor=700, stock=500)
        for_everybody(kind="gift", amount_minor=None, gift=soap, minimum_minor=4000, name="A soap")
        for_everybody(amount_minor=77, budget_minor=5000, name="A little off")
        return [
            voucher(percent_bp=3333, name="A third", **many)[1],
            voucher(kind="amount", percent_bp=None, amount_minor=501, minimum_minor=1500, name="Five", **many)[1],
            voucher(kind="free_delivery", percent_bp=None, name="On us", minimum_minor=1000, **many)[1],
            voucher(percent_bp=9999, name="Nearly all", **many)[1],
        ]

    def _any(self, rows: QuerySet[Any] | Sequence[One]) -> Any:
        """Pick one; of rows the newer ones more often."""
        if not isinstance(rows, QuerySet):
            return self.dice.choice(rows)
        keys = list(rows.order_by("-pk").values_list("pk", flat=True)[:40])
        found = rows.filter(pk=self.dice.choice(keys)).first() if keys else None  # somebody else may have been faster
        if found is None:
            raise NothingThere
        return found

    def _key(self) -> str:
        return f"walk:{self.seed}:{self.turn}"

    def _uuid(self) -> UUID:
        return UUID(int=self.dice.getrandbits(128), version=4)

    def _staff(self) -> User:
        return self.dice.choice(self.staff)

    # -- What happens ---------------------------------------------------------------------------------------------

    def place(self) -> None:
        """Fill a bag and order it, in one of many ways."""
        dice = self.dice
        wanted = [(thing, dice.randrange(1, 4)) for thing in dice.sample(self.things, dice.randrange(1, 4))]
        cart, _token = filled_bag(*wanted, at=self.at)
        for code in dice.sample(self.codes, dice.choice([0, 0, 1, 1, 2])):
            vouchers.add_voucher(cart_id=cart.pk, code=code, at=self.at)
        if dice.random() < 0.2:
            basket.wrap_as_gift(cart_id=cart.pk, wrap=True, message="", hide_prices=True, at=self.at)
        if dice.random() < 0.3:
            account = StoreCredit.objects.filter(balance_minor__gt=0).order_by("id").first()
            if account:
                open_credit(cart_id=cart.pk, code=issue_code(account=account, at=self.at), at=self.at)
        way = dice.choice(["test_card", "test_card", "test_card", "bank_transfer", "cash_on_delivery"])
        token = (DECLINES if dice.random() < 0.05 else PAYS) if way == "test_card" else ""
        request = replace(ANA, provider=way, payment_token=token)
        cart = Cart.objects.get(pk=cart.pk)
        shown = shown_to(cart, request, at=self.at)
        place_order(key=self._uuid(), cart_id=cart.pk, request=request, shown=shown, at=self.at)

    def pay(self) -> None:
        """Money comes by hand: all that is open, less, or more."""
        payment = self._any(Payment.objects.filter(provider__in=["bank_transfer", "cash_on_delivery"]))
        amount = payment.open_minor if self.dice.random() < 0.7 else self.dice.randrange(1, 4000)
        if payment.provider == "bank_transfer":
            paying.note_bank_money(
                order_id=payment.order_id, amount_minor=amount or 100, key=f"bank:{self._key()}", reference=self._key(),
                by=None, at=self.at,
            )  # fmt: skip
        else:
            paying.note_payment_received(
                order_id=payment.order_id, amount_minor=amount or 100, reference=self._key(), by=None, at=self.at
            )

    def change(self) -> None:
        """Other forms, fewer pieces or more."""
        order = self._any(Order.objects.filter(status="placed"))
        wishes = {}
        for line in order.lines.select_related("variant").filter(kind=OrderLine.Kind.SALE).order_by("id"):
            if self.dice.random() < 0.7:
                forms = Variant.objects.filter(product=line.variant.product_id).order_by("id")
                wishes[line.pk] = Wish(self.dice.choice(list(forms)).pk, self.dice.randrange(0, 5))
        change = order_changes.stage_change(
            order_id=order.pk, wishes=wishes, by=self._staff() if self.dice.random() < 0.3 else None, at=self.at
        )
        if change.staged_by and self.dice.random() < 0.3:
            order_changes.offer_change(change_id=change.pk, order_id=order.pk, by=change.staged_by, at=self.at)
        self._confirm(change)

    def move(self) -> None:
        """Another address."""
        order = self._any(Order.objects.filter(status="placed"))
        street = f"Rua das Flores {self.dice.randrange(1, 90)}"
        delivery = replace(PLACE, street=street)
        self._confirm(stage_delivery(order_id=order.pk, delivery=delivery, by=None, at=self.at))

    def _confirm(self, change: OrderChange) -> None:
        if self.dice.random() < 0.15:
            return  # she leaves the page
        order = Order.objects.select_related("service", "customer").get(pk=change.order_id)
        shown = planned(order, change, at=self.at).as_shown()
        token = DECLINES if self.dice.random() < 0.1 else PAYS
        order_changes.confirm_change(
            change_id=change.pk, order_id=order.pk, shown=shown, payment_token=token, by=None, at=self.at
        )

    def confirm_again(self) -> None:
        """Say yes to a change that was left."""
        self._confirm(self._any(OrderChange.objects.filter(state__in=OrderChange.OPEN)))

    def leave(self) -> None:
        """Take a change back."""
        change = self._any(OrderChange.objects.filter(state__in=OrderChange.OPEN))
        order_changes.leave_as_it_was(change_id=change.pk, order_id=change.order_id, at=self.at)

    def cancel(self) -> None:
        """Cancel an order."""
        order = self._any(Order.objects.filter(status="placed"))
        cancel_order(order_id=order.pk, by=None, at=self.at)

    def refund(self) -> None:
        """Give money back: goodwill, pieces, for a line, everything; above the limit it waits for a second person."""
        order, dice = self._any(Order.objects.all()), self.dice
        payment, lines = order.payment, list(order.lines.order_by("id"))
        line = dice.choice(lines)
        piece = dice.randrange(1, line.quantity + 1)
        what, amount = dice.choice([
            (None, dice.randrange(1, 3000)),
            (shares.Pieces({line.pk: piece}), sum(line.units_paid_minor[:piece])),
            (shares.Amount(minor := dice.randrange(1, 900), line_id=line.pk), minor),
            (shares.Everything(), payment.kept_minor - payment.granted_minor),
        ])  # fmt: skip
        if amount <= 0:
            raise NothingThere
        try:
            refunding.grant_refund(
                order_id=order.pk, amount_minor=amount, reason="x", origin=self._key(), by=self._staff(), at=self.at,
                what=what, destination=dice.choice(["original", "original", "store_credit"]),
            )  # fmt: skip
        except (shares.NoSuchPiece, shares.MoreThanPaid):
            raise NothingThere from None  # the form says so; anywhere else it would be a fault

    def gesture(self) -> None:
        """Give store credit."""
        order = self._any(Order.objects.all())
        give_gift(
            order_id=order.pk, amount_minor=self.dice.randrange(1, 3000), reason="sorry", key=self._key(),
            by=self._staff(), at=self.at,
        )  # fmt: skip

    def decide(self) -> None:
        """A second person agrees or refuses."""
        grant = self._any(RefundGrant.objects.filter(state="asked"))
        act = approving.approve_refund if self.dice.random() < 0.6 else approving.refuse_refund
        act(grant_id=grant.pk, by=self._staff(), at=self.at)

    def pack(self) -> None:
        """Pack a parcel."""
        parcel = self._any(Parcel.objects.filter(status="planned", order__status="placed"))
        packing.pack_parcel(parcel_id=parcel.pk, by=None, at=self.at)

    def send(self) -> None:
        """Hand a parcel over."""
        parcel = self._any(Parcel.objects.filter(status="packed"))
        shipping.hand_over_parcel(
            parcel_id=parcel.pk, carrier="demo", tracking_number=f"HP-{parcel.pk}", by=self._staff(), at=self.at
        )

    def arrive(self) -> None:
        """A scan says that it is there."""
        parcel = self._any(Parcel.objects.filter(status="handed_over"))
        tracking.apply_tracking(
            parcel_id=parcel.pk, provider="demo", status="delivered", external_id=f"delivered-{parcel.pk}",
            occurred_at=self.at, at=self.at,
        )  # fmt: skip

    def come_back(self) -> None:
        """A parcel comes back."""
        parcel = self._any(Parcel.objects.filter(status="handed_over"))
        coming_back.take_parcel_back(parcel_id=parcel.pk, disposition="restock", by=self._staff(), at=self.at)

    def miss(self) -> None:
        """A piece is not on its shelf when packing."""
        parcel = self._any(Parcel.objects.filter(status="planned", order__status="placed"))
        inside = parcel.lines.order_by("id").first()
        if inside is None:
            raise NothingThere
        shortfalls.note_short_pick(
            parcel_id=parcel.pk, line_id=inside.line_id, missing=1, reason="", key=self._key(), by=self._staff(),
            at=self.at,
        )  # fmt: skip

    def choose(self) -> None:
        """She says what is to become of a missing piece."""
        case = self._any(Unavailability.objects.filter(state__in=["open", "waiting"]))
        who = {"case_id": case.pk, "order_id": case.order_id, "by": None, "at": self.at}
        act = self.dice.choice(["rest", "rest", "cancel", "other"])
        if act == "rest":
            choosing.choose_rest(**who)
        elif act == "cancel":
            choosing.choose_cancel(**who)
        else:
            line = case.line
            forms = Variant.objects.filter(product=line.variant.product_id).exclude(pk=line.variant_id)
            choosing.choose_other(**who, variant_id=self._any(forms).pk)

    def split(self) -> None:
        """A parcel is sent in two."""
        parcel = self._any(Parcel.objects.filter(status="planned", order__status="placed"))
        inside = parcel.lines.order_by("id").first()
        splitting.split_parcel(
            parcel_id=parcel.pk, first={inside.line_id: 1} if inside else {}, by=self._staff(), at=self.at
        )

    def ask_return(self) -> None:
        """She asks to send pieces back, for money or for another form."""
        order = self._any(Order.objects.filter(lines__qty_delivered__gt=0).distinct())
        line = self._any(order.lines.filter(kind=OrderLine.Kind.SALE))
        forms = Variant.objects.filter(product=line.variant.product_id).exclude(pk=line.variant_id).order_by("id")
        other = self.dice.choice([None, *forms])
        more: dict[str, Any] = {"wanted": "exchange", "exchange_variant_id": other.pk} if other else {}
        asked = requesting.Asked(
            line.pk, self.dice.randrange(1, line.quantity + 1), self.dice.choice(["changed-mind", "damaged"]), **more
        )
        requesting.request_return(order_id=order.pk, lines=[asked], submission_key=self._uuid(), at=self.at)

    def go_on_with_return(self) -> None:
        """A return goes one step further."""
        case = self._any(ReturnCase.objects.exclude(status__in=["settled", "declined", "withdrawn", "closed"]))
        who: dict[str, Any] = {"case_id": case.pk, "by": self._staff(), "at": self.at}
        if self.dice.random() < 0.08:
            withdrawing.withdraw_return(case_id=case.pk, at=self.at)
        elif case.status == "requested":
            act = self.dice.choice([deciding.approve_return, deciding.approve_return, deciding.approve_with_refund])
            act(**who)
        elif case.status == "received":
            settling.settle_return(**who)
        else:
            rows = list(case.lines.order_by("id"))
            found = {row.pk: receiving.Finding(self.dice.randrange(0, row.quantity + 1)) for row in rows}
            receiving.receive_return(findings=found, **who)

    def dispute(self) -> None:
        """Her bank takes money back."""
        charge = self._any(PaymentEvent.objects.filter(kind="capture", phase="succeeded").exclude(provider_ref=""))
        hear_of_dispute(
            reference=f"dp_{charge.pk}", charge_reference=charge.provider_ref,
            amount_minor=self.dice.randrange(1, charge.amount_minor + 1), won=False, taken=True, at=self.at,
        )  # fmt: skip

    def win(self) -> None:
        """Her bank decides for us."""
        lost = self._any(PaymentEvent.objects.filter(kind="chargeback").exclude(of=None))
        hear_of_dispute(
            reference=lost.key, charge_reference=lost.of.provider_ref, amount_minor=lost.amount_minor, won=True,
            taken=True, at=self.at,
        )  # fmt: skip

    def work(self) -> None:
        """The workers come by."""
        RefundGrant.objects.filter(state__in=["granted", "sending"]).update(due_at=F("granted_at"))
        paying_out.execute_refunds(self.at)
        order_changes.finish_changes(self.at)
        watch_payments(self.at)

    def bounce(self) -> None:
        """A refund comes back to us."""
        sent = self._any(PaymentEvent.objects.filter(kind="refund", phase="succeeded", key__startswith="grant:"))
        paying_out.note_bounced(grant_id=int(sent.key.split(":")[1]), reference=sent.provider_ref, at=self.at)

    def by_hand(self) -> None:
        """Somebody pays a refund out."""
        grant = self._any(RefundGrant.objects.filter(state__in=["by_hand", "failed"]))
        paying_out.settle_by_hand(grant_id=grant.pk, reference=self._key(), by=self._staff(), at=self.at)

    def wait(self) -> None:
        """A day goes by."""
        self.at += timedelta(days=self.dice.choice([1, 1, 1, 8]))
