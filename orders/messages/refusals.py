"""Why a payment did not go through, in sentences a shopper reads: what happened, and what may help."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from orders.rules.payment_page import Refusal

SENTENCES = {
    Refusal.DECLINED: gettext_lazy(
        "Your bank declined the card, and tells us no reason. Another card may do, or your bank knows more."
    ),
    Refusal.NOT_CONFIRMED: gettext_lazy(
        "Your bank could not confirm that it is you (3-D Secure). Try once more with your bank’s app or code at hand,"
        " or take another card."
    ),
    Refusal.FUNDS: gettext_lazy(
        "Your bank says that this card does not cover the amount, or that its limit is reached. Another card may do."
    ),
    Refusal.TYPED: gettext_lazy(
        "Your bank could not find this card: its number, its date or its code does not fit, or it has run out."
    ),
}


def why_refused(refusal: Refusal | None) -> str:
    """Return the sentence for a refusal, empty for none."""
    return str(SENTENCES[refusal]) if refusal else ""
