"""The receipt of a withdrawal: what was stated, and when it came.  It confirms that it came, not what we think of it.

Source: Directive 2011/83/EU art. 11a (on a durable medium, without delay, with content, date and time).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy

from notifications.messages import words
from notifications.messages.kind import Kind, Lane, Recipient, Topic
from returns.models import Withdrawal
from returns.queries.withdrawals import case_of_withdrawal, paid_back
from shop.messages.moments import moment
from shop.models import Event
from support.queries.addresses import order_address


@dataclass(frozen=True)
class WithdrawalReceipt:
    """What the receipt says.  `exactly` is the moment with year and zone; `pieces` is empty for the whole order.

    Of what became of it by itself: `amount` that goes back of an order it `cancelled`, `case_number` of the return it
    opened, `partly` when some is still on its way.  `address` is empty when there is nothing to send.
    """

    first_name: str
    number: str
    name: str
    email: str
    pieces: str
    came: str
    exactly: str
    due: str
    address: tuple[str, ...]
    cancelled: bool
    partly: bool
    amount: str
    case_number: str


def find(event: Event) -> Withdrawal:
    """Return the withdrawal with its order, as it stands now: it may have taken effect already.  One query."""
    return Withdrawal.objects.select_related("order").get(pk=event.payload["withdrawal_id"])


def to(withdrawal: Withdrawal) -> Recipient:
    """Tell the address she gave for it; her answer joins the conversation about the order, where we know it."""
    order = withdrawal.order
    reply_to = order_address(order.pk) if order else settings.CARE_EMAIL
    return Recipient(withdrawal.email, withdrawal.name, withdrawal.locale, order.number if order else "", reply_to)


def context(withdrawal: Withdrawal, at: datetime) -> WithdrawalReceipt:
    """Collect what the receipt says.  No secret link: the address was typed.  Two queries where it took effect."""
    local = timezone.localtime(withdrawal.declared_at, timezone.get_default_timezone())
    cancelled = withdrawal.outcome == Withdrawal.Outcome.CANCELLED
    back, case = paid_back(withdrawal), case_of_withdrawal(withdrawal)
    return WithdrawalReceipt(
        first_name=words.first_name(withdrawal.name),
        number=withdrawal.order_number,
        name=withdrawal.name,
        email=withdrawal.email,
        pieces=withdrawal.pieces,
        came=moment(local),
        exactly=f"{local:%Y-%m-%d %H:%M:%S %Z}",
        due=words.day(withdrawal.due_on),
        address=() if cancelled else tuple(settings.RETURN_ADDRESS),
        cancelled=cancelled,
        partly=withdrawal.outcome == Withdrawal.Outcome.PARTLY,
        amount=words.money(back.minor, back.currency) if back else "",
        case_number=case.number if case else "",
    )


KIND = Kind(
    name="withdrawal_receipt",
    event="returns.withdrawal.declared",
    says=gettext_lazy("Your withdrawal came, with date and time"),
    audience="who withdrew, at the address she gave",
    find=find,
    to=to,
    context=context,
    topic=Topic.RETURNS,
    lane=Lane.ASKED,
    any_hour=True,
    repeats=True,
    must_say=("number", "exactly"),
)
