"""A sentence for each thing she still waits for: where it is, until when, and that we are late where we are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext

from notifications.messages import words
from notifications.rules.matters import About, Matter
from orders.models import Parcel, ParcelPlan, RefundGrant
from returns.models import ReturnCase
from support.models import Conversation


@dataclass(frozen=True)
class Saying:
    """What a note says of one matter, and under which subject when it is the only one."""

    headline: str
    sentence: str


def saying(matter: Matter, number: str, today: date) -> Saying:
    """Say where one matter of the order `number` stands.  One or two queries."""
    return _SAYINGS[matter.about](matter, number, today)


def _exchange(matter: Matter, number: str, today: date) -> Saying:
    plan = ParcelPlan.objects.select_related("parcel").filter(parcel=matter.row_id).latest("version", "id")
    told = {
        "number": number,
        "days": words.days(plan),
        "pieces": ", ".join(
            f"{line.quantity} × {line.title} {line.options}".strip() for line in words.parcel_lines(plan.parcel)
        ),
    }
    if matter.is_late(today):
        late = gettext(
            "Your exchange (%(pieces)s) was to arrive %(days)s and has not. We are sorry. We find out where it is and "
            "write to you as soon as we know."
        )
        return Saying(gettext("Your exchange for %(number)s is late") % told, late % told)
    return Saying(gettext("Your exchange for %(number)s: arrives %(days)s") % told, _going(plan.parcel) % told)


def _going(parcel: Parcel) -> str:
    if parcel.status == Parcel.Status.HANDED_OVER:
        return gettext("Your exchange (%(pieces)s) is on its way. It arrives %(days)s.")
    if parcel.status == Parcel.Status.PACKED:
        return gettext("Your exchange (%(pieces)s) is packed and waits for the courier's van. It arrives %(days)s.")
    return gettext("Your exchange (%(pieces)s) is with us and being made ready. It arrives %(days)s.")


def _return(matter: Matter, number: str, today: date) -> Saying:
    case = ReturnCase.objects.get(pk=matter.row_id)
    told = {"case": case.number, "day": words.day(matter.by) if matter.by else ""}
    if case.received_at:
        told["since"] = words.local_day(case.received_at)
    return Saying(gettext("Where your return %(case)s stands") % told, _looked_at(case, matter, today) % told)


def _looked_at(case: ReturnCase, matter: Matter, today: date) -> str:
    if case.received_at is None:
        if matter.is_late(today):
            return gettext(
                "We had said we would answer about your return %(case)s by %(day)s, and have not. We are sorry. It is "
                "at the top of our list."
            )
        if matter.by:
            return gettext("We look at your wish to send something back (%(case)s) and answer by %(day)s.")
        return gettext("We look at your wish to send something back (%(case)s) and write to you as soon as we have.")
    if matter.is_late(today):
        return gettext(
            "Your return %(case)s has been with us since %(since)s. We had said it would be settled by %(day)s, and it "
            "is not. We are sorry. It is at the top of our list."
        )
    if matter.by:
        return gettext("Your return %(case)s has been with us since %(since)s. We look at it and settle it by %(day)s.")
    return gettext(
        "Your return %(case)s has been with us since %(since)s. We look at it and write to you as soon as we have."
    )


def _refund(matter: Matter, number: str, today: date) -> Saying:
    grant = RefundGrant.objects.select_related("payment").get(pk=matter.row_id)
    told = {
        "number": number,
        "amount": words.money(grant.amount_minor, grant.payment.currency),
        "day": words.day(matter.by) if matter.by else "",
    }
    if matter.is_late(today):
        says = gettext(
            "We had said %(amount)s would leave us by %(day)s, and it has not. We are sorry. A person sees to it."
        )
    elif matter.by:
        says = gettext("We give %(amount)s back to you; it leaves us by %(day)s.")
    else:
        says = gettext("We give %(amount)s back to you; it has not left us yet.")
    return Saying(gettext("Your money back for %(number)s: %(amount)s") % told, f"{says % told} {_seen(grant)}")


def _seen(grant: RefundGrant) -> str:
    if grant.destination == RefundGrant.Destination.STORE_CREDIT:
        return gettext("We write to you the moment it is there.")
    return gettext("We write to you the moment it has left; your bank then needs up to four days.")


def _question(matter: Matter, number: str, today: date) -> Saying:
    subject = Conversation.objects.values_list("subject", flat=True).get(pk=matter.row_id)
    told = {"number": number, "subject": subject, "day": words.day(matter.by) if matter.by else ""}
    if matter.is_late(today):
        says = gettext(
            "You wrote to us: “%(subject)s”. You were to have our answer by %(day)s, and have not. We are sorry. It is "
            "at the top of our list."
        )
    else:
        says = gettext("You wrote to us: “%(subject)s”. You have our answer by %(day)s.")
    return Saying(gettext("Your question about %(number)s is not forgotten") % told, says % told)


_SAYINGS: dict[About, Callable[[Matter, str, date], Saying]] = {
    About.EXCHANGE: _exchange,
    About.RETURN: _return,
    About.REFUND: _refund,
    About.QUESTION: _question,
}
