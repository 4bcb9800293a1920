"""The money is on its way back: how much and where to look for it."""

from __future__ import annotations

from notifications.messages import refunded
from notifications.messages.kind import Kind
from notifications.messages.sources import refund_of

KIND = Kind(
    name="refund_sent",
    event="orders.refund.sent",
    says="The money is on its way back",
    audience="who ordered",
    find=refund_of,
    to=refunded.to,
    context=refunded.context,
)
