"""How an order's money stands, in one sentence for whoever is about to give some of it back.

Source: reliability reference T10 (refused before it is tried), commerce reference d.4.
"""

from __future__ import annotations

from django.db.models import Sum
from django.utils.translation import gettext as _

from orders.models import Payment, RefundGrant
from orders.queries.sent_back import bank_has
from shop.rules import wording
from shop.rules.money import Money

State = RefundGrant.State


def amount(minor: int, payment: Payment) -> str:
    """Return a sum of a payment as staff read it."""
    return wording.money(Money(minor, payment.currency), "en")


def what_can_go_back(payment: Payment) -> str:
    """Say how much can go back at most, or why nothing can.  One query."""
    if not payment.captured_minor:
        if payment.provider == Payment.Provider.CASH_ON_DELIVERY:
            return _("Nothing: it is paid at the door, and the money is not noted yet.")
        return _("Nothing: no money has come in for this order yet.")
    left = payment.captured_minor - payment.charged_back_minor - payment.granted_minor
    gone = "; ".join(_gone(payment))
    if left > 0:
        most = _("%(left)s of %(received)s") % {"left": amount(left, payment), "received": _received(payment)}
        return f"{most}: {gone}." if gone else f"{most}."
    return _("Nothing of %(received)s: %(gone)s.") % {"received": _received(payment), "gone": gone}


def refused(payment: Payment) -> str:
    """Say why so much cannot go back: read again, for somebody may have given some meanwhile.  Two queries."""
    now = Payment.objects.get(pk=payment.pk)
    return _("Nothing was changed. What can go back: %(most)s") % {"most": what_can_go_back(now)}


def _received(payment: Payment) -> str:
    return amount(payment.captured_minor, payment)


def _gone(payment: Payment) -> list[str]:
    """Return where what is not here any more went, each with its sum."""
    asked = payment.grants.filter(state=State.ASKED).aggregate(sum=Sum("amount_minor"))["sum"] or 0
    decided = payment.granted_minor - payment.refunded_minor - asked
    sums = (
        (payment.refunded_minor, _("%(sum)s went back")),
        (decided, _("%(sum)s is decided and on its way back")),
        (asked, _("%(sum)s waits for a second person, under Refunds")),
        (payment.charged_back_minor, _("%(sum)s was taken back by the shopper's bank and is with her")),
    )
    return [words % {"sum": amount(minor, payment)} for minor, words in sums if minor > 0]


def where_it_is(grant: RefundGrant) -> str:
    """Say where a refund is and who does what next.  At most two queries."""
    if grant.state in {State.BY_HAND, State.FAILED} and not bank_has(grant.payment, grant):
        return _for_a_person(grant)
    return {
        State.ASKED: _("It is more than one person may give: somebody else has to approve it before it goes out."),
        State.REFUSED: _("It was not approved, or withdrawn when everything went back. Nothing of it went out."),
        State.GRANTED: _("The worker sends it. Nobody has to do anything.")
        if not grant.error
        else _("The card provider did not take it at the first try. The worker asks again; nobody has to do anything."),
        State.SENT: _("It was sent. With a card it takes her bank some days to show it."),
    }.get(State(grant.state)) or _(
        "Do not pay it out: the shopper's bank has taken this money back, so she has it. If the bank decides for us, it"
        " goes on by itself."
    )


def _for_a_person(grant: RefundGrant) -> str:
    if grant.error == "Bounced":
        return _(
            "Her bank sent it back: the card or account is closed. Ask her for an account, transfer it and note it."
        )
    if grant.error == "OutcomeUnknown":
        return _(
            "The card provider did not answer. Look in its dashboard whether it was sent; if not, transfer it."
            " Then note it."
        )
    if grant.state == State.FAILED:
        return _(
            "The card provider refuses it: the payment is too old, disputed or given back there. Look in its"
            " dashboard, ask her for an account, transfer it and note it."
        )
    return _("No card takes it back: transfer it to her account and note the reference.")
