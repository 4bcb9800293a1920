"""Why a payment did not go through, for the page she comes back to."""

from __future__ import annotations

from orders.models import Payment, PaymentEvent
from orders.rules.payment_page import Refusal

REFUSED = "refused:"  # how the key of a try begins that did not go through


def last_refusal(payment: Payment) -> Refusal | None:
    """Return why the latest try on the payment page did not go through; None without one.  One query."""
    tries = payment.events.filter(
        kind=PaymentEvent.Kind.CAPTURE, phase=PaymentEvent.Phase.FAILED, key__startswith=REFUSED
    )
    why = tries.order_by("-happened_at", "-id").values_list("note", flat=True).first()
    return Refusal(why) if why else None
