"""When a bag arrives: together, and line by line where that differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from orders.models import ServiceLevel
from orders.queries.bag import BagLine
from orders.queries.quotes import (
    NoEstimate,
    Quote,
    delivery_price,
    missing_to_free_delivery,
    timetable,
)
from orders.rules.bag import Ready, ready_first, ready_last
from orders.rules.incident import Where
from orders.rules.promise import Wish
from orders.rules.promotions import NOTHING, Chance, Outcome, promise_of


@dataclass(frozen=True)
class BagArrival:
    """What the bag's page says about delivery and sums.

    `service` is None where we do not deliver, `quote` is None where no date can be promised.  `by_line` holds a quote
    a line, by line id, only when the lines would arrive on different days if sent alone; `early` is the quote of what
    is ready first, when it arrives earlier than the rest.  `delivery_minor` is what is asked for after promotions.
    """

    goods_minor: int
    wrap_minor: int
    service: ServiceLevel | None
    quote: Quote | None
    delivery_minor: int
    missing_minor: int
    by_line: dict[int, Quote]
    promotions: Outcome = NOTHING
    early: Quote | None = None

    @property
    def total_minor(self) -> int:
        """Return what everything costs."""
        return self.goods_minor - self.promotions.off_goods_minor + self.wrap_minor + self.delivery_minor


def bag_arrival(
    lines: Sequence[BagLine], *, country: str, at: datetime, wrap_minor: int = 0, chances: Sequence[Chance] = ()
) -> BagArrival:
    """Say when and for how much a bag travels by the country's default service.  Four queries."""
    goods = sum(line.gross_minor for line in lines)
    where = Where(country, products=frozenset(line.product.pk for line in lines))
    table = timetable(country, at=at, where=where)
    service = table.default()
    if service is None:
        outcome = promise_of(chances, goods_minor=goods, delivery_minor=0)
        return BagArrival(goods, wrap_minor, None, None, 0, 0, {}, outcome)
    each_ready = [line.ready for line in lines]
    try:
        quote = table.quote(service, _wish(ready_last(each_ready)))
        alone = {line.line_id: table.quote(service, _wish(line.ready)) for line in lines}
    except NoEstimate:
        quote, alone = None, {}
    price = delivery_price(service, goods_minor=goods)
    outcome = promise_of(chances, goods_minor=goods, delivery_minor=price)
    return BagArrival(
        goods_minor=goods,
        wrap_minor=wrap_minor,
        service=service,
        quote=quote,
        delivery_minor=price - outcome.off_delivery_minor,
        missing_minor=missing_to_free_delivery(service, goods_minor=goods) if price > outcome.off_delivery_minor else 0,
        by_line=alone if len({_days(one) for one in alone.values()}) > 1 else {},
        promotions=outcome,
        early=_early(quote, alone, ready_first(each_ready), lines),
    )


def _wish(ready: Ready) -> Wish:
    return Wish(making_days=ready.making_days, goods_on=ready.goods_on)


def _days(quote: Quote) -> tuple[date, date]:
    return quote.estimate.deliver_from_on, quote.estimate.deliver_by_on


def _early(quote: Quote | None, alone: dict[int, Quote], first: Ready | None, lines: Sequence[BagLine]) -> Quote | None:
    """Return the quote of what is ready first, when it would arrive before the rest."""
    if quote is None or first is None:
        return None
    found = next(alone[line.line_id] for line in lines if line.ready == first)
    return found if found.estimate.deliver_by_on < quote.estimate.deliver_by_on else None
