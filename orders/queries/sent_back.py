"""How far a refund is: what of which received sum was asked back, sent, and is still to be sent.

Source: commerce reference d.4 (requested, succeeded, failed); reliability reference D8.
"""

from __future__ import annotations

from django.db.models import Case, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from orders.models import Payment, PaymentEvent, RefundGrant
from orders.rules.payment import Received

Kind, Means, Phase = PaymentEvent.Kind, PaymentEvent.Means, PaymentEvent.Phase

# What an event takes away from the sum it is of (it went back), or gives to it again (it came back to us).
_TAKES, _GIVES = (Kind.REFUND, Kind.CHARGEBACK), (Kind.BOUNCED, Kind.REVERSAL)


def parts_to_send(grant: RefundGrant) -> list[PaymentEvent]:
    """Return the parts the provider was asked for, or is about to be, that are neither sent nor refused.  One query."""
    mine = _events_of(grant).filter(kind=Kind.REFUND)
    over = mine.exclude(phase=Phase.REQUESTED).values("key")
    asked = mine.filter(phase=Phase.REQUESTED).exclude(key__in=over)
    return list(asked.select_related("of").order_by("id"))


def was_asked(grant: RefundGrant) -> bool:
    """Tell whether it is decided of which sums this refund is taken.  One query."""
    return _events_of(grant).filter(kind=Kind.REFUND, phase=Phase.REQUESTED).exists()


def left_to_send(grant: RefundGrant) -> int:
    """Return what of a refund, apart from store credit, has not been sent or came back to us.  One query."""
    sent = _events_of(grant).filter(means=Means.PROVIDER, phase=Phase.SUCCEEDED).aggregate(sum=_gone())["sum"]
    return grant.amount_minor - grant.credit_minor - int(sent)


def bank_has(payment: Payment, grant: RefundGrant) -> bool:
    """Tell whether her bank took back so much that what is left of a refund would be with her twice.  Two queries."""
    if not payment.charged_back_minor:
        return False
    left = left_to_send(grant) + (0 if credit_restored(grant) else grant.credit_minor)
    return payment.refunded_minor + payment.charged_back_minor + left > payment.captured_minor


def went_back(grant: RefundGrant) -> tuple[int, int]:
    """Return what of a refund went back through the provider, and what a person sent another way.  One query.

    What came back to us counts no more; what is of no sum that came in was sent by a person.
    """
    sent = _events_of(grant).filter(means=Means.PROVIDER, phase=Phase.SUCCEEDED)
    sums = sent.aggregate(
        provider=Coalesce(Sum(_signed(), filter=Q(of__isnull=False)), 0),
        by_hand=Coalesce(Sum(_signed(), filter=Q(of__isnull=True)), 0),
    )
    return int(sums["provider"]), int(sums["by_hand"])


def credit_restored(grant: RefundGrant) -> bool:
    """Tell whether the store credit in a refund is back in its account.  One query."""
    return _events_of(grant).filter(means=Means.STORE_CREDIT).exists()


def received_sums(payment: Payment) -> tuple[list[Received], int]:
    """Return the sums that came in through the provider, oldest first, and what went back of none of them.

    Two queries.  What was asked back counts as gone until it is refused; lock the payment before asking for more.
    """
    events = payment.events.filter(means=Means.PROVIDER)
    came_in = events.filter(kind=Kind.CAPTURE, phase=Phase.SUCCEEDED).order_by("id")
    refused = events.filter(kind=Kind.REFUND, phase=Phase.FAILED).values("key")
    # Requested and succeeded share a key: each part counts by its first row alone.
    counted = events.filter(kind__in=_TAKES + _GIVES).exclude(key__in=refused, kind=Kind.REFUND)
    counted = counted.exclude(of__isnull=False, kind=Kind.REFUND, phase=Phase.SUCCEEDED)
    gone = {row["of"]: row["gone"] for row in counted.values("of").annotate(gone=_gone()).order_by("of")}
    sums = [Received(event.pk, event.amount_minor, gone.get(event.pk, 0)) for event in came_in]
    return sums, gone.get(None, 0)


def _gone() -> Coalesce:
    return Coalesce(Sum(_signed()), Value(0))


def _signed() -> Case:
    return Case(
        When(Q(kind__in=_TAKES), then=F("amount_minor")), When(Q(kind__in=_GIVES), then=-F("amount_minor")), default=0
    )


def _events_of(grant: RefundGrant) -> QuerySet[PaymentEvent]:
    return PaymentEvent.objects.filter(payment_id=grant.payment_id, key__startswith=f"grant:{grant.pk}:")
