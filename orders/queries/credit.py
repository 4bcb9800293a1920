"""Store credit somebody may spend: of the addresses she proved, never of one she merely typed, or what a code opens."""

from __future__ import annotations

from django.db.models import QuerySet, Sum
from django.db.models.functions import Coalesce

from orders.models import CreditEntry, Order, StoreCredit
from shop.models import User
from shop.queries.people import proved_addresses


def purse_of(user: User | None, *, currency: str, opened_id: int | None) -> StoreCredit | None:
    """Return the account she can spend from, None when there is nothing in it; of several the fullest.

    What a code opened (`Cart.credit`) goes before her own, for she typed it to be used.  An order is paid from one
    account, so that what comes back finds its way.  Two queries, none for a guest; one more where a code was typed.
    """
    full = StoreCredit.objects.filter(currency=currency, balance_minor__gt=0)
    opened = full.filter(pk=opened_id).order_by("id").first() if opened_id else None
    if opened is not None or user is None:
        return opened
    return accounts_of(user).filter(currency=currency, balance_minor__gt=0).order_by("-balance_minor", "id").first()


def accounts_of(user: User) -> QuerySet[StoreCredit]:
    """Return her accounts, one for each address and currency, by currency.  Two queries."""
    return StoreCredit.objects.filter(email__in=proved_addresses(user.pk)).order_by("currency", "id")


def entries_of(user: User) -> QuerySet[CreditEntry]:
    """Return what was given, spent and given back in her accounts, newest first.  Two queries."""
    mine = CreditEntry.objects.filter(account__in=accounts_of(user).order_by())
    return mine.select_related("account", "order").order_by("-happened_at", "-id")


OWN = ":own"  # ends the key of what goes back to whoever ordered, beyond what the account had paid


def keys_of_restored(key: str) -> tuple[str, str]:
    """Return the keys of what went back under `key`: to the account that paid, and to whoever ordered."""
    return f"restore:{key}", f"restore:{key}{OWN}"


def room_of(account: StoreCredit, order: Order) -> int:
    """Return what an account paid for an order and has not had back (minor units).  One query.

    Lock the order before something is given back by it.
    """
    ways = (CreditEntry.Kind.SPEND, CreditEntry.Kind.RESTORE)
    known = CreditEntry.objects.filter(account=account, order=order, kind__in=ways)
    sums = known.exclude(key__startswith="restore:", key__endswith=OWN).aggregate(sum=Coalesce(Sum("amount_minor"), 0))
    return max(-int(sums["sum"]), 0)


def spent_on(order: Order) -> CreditEntry | None:
    """Return what an order was paid with out of an account, with the account; None without store credit.  One query."""
    spent = CreditEntry.objects.filter(order=order, kind=CreditEntry.Kind.SPEND)
    return spent.select_related("account").order_by("id").first()


def is_hers(account: StoreCredit, order: Order) -> bool:
    """Tell whether an account is of whoever placed an order, not of somebody whose code she typed.

    One query where she is signed in with another address than she typed.
    """
    if account.email == order.email.strip().lower():
        return True
    return order.customer_id is not None and account.email in proved_addresses(order.customer_id)
