"""Store credit was given: how much, why, until when, and how to spend it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext, gettext_lazy

from notifications.messages import words
from notifications.messages.kind import Kind, Recipient, Topic
from orders.models import CreditEntry, Order
from orders.operations.credit import issue_code
from shop.models import Event
from shop.queries.people import owner_of_address


@dataclass(frozen=True)
class CreditGiven:
    """What the gift says; `why` is what a person wrote, `balance` all there is now.

    `credit_code` spends it without an account; whoever has one signs in, and it is empty.
    """

    first_name: str
    amount: str
    why: str
    last_day: str
    balance: str
    credit_code: str
    url: str


def find(event: Event) -> CreditEntry:
    """Return the entry with its account.  One query."""
    return CreditEntry.objects.select_related("account").get(pk=event.payload["entry_id"])


def unwanted(entry: CreditEntry) -> str:
    """Leave it to the letter of regret when it is a gesture for a fault: nobody is told the same twice."""
    return gettext("The letter of regret says so.") if entry.key.startswith("gesture:") else ""


def to(entry: CreditEntry) -> Recipient:
    """Tell the address the credit belongs to, in the language of its account, else of its last order.  Two queries."""
    owner = owner_of_address(entry.account.email)
    last = Order.objects.filter(email=entry.account.email).order_by("-id").values_list("locale", flat=True).first()
    locale = (owner.language if owner else "") or last or settings.LANGUAGE_CODE
    return Recipient(entry.account.email, owner.name if owner else "", locale, "", settings.CARE_EMAIL)


def context(entry: CreditEntry, at: datetime) -> CreditGiven:
    """Collect what the letter says.  One query; for somebody without an account a fresh code."""
    owner = owner_of_address(entry.account.email)
    return CreditGiven(
        first_name=words.first_name(owner.name) if owner and owner.name else "",
        amount=words.money(entry.amount_minor, entry.account.currency),
        why=entry.reason,
        last_day=words.day(entry.expires_on) if entry.expires_on else "",
        balance=words.money(entry.account.balance_minor, entry.account.currency),
        credit_code="" if owner else issue_code(account=entry.account, at=at),
        url=words.page("orders:credit" if owner else "shop:home"),
    )


KIND = Kind(
    name="credit_given",
    event="orders.credit.given",
    says=gettext_lazy("Store credit was given"),
    audience="the address it was given to",
    find=find,
    to=to,
    context=context,
    unwanted=unwanted,
    topic=Topic.MONEY,
    must_say=("amount", "credit_code"),
)
