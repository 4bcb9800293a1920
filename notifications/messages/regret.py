"""We are sorry for what went wrong: once for each fault, with a gesture while the month's budget lasts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext, gettext_lazy

from notifications.messages import words
from notifications.messages.kind import Kind, Recipient
from notifications.messages.sources import buyer
from orders.models import DelayCase, PromiseOutcome, Unavailability
from orders.operations.credit import issue_code
from shop.models import Event
from shop.queries.people import owner_of_address
from support.models import Fault, Gesture
from support.models.regret import FaultKind


@dataclass(frozen=True)
class Regret:
    """What the letter says: `sorry`, `what` went wrong, what `we_do` about it, and the gesture; empty without one.

    `sorry` calls it a mistake only where it was ours, which a crisis was not, nor snow, nor a courier that was slow:
    the letter about the delay named that reason, and no letter says something else than the one before.
    `credit_code` spends the gesture without an account; whoever has one signs in, and it is empty.
    """

    first_name: str
    number: str
    sorry: str
    what: str
    we_do: str
    amount: str
    last_day: str
    credit_code: str
    phone: str
    url: str


def find(event: Event) -> Fault:
    """Return the fault with its order and what was given for it.  One query."""
    rows = Fault.objects.select_related("order", "gesture__entry__account")
    return rows.get(pk=event.payload["fault_id"])


def to(fault: Fault) -> Recipient:
    """Write to who ordered."""
    return buyer(fault.order)


def context(fault: Fault, at: datetime) -> Regret:
    """Collect what the letter says.  A fresh secret link, at most four queries; a code for who has no account."""
    order = fault.order
    gesture: Gesture | None = getattr(fault, "gesture", None)
    owner = owner_of_address(order.email) if gesture else None
    last_on = gesture.entry.expires_on if gesture else None
    late = PromiseOutcome.objects.get(order=order) if fault.kind in (FaultKind.LATE, FaultKind.CRISIS) else None
    return Regret(
        first_name=words.first_name(order.full_name),
        number=order.number,
        sorry=_sorry(late),
        what=_what(fault, late),
        we_do=_we_do(fault),
        amount=words.money(gesture.amount_minor, order.currency) if gesture else "",
        last_day=words.day(last_on) if last_on else "",
        credit_code=issue_code(account=gesture.entry.account, at=at) if gesture and not owner else "",
        phone=settings.CARE_PHONE,
        url=words.tracking_url(order, at),
    )


def _had_a_reason(late: PromiseOutcome) -> bool:
    """Tell whether the letter about the delay gave a reason that was none of our doing."""
    return late.cause not in ("", DelayCase.Cause.WORKSHOP)


def _sorry(late: PromiseOutcome | None) -> str:
    """Say that we are sorry: for a mistake of ours as for one, else for the wait alone."""
    if late is not None and _had_a_reason(late):
        return gettext("We are sorry that you had to wait.")
    return gettext("That was our mistake, and we are sorry.")


def _what(fault: Fault, late: PromiseOutcome | None) -> str:
    """Say in one or two sentences what went wrong.  At most one query."""
    number = fault.order.number
    if fault.kind == FaultKind.MISSING:
        said = {"number": number, "piece": _missing(fault)}
        return gettext("You ordered %(piece)s (%(number)s), and it turned out that we did not have it.") % said
    if late is None:
        return gettext("Something in your order %(number)s was not as it has to be when it reached you.") % {
            "number": number
        }
    days = {"promised": words.day(late.promised_by_on), "arrived": words.local_day(late.delivered_at)}
    said_and_came = (
        gettext("When you ordered, we said it would be there by %(promised)s. It came on %(arrived)s.") % days
    )
    if _had_a_reason(late):
        return said_and_came + " " + gettext("There was a reason, and we told you of it; but the day was our word.")
    return said_and_came


def _missing(fault: Fault) -> str:
    titles = Unavailability.objects.filter(order=fault.order).order_by("id").values_list("line__title", flat=True)
    return ", ".join(dict.fromkeys(titles))


def _we_do(fault: Fault) -> str:
    """Say what we do with it, so that it is more than a word."""
    if fault.kind == FaultKind.MISSING:
        return gettext("What we show as there has to be there. We look at each of these, to see how it came about.")
    if fault.kind == FaultKind.PIECE:
        return gettext("It should never have left us like that. We note each of them, to see what lets it happen.")
    return gettext("We keep every day we missed, with where the time was lost, so that the next day we name is better.")


KIND = Kind(
    name="regret",
    event="support.fault.regretted",
    says=gettext_lazy("We are sorry: something went wrong with your order"),
    audience="who ordered",
    find=find,
    to=to,
    context=context,
    critical=False,
    optional=True,
    must_say=("what", "amount", "credit_code"),
)
