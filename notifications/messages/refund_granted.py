"""We give money back: how much, for what, which way, when it can be seen."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_lazy

from notifications.messages import refunded
from notifications.messages.kind import Kind, Topic
from notifications.messages.sources import refund_of
from notifications.rules import standing
from orders.models import RefundGrant


def unwanted(grant: RefundGrant) -> str:
    """A cancelled order and a settled return have notices that name the money themselves."""
    if grant.origin.startswith(("orders.cancel:", "returns.case:")):
        return gettext("The notice of the cancelled order or the settled return says so.")
    return ""


KIND = Kind(
    name="refund_granted",
    event="orders.refund.granted",
    says=gettext_lazy("We give money back"),
    audience="who ordered",
    find=refund_of,
    to=refunded.to,
    context=refunded.decided,
    unwanted=unwanted,
    outdated=standing.while_refund_waits,
    topic=Topic.MONEY,
    small=True,
    must_say=("amount", "ways"),
)
