"""The money is on its way back: how much of it which way, and where to look for it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from notifications.messages import refunded
from notifications.messages.kind import Kind, Topic
from notifications.messages.sources import refund_of

KIND = Kind(
    name="refund_sent",
    event="orders.refund.sent",
    says=gettext_lazy("The money is on its way back"),
    audience="who ordered",
    find=refund_of,
    to=refunded.to,
    context=refunded.sent,
    topic=Topic.MONEY,
    small=True,
    must_say=("amount", "ways", "credit_code"),
)
