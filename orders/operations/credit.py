"""Store credit: give, spend, give back, let run out.  One guarded UPDATE and one append-only entry each.

Source: commerce reference d.4, reliability reference T06.
"""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Least
from django.utils import timezone

from orders.models import Cart, CreditCode, CreditEntry, Order, StoreCredit
from orders.operations.basket import BagClosed
from orders.operations.limits import needs_another
from orders.queries.credit import keys_of_restored, room_of, spent_on
from orders.rules.credit import CODE_BYTES, Line, divide_back, read_code, run_out, write_code
from orders.rules.tokens import hash_token
from shop.models import User
from shop.operations.events import record_event
from shop.queries.people import proved_addresses

Kind = CreditEntry.Kind
BATCH = 50


class NotEnoughCredit(Exception):
    """Somebody spent it meanwhile; nothing was taken."""


class TooGenerous(Exception):
    """One person may not give that much; nothing was given."""


class UnknownCode(Exception):
    """Nobody was given this code."""


class NothingLeft(Exception):
    """What the code opens was spent or has run out."""


class OtherCurrency(Exception):
    """The code opens an account in another `currency`, which cannot pay here."""

    def __init__(self, currency: str) -> None:
        super().__init__(currency)
        self.currency = currency


@transaction.atomic
def give_credit(
    *,
    email: str,
    amount_minor: int,
    currency: str,
    reason: str,
    key: str,
    by: User | None,
    at: datetime,
    days: int | None = None,
) -> CreditEntry:
    """Give store credit as a gift; it runs out after `days`, else STORE_CREDIT_DAYS.  The same `key` gives once."""
    last_on = timezone.localdate(at) + timedelta(days=days or settings.STORE_CREDIT_DAYS)
    account = _account(email, currency)
    entry, new = _enter(account, Kind.ISSUE, amount_minor, key, at, by=by, reason=reason, expires_on=last_on)
    if new:
        StoreCredit.objects.filter(pk=account.pk).update(runs_out_on=Least(F("runs_out_on"), Value(last_on)))
        record_event(
            name="orders.credit.given",
            subject=f"orders.storecredit:{account.pk}",
            payload={"entry_id": entry.pk, "amount_minor": amount_minor, "currency": currency},
            actor=by,
            at=at,
        )
    return entry


@transaction.atomic
def give_gift(*, order_id: int, amount_minor: int, reason: str, key: str, by: User, at: datetime) -> CreditEntry:
    """Give store credit to whoever placed an order, for a person's reason.  The same `key` gives once.

    Raises TooGenerous when it would need two people as a refund, with what was given for the order and that day, and to
    her over a time.
    """
    order = Order.objects.select_for_update().get(pk=order_id)
    own_key = f"gift:{order.pk}:{key}"
    known = CreditEntry.objects.filter(key=own_key).order_by("id").first()
    if known is None and needs_another(by, order_id=order.pk, amount_minor=amount_minor, at=at):
        raise TooGenerous
    return known or give_credit(
        email=order.email,
        amount_minor=amount_minor,
        currency=order.currency,
        reason=reason,
        key=own_key,
        by=by,
        at=at,
    )


def spend(*, account: StoreCredit, order: Order, amount_minor: int, at: datetime) -> None:
    """Take what an order is paid with; call inside the placement's transaction.  Raises NotEnoughCredit."""
    _enter(account, Kind.SPEND, -amount_minor, f"order:{order.pk}", at, order=order)


def restore(*, order: Order, amount_minor: int, key: str, by: User | None, at: datetime) -> None:
    """Put money of an order into store credit; it does not run out, for it was paid.  The same `key` once.

    The account it was paid from gets what it paid for this order and has not had back.  The rest is of whoever
    ordered, for the code she typed may be somebody else's.  Call with the order locked: two parts of a refund must not
    both find the same room.
    """
    back_key, own_key = keys_of_restored(key)
    if CreditEntry.objects.filter(key__in=[back_key, own_key]).exists():
        return
    spent = spent_on(order)
    room_minor = room_of(spent.account, order) if spent else 0
    back_minor, own_minor = divide_back(amount_minor=amount_minor, room_minor=room_minor)
    shares = [(spent.account, back_minor, back_key)] if spent and back_minor else []
    if own_minor:
        shares.append((_own_account(order), own_minor, own_key))
    for account, minor, entry_key in sorted(shares, key=lambda share: share[0].pk):  # accounts are locked by id
        _enter(account, Kind.RESTORE, minor, entry_key, at, by=by, order=order)


def _own_account(order: Order) -> StoreCredit:
    """Return an account whoever ordered can spend from: of an address she proved, if she ever proved one.

    The address typed for an order by somebody who is signed in may be another's.
    """
    proved = proved_addresses(order.customer_id) if order.customer_id else []
    typed = order.email.strip().lower()
    if not proved or typed in proved:
        return _account(typed, order.currency)
    login = order.customer.email.lower() if order.customer else ""
    return _account(login if login in proved else proved[0], order.currency)


def issue_code(*, account: StoreCredit, at: datetime) -> str:
    """Issue a fresh code that opens an account at the checkout and return it; it cannot be read back later."""
    code = write_code(secrets.token_bytes(CODE_BYTES))
    CreditCode.objects.create(account=account, code_hash=hash_token(code), issued_at=at)
    return code


def account_of_code(typed: str, *, currency: str) -> StoreCredit | None:
    """Return the account in this currency a typed code opens; None for a code nobody was given.  One query."""
    account = _opened_by(typed)
    return account if account and account.currency == currency else None


def _opened_by(typed: str) -> StoreCredit | None:
    code = read_code(typed)
    if code is None:
        return None
    return StoreCredit.objects.filter(codes__code_hash=hash_token(code)).order_by("id").first()


@transaction.atomic
def open_credit(*, cart_id: int, code: str, at: datetime) -> StoreCredit:
    """Let the order of a bag be paid from what a code opens, in place of another one; nothing is taken yet.

    Raises UnknownCode, OtherCurrency, NothingLeft, BagClosed; then the bag is as it was.
    """
    cart = Cart.objects.select_for_update().get(pk=cart_id)
    if Order.objects.filter(cart=cart).exists():
        raise BagClosed
    account = _opened_by(code)
    if account is None:
        raise UnknownCode
    if account.currency != settings.SHOP_CURRENCY:
        raise OtherCurrency(account.currency)
    if not account.balance_minor:
        raise NothingLeft
    Cart.objects.filter(pk=cart.pk).update(credit=account, touched_at=at)
    return account


@transaction.atomic
def close_credit(*, cart_id: int, at: datetime) -> None:
    """Leave what a code opened out of a bag; it stays there to be spent another time.  Raises BagClosed."""
    cart = Cart.objects.select_for_update().get(pk=cart_id)
    if Order.objects.filter(cart=cart).exists():
        raise BagClosed
    Cart.objects.filter(pk=cart.pk).update(credit=None, touched_at=at)


def expire_credit(at: datetime) -> int:
    """Let gifts run out whose last day is over, at most one batch; return how many did."""
    today = timezone.localdate(at)
    over = StoreCredit.objects.filter(runs_out_on__lt=today).order_by("runs_out_on", "id")
    accounts = list(over.values_list("pk", flat=True)[:BATCH])
    for account_id in accounts:
        _expire_account(account_id, today, at)
    return len(accounts)


@transaction.atomic
def _expire_account(account_id: int, today: date, at: datetime) -> None:
    account = StoreCredit.objects.select_for_update().get(pk=account_id)
    rows = list(CreditEntry.objects.filter(account=account).order_by("id"))
    for entry_id, left in run_out([Line(row.pk, row.amount_minor, row.expires_on) for row in rows], today=today):
        _enter(account, Kind.EXPIRE, -left, f"expire:{entry_id}", at)
    coming = [row.expires_on for row in rows if row.expires_on is not None and row.expires_on >= today]
    account.runs_out_on = min(coming, default=None)
    account.save(update_fields=["runs_out_on"])


@transaction.atomic
def give_up_credit(*, account_id: int, at: datetime) -> None:
    """Take out what is left of an account whose owner has her data erased; the second time nothing is left."""
    account = StoreCredit.objects.select_for_update().get(pk=account_id)
    if account.balance_minor:
        _enter(account, Kind.EXPIRE, -account.balance_minor, f"given-up:{account.pk}:{at.isoformat()}", at)
    StoreCredit.objects.filter(pk=account.pk).update(runs_out_on=None)


def _account(email: str, currency: str) -> StoreCredit:
    account, _new = StoreCredit.objects.get_or_create(email=email.strip().lower(), currency=currency)
    return account


def _enter(
    account: StoreCredit,
    kind: CreditEntry.Kind,
    amount_minor: int,
    key: str,
    at: datetime,
    *,
    by: User | None = None,
    order: Order | None = None,
    reason: str = "",
    expires_on: date | None = None,
) -> tuple[CreditEntry, bool]:
    """Write one entry and move the balance by it, in one guarded UPDATE; a known key changes nothing."""
    entry, new = CreditEntry.objects.get_or_create(
        key=key,
        defaults={
            "account": account,
            "kind": kind,
            "amount_minor": amount_minor,
            "reason": reason[:200],
            "order": order,
            "expires_on": expires_on,
            "actor": by,
            "happened_at": at,
        },
    )
    enough = StoreCredit.objects.filter(pk=account.pk, balance_minor__gte=-amount_minor)
    if new and enough.update(balance_minor=F("balance_minor") + amount_minor) != 1:
        raise NotEnoughCredit
    return entry, new
