"""Sentences of the return pages, and the rows their templates print."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from orders.models import Order, Payment
from returns.forms import EXCHANGE, REFUND, LineForm
from returns.queries.lines import LineState
from returns.queries.offers import first_last_day
from returns.queries.refunds import refund_for
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
    return _("You pay the postage for the way back to us. What we send you in exchange costs you nothing.")


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
    line = form.offer.state.line
    ends = {REFUND: money(form.offer.state.unit_minor, order)}
    notes = {REFUND: _("Each piece, %(way)s") % {"way": refund_way(order)}}
    for row in form.offer.exchanges:
        stock = _("In stock") if not row.making_days else _("Made for you in %(days)d working days")
        notes[f"{EXCHANGE}{row.variant_id}"] = stock % {"days": row.making_days} if row.making_days else stock
    return {"form": form, "line": line, "left": form.offer.state.left, "ends": ends, "notes": notes}


def review(order: Order, forms: Sequence[LineForm]) -> dict[str, Any]:
    """Return the choices in words, with the sum that comes back and who pays the way."""
    refunds = [form for form in forms if form.chosen_exchange() is None]
    back = [Back(form.offer.state.bought_id, form.cleaned_data["quantity"]) for form in refunds]
    refund = refund_for(order=order, back=back)
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
