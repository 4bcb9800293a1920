"""Which way the money of a refund goes: as it was decided, and as it went.

Source: commerce reference d.4 (to original means, store credit or bank); issue of the one voice.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Sum
from django.db.models.functions import Coalesce

from orders.models import CreditEntry, Order, RefundGrant, StoreCredit
from orders.queries.credit import is_hers, keys_of_restored, spent_on
from orders.queries.sent_back import went_back
from orders.rules.credit import divide_back
from orders.rules.payment import BY_HAND


@dataclass(frozen=True)
class Ways:
    """What of a refund goes which way (minor units).

    provider  back to the card, by the provider
    by_hand   to a bank account, by a person of ours
    own       into store credit of whoever ordered; `account` is it, where it is known already
    code      into the store credit whose code she typed, and which is somebody else's
    """

    provider_minor: int = 0
    by_hand_minor: int = 0
    own_minor: int = 0
    code_minor: int = 0
    account: StoreCredit | None = None


def ways_decided(grant: RefundGrant) -> Ways:
    """Return which way the money of a refund is to go, as things stand.  At most four queries."""
    outside = grant.amount_minor - grant.credit_minor
    by_hand = grant.destination == RefundGrant.Destination.BANK or grant.payment.provider in BY_HAND
    own, code = _credit_decided(grant) if grant.credit_minor else (0, 0)
    return Ways(0 if by_hand else outside, outside if by_hand else 0, own, code)


def ways_gone(grant: RefundGrant) -> Ways:
    """Return which way the money of a refund went, as the ledger and the accounts say.  At most four queries."""
    provider, by_hand = went_back(grant)
    own = code = 0
    account = None
    for entry in _entries_of(grant) if grant.credit_minor else ():
        if is_hers(entry.account, grant.payment.order):
            own, account = own + entry.amount_minor, entry.account
        else:
            code += entry.amount_minor
    return Ways(provider, by_hand, own, code, account)


def _entries_of(grant: RefundGrant) -> list[CreditEntry]:
    rows = CreditEntry.objects.filter(key__in=keys_of_restored(f"grant:{grant.pk}"))
    return list(rows.select_related("account").order_by("id"))


def _credit_decided(grant: RefundGrant) -> tuple[int, int]:
    """Return what becomes hers, and what goes to a code of somebody else's; the refunds decided before come first."""
    order: Order = grant.payment.order
    spent = spent_on(order)
    if spent is None or is_hers(spent.account, order):
        return grant.credit_minor, 0
    before = grant.payment.grants.exclude(state=RefundGrant.State.REFUSED).filter(pk__lt=grant.pk)
    taken = before.aggregate(sum=Coalesce(Sum("credit_minor"), 0))["sum"]
    code, own = divide_back(amount_minor=grant.credit_minor, room_minor=-spent.amount_minor - taken)
    return own, code
