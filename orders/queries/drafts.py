"""What a draft comes to: its pieces, its sum and its days, by the same path the checkout takes."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from orders.models import OrderDraft
from orders.queries.bag import ordered_lines
from orders.queries.offers import Asked, NotServed, Offer, offer, tax_rates
from orders.queries.promotions import chances_of
from orders.queries.quotes import NoEstimate, timetable
from orders.rules.hours import split_choice
from orders.rules.promotions import customer_key


def offer_of(draft: OrderDraft, *, provider: str, at: datetime) -> Offer | None:
    """Return a draft's offer for its delivery and one way to pay; None when it is over or has no date."""
    country, (code, key) = draft.details.get("country", ""), split_choice(draft.details.get("service", ""))
    table = timetable(country, at=at)
    service = table.named(code) or table.default()
    if draft.cart is None or service is None:
        return None
    lines = ordered_lines(draft.cart)
    chances = tuple(chances_of(draft.cart, customer_key=customer_key(draft.email), at=at))
    try:
        return (
            offer(
                table=table,
                service=service,
                provider=provider,
                lines=lines,
                rates=tax_rates(country, on=timezone.localdate(at)),
                asked=Asked(chances=chances),
                window=service.window(key) if service.code == code else None,
            )
            if lines
            else None
        )
    except (NoEstimate, NotServed):
        return None
