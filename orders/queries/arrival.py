"""When a bag arrives: together, and line by line where that differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from orders.models import ServiceLevel
from orders.queries.bag import BagLine
from orders.queries.quotes import (
    NoEstimate,
    Quote,
    delivery_price,
    missing_to_free_delivery,
    slowest,
    timetable,
)
from orders.rules.promise import Wish


@dataclass(frozen=True)
class BagArrival:
    """What the bag's page says about delivery.

    `service` is None where we do not deliver, `quote` is None where no date can be promised.  `by_line` holds a quote
    a line, by line id, only when the lines would arrive on different days if sent alone.
    """

    goods_minor: int
    service: ServiceLevel | None
    quote: Quote | None
    delivery_minor: int
    missing_minor: int
    by_line: dict[int, Quote]

    @property
    def total_minor(self) -> int:
        """Return goods and delivery together."""
        return self.goods_minor + self.delivery_minor


def bag_arrival(lines: Sequence[BagLine], *, country: str, at: datetime) -> BagArrival:
    """Say when and for how much a bag travels by the country's default service.  Three queries."""
    goods = sum(line.gross_minor for line in lines)
    table = timetable(country, at=at)
    service = table.default()
    if service is None:
        return BagArrival(goods, None, None, 0, 0, {})
    try:
        quote = table.quote(service, Wish(making_days=slowest(line.making_days for line in lines)))
        alone = {line.line_id: table.quote(service, Wish(making_days=line.making_days)) for line in lines}
    except NoEstimate:
        quote, alone = None, {}
    days = {(one.estimate.deliver_from_on, one.estimate.deliver_by_on) for one in alone.values()}
    return BagArrival(
        goods_minor=goods,
        service=service,
        quote=quote,
        delivery_minor=delivery_price(service, goods_minor=goods),
        missing_minor=missing_to_free_delivery(service, goods_minor=goods),
        by_line=alone if len(days) > 1 else {},
    )
