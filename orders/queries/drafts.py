"""What a draft comes to: its pieces, its sum and its days, by the same path the checkout takes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from orders.models import OrderDraft
from orders.queries.bag import BagLine, agreed_delivery, ordered_lines
from orders.queries.offers import Asked, NotServed, Offer, offer, tax_rates
from orders.queries.promotions import chances_of
from orders.queries.quotes import NoEstimate, timetable
from orders.rules.hours import split_choice
from orders.rules.incident import Where
from orders.rules.promotions import customer_key


def offer_of(draft: OrderDraft, *, provider: str, at: datetime) -> Offer | None:
    """Return a draft's offer for its delivery and one way to pay; None when it is over or has no date."""
    country, (code, key) = draft.details.get("country", ""), split_choice(draft.details.get("service", ""))
    if draft.cart is None:
        return None
    lines = ordered_lines(draft.cart)
    table = timetable(country, at=at, where=_where(draft, country, lines))
    service = table.named(code) or table.default()
    if service is None:
        return None
    chances = tuple(chances_of(draft.cart, customer_key=customer_key(draft.email), at=at))
    try:
        return (
            offer(
                table=table,
                service=service,
                provider=provider,
                lines=lines,
                rates=tax_rates(country, on=timezone.localdate(at)),
                asked=Asked(chances=chances, agreed=agreed_delivery(draft.cart)),
                window=service.window(key) if service.code == code else None,
            )
            if lines
            else None
        )
    except (NoEstimate, NotServed):
        return None


def _where(draft: OrderDraft, country: str, lines: Sequence[BagLine]) -> Where:
    """Return what she said of where it goes, so that a crisis counts as it does on the page of the draft."""
    products = frozenset(line.product.pk for line in lines)
    return Where(country, draft.details.get("postcode") or None, draft.details.get("region") or None, products)
