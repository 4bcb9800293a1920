"""Why money goes back, in the language of who ordered: kept with the refund, told in letters and on papers."""

from __future__ import annotations

from django.utils.translation import gettext, override

from orders.models import Order


def said_to_her(order: Order, reason: str) -> str:
    """Return a reason of ours, marked by `gettext_noop` where it is named, in the language the order keeps."""
    with override(order.locale):
        return gettext(reason)
