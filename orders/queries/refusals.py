"""Why a payment did not go through, for the page she comes back to."""

from __future__ import annotations

from orders.models import Payment, PaymentEvent
from orders.rules.payment_page import Refusal

PLACEMENT = "order"


def refusal_key(*, of: str, notice: str = "") -> str:
    """Return the ledger's key of a try that did not go through: `of` the placement, or of a change's `charge_key`."""
    return f"refused:{of}:{notice}"[:120]


def last_refusal(payment: Payment, *, of: str = PLACEMENT) -> Refusal | None:
    """Return why the latest try on a payment page did not go through; None without one.  One query."""
    tries = payment.events.filter(
        kind=PaymentEvent.Kind.CAPTURE, phase=PaymentEvent.Phase.FAILED, key__startswith=refusal_key(of=of)
    )
    why = tries.order_by("-happened_at", "-id").values_list("note", flat=True).first()
    return Refusal(why) if why else None
