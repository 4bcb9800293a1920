"""What the checkout offers: every delivery with its day and its sum.  The page and the placement take this one path.

Source: style 14 (preview and perform take one path), commerce reference 2.19.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from orders.models import ServiceLevel, TaxRate
from orders.queries.bag import BagLine
from orders.queries.quotes import NoEstimate, Quote, Timetable, delivery_price, slowest
from orders.rules.checkout import home_wish, plain_wish
from orders.rules.guard import Shown
from orders.rules.promise import Estimate
from orders.rules.totals import Priced, Totals, totals


class NotServed(Exception):
    """We do not deliver there, or not in that way."""


@dataclass(frozen=True)
class Offer:
    """One delivery paid in one way.

    `plain` is the quote for somebody who is always at home, `quote` for the days she named; `waiting` says that the
    latter lies after the range because nobody is at home in it.
    """

    service: ServiceLevel
    provider: str
    totals: Totals
    plain: Quote
    quote: Quote
    waiting: bool

    @property
    def key(self) -> str:
        """Return the name under which the page keeps what it showed."""
        return f"{self.service.code}:{self.provider}"

    @property
    def estimate(self) -> Estimate:
        """Return the days to show."""
        return self.quote.estimate

    def as_shown(self) -> Shown:
        """Return what a page says when it shows this offer."""
        home_on = self.quote.estimate.deliver_by_on if self.waiting else None
        return Shown(self.totals.total_minor, self.plain.estimate.deliver_by_on, home_on)


def tax_rates(country: str, *, on: date) -> dict[str, int]:
    """Return the rate in basis points of each tax class of a country on a day.  One query."""
    rows = TaxRate.objects.in_force(country=country, on=on).order_by("tax_class", "id")
    return {row.tax_class: row.rate_bp for row in rows}


def offer(
    *,
    table: Timetable,
    service: ServiceLevel,
    provider: str,
    lines: Sequence[BagLine],
    rates: Mapping[str, int],
    home_weekdays: tuple[int, ...] = (),
) -> Offer:
    """Work out one offer.  No query.  Raises NoEstimate, and NotServed when a tax rate of the country is missing."""
    making_days = slowest(line.making_days for line in lines)
    plain = table.quote(service, plain_wish(making_days=making_days, provider=provider))
    wish = home_wish(making_days=making_days, provider=provider, home_weekdays=home_weekdays)
    quote, waiting = table.quote_waiting(service, wish)
    goods = [priced(line, rates) for line in lines]
    sums = totals(
        lines=goods,
        delivery_minor=delivery_price(service, goods_minor=sum(line.gross_minor for line in goods)),
    )
    return Offer(service, provider, sums, plain, quote, waiting)


def offers(
    *,
    table: Timetable,
    providers: Iterable[str],
    lines: Sequence[BagLine],
    rates: Mapping[str, int],
    home_weekdays: tuple[int, ...] = (),
) -> list[Offer]:
    """Work out every offer of a country that has a date.  No query.  Raises NotServed when a tax rate is missing."""
    found = []
    for service in table.services:
        for provider in providers:
            try:
                found.append(
                    offer(
                        table=table,
                        service=service,
                        provider=provider,
                        lines=lines,
                        rates=rates,
                        home_weekdays=home_weekdays,
                    )
                )
            except NoEstimate:
                continue  # a service without a date is not offered
    return found


def priced(line: BagLine, rates: Mapping[str, int]) -> Priced:
    """Price one line.  Raises NotServed when its tax class has no rate in the country."""
    return Priced(line.unit_minor, line.quantity, _rate(rates, line.product.tax_class))


def _rate(rates: Mapping[str, int], tax_class: str) -> int:
    try:
        return rates[tax_class]
    except KeyError:
        raise NotServed(f"no tax rate for {tax_class}") from None
