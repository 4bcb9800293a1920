"""Sentences of the return pages, and the rows their templates print."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from orders.models import Order, Payment
from returns.forms import EXCHANGE, REFUND, LineForm
from returns.queries import deadlines
from returns.queries.lines import LineState
from returns.queries.offers import LineOffer, first_last_day
from returns.queries.refunds import Moving, worth_of
from returns.rules import policy
from returns.rules.amounts import Back
from returns.rules.window import Why
from shop.rules import wording
from shop.rules.money import Money


def money(minor: int, order: Order) -> str:
    """Write an amount of an order in the page's language."""
    return wording.money(Money(minor, order.currency), get_language() or order.locale)


def refund_way(order: Order) -> str:
    """Return where a refund goes to, in words."""
    return {
        Payment.Provider.TEST_CARD: _("to the card you paid with"),
        Payment.Provider.BANK_TRANSFER: _("to the bank account you paid from"),
        Payment.Provider.CASH_ON_DELIVERY: _("to your bank account; we ask you for its number by mail"),
    }[Payment.Provider(order.payment.provider)]


def postage(payer: str) -> str:
    """Return who pays the way back, in words."""
    if payer == "shop":
        return _(
            "We pay the way back. Send it as you like, keep the receipt, and answer any of our mails with a photo of "
            "it: we give you the postage back."
        )
    return _("You pay the postage for the way back to us.")


def refusal(state: LineState) -> str:
    """Return why a line cannot be sent back now, in words."""
    if state.why == Why.NOT_DELIVERED:
        return _("Has not arrived yet.")
    if state.why == Why.WINDOW_OVER and state.window.last_on:
        last = wording.day(state.window.last_on, get_language() or "en")
        return _("The last day to send it back was %(day)s.") % {"day": last}
    return _("Already sent back, or part of a return.")


def line_row(form: LineForm, order: Order) -> dict[str, Any]:
    """Return what the form's template prints of one line: names, and small print for each outcome."""
    notes = {
        REFUND: _("%(way)s, within %(days)d working days after the parcel reaches us")
        % {"way": capfirst(refund_way(order)), "days": policy.SETTLE_WORKING_DAYS},
        EXCHANGE: _("It costs nothing, and we send it without waiting for your parcel"),
    }
    return {
        "form": form,
        "line": form.offer.state.line,
        "left": form.offer.state.left,
        "ends": {REFUND: each(form.offer.state.unit_minor, form.offer.state.left, order)},
        "notes": notes,
    }


def each(minor: int, left: int, order: Order) -> str:
    """Write a price, and that it is for one piece where there are several."""
    amount = money(minor, order)
    return amount if left == 1 else _("%(amount)s each") % {"amount": amount}


def arrivals(lines: Iterable[LineOffer], order: Order, at: datetime) -> dict[int, str]:
    """Return in words when a piece in exchange arrives, by its making time in working days."""
    making = {exchange.making_days for row in lines for exchange in row.exchanges}
    found = {days: deadlines.exchange_arrives(order=order, making_days=days, at=at) for days in sorted(making)}
    language = get_language() or "en"
    return {days: wording.day_range(*span, language) for days, span in found.items() if span}


def _moving(form: LineForm) -> Moving:
    pieces = form.cleaned_data["quantity"]
    return Moving(form.offer.state.bought_id, coming=pieces, going=pieces if form.chosen_exchange() else 0)


def review(order: Order, forms: Sequence[LineForm]) -> dict[str, Any]:
    """Return the choices in words, with the sum that comes back and who pays the way."""
    refunds = [form for form in forms if form.chosen_exchange() is None]
    back = [Back(form.offer.state.bought_id, form.cleaned_data["quantity"]) for form in refunds]
    refund = worth_of(order=order, back=back, moving=[_moving(form) for form in forms]).refund
    payers = []
    rows = []
    for form in forms:
        reason = next(row for row in form.offer.reasons if row.code == form.cleaned_data["reason"])
        payers.append(reason.postage)
        rows.append(
            {
                "line": form.offer.state.line,
                "pieces": pieces(form.cleaned_data["quantity"]),
                "reason": _(reason.label),
                "detail": form.cleaned_data["detail"],
                "exchange": form.chosen_exchange(),
            }
        )
    return {
        "rows": rows,
        "refund": refund,
        "pieces_minor": sum(refund.lines_minor),
        "refund_way": refund_way(order),
        "has_refund": bool(refunds),
        "has_exchange": len(refunds) < len(forms),
        "postage": postage(policy.who_pays(payers)),
        "last_on": first_last_day(form.offer for form in forms),
        "settle_days": policy.SETTLE_WORKING_DAYS,
    }


def pieces(number: int) -> str:
    """Write a number of pieces."""
    return ngettext("%(number)d piece", "%(number)d pieces", number) % {"number": number}
