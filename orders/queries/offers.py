"""What the checkout offers: every delivery with its day and its sum.  The page and the placement take this one path.

Source: style 14 (preview and perform take one path), commerce reference 2.19.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from orders.models import ServiceLevel, TaxRate
from orders.queries.bag import BagLine
from orders.queries.quotes import NoEstimate, Quote, Timetable, delivery_price
from orders.rules.agreed import AgreedDelivery
from orders.rules.bag import Ready, ready_first, ready_last
from orders.rules.checkout import home_wish, plain_wish
from orders.rules.guard import Shown
from orders.rules.hours import Window, choice_of
from orders.rules.promise import Estimate, Wish
from orders.rules.promotions import NOTHING, Chance, Outcome, promise_of, share
from orders.rules.totals import Priced, Totals, totals


class NotServed(Exception):
    """We do not deliver there, or not in that way."""


@dataclass(frozen=True)
class Asked:
    """What the shopper wants besides a service: days at home, each piece when it is ready, promotions.

    `agreed` is what a delivery was said to cost on the phone.
    """

    home_weekdays: tuple[int, ...] = ()
    as_ready: bool = False
    chances: tuple[Chance, ...] = ()
    agreed: AgreedDelivery | None = None


PLAIN = Asked()


@dataclass(frozen=True)
class Offer:
    """One delivery paid in one way.

    `plain` is the quote for somebody who is always at home, `quote` for the days she named; `waiting` says that the
    latter lies after the range because nobody is at home in it.  `promotions` is what counts, `early` the quote of what
    is sent before the rest, `priced` the lines in the order they were given, `window` the hours it comes in.
    """

    service: ServiceLevel
    provider: str
    totals: Totals
    plain: Quote
    quote: Quote
    waiting: bool
    promotions: Outcome = NOTHING
    early: Quote | None = None
    priced: tuple[Priced, ...] = ()
    window: Window | None = None

    @property
    def choice(self) -> str:
        """Return its delivery among the choices of the page: the service, and the hours if there are any."""
        return choice_of(self.service.code, self.window)

    @property
    def key(self) -> str:
        """Return the name under which the page keeps what it showed."""
        return f"{self.choice}:{self.provider}"

    @property
    def estimate(self) -> Estimate:
        """Return the days to show."""
        return self.quote.estimate

    def as_shown(self, *, credit_minor: int = 0) -> Shown:
        """Return what a page says when it shows this offer to somebody with so much store credit."""
        home_on = self.quote.estimate.deliver_by_on if self.waiting else None
        early_on = self.early.estimate.deliver_by_on if self.early else None
        return Shown(
            total_minor=self.totals.total_minor,
            deliver_by_on=self.plain.estimate.deliver_by_on,
            home_on=home_on,
            early_on=early_on,
            promotions=self.promotions.mark,
            credit_minor=min(self.totals.total_minor, credit_minor),
        )

    @property
    def goods_minor(self) -> int:
        """Return what the goods cost before anything is taken off."""
        return self.totals.goods_minor + self.promotions.off_goods_minor


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
    asked: Asked = PLAIN,
    window: Window | None = None,
) -> Offer:
    """Work out one offer.  No query.  Raises NoEstimate, and NotServed when a tax rate of the country is missing."""
    each_ready = [line.ready for line in lines if not line.wraps]
    last = ready_last(each_ready)
    plain = table.quote(service, plain_wish(ready=last, provider=provider))
    wish = home_wish(ready=last, provider=provider, home_weekdays=asked.home_weekdays)
    quote, waiting = table.quote_waiting(service, wish)
    goods_minor = sum(line.gross_minor for line in lines if not line.wraps)
    delivery_minor = delivery_price(service, goods_minor=goods_minor)
    if asked.agreed:
        delivery_minor = asked.agreed.delivery(service.code, today_minor=delivery_minor)
    found = promise_of(asked.chances, goods_minor=goods_minor, delivery_minor=delivery_minor)
    each = priced_lines(lines, rates, found)
    sums = totals(lines=each, delivery_minor=delivery_minor - found.off_delivery_minor)
    early = _early(table, service, wish, ready_first(each_ready)) if asked.as_ready else None
    made = Offer(service, provider, sums, plain, quote, waiting, found, early, tuple(each))
    return at_hours(made, window, asked.agreed) if window else made


def at_hours(plain: Offer, window: Window, agreed: AgreedDelivery | None = None) -> Offer:
    """Return an offer with hours to come in: the same days, and their price on top of the delivery.

    What is free of delivery, by its worth or by a voucher, still pays for the hours.
    """
    if agreed:
        window = agreed.hours(plain.service.code, window)
    fee_minor = plain.totals.delivery_minor + window.price_minor
    return replace(plain, window=window, totals=totals(lines=plain.priced, delivery_minor=fee_minor))


def _early(table: Timetable, service: ServiceLevel, wish: Wish, first: Ready | None) -> Quote | None:
    """Quote what can go before the rest; None when it would not arrive any earlier."""
    if first is None:
        return None
    whole, _waiting = table.quote_waiting(service, wish)
    sooner = replace(wish, making_days=first.making_days, goods_on=first.goods_on)
    early, _waiting = table.quote_waiting(service, sooner)
    return early if early.estimate.deliver_by_on < whole.estimate.deliver_by_on else None


def offers(
    *,
    table: Timetable,
    providers: Iterable[str],
    lines: Sequence[BagLine],
    rates: Mapping[str, int],
    asked: Asked = PLAIN,
) -> list[Offer]:
    """Work out every offer of a country that has a date.  No query.  Raises NotServed when a tax rate is missing."""
    found = []
    for service in table.services:
        for provider in providers:
            try:
                one = offer(table=table, service=service, provider=provider, lines=lines, rates=rates, asked=asked)
            except NoEstimate:
                continue  # a service without a date is not offered
            found += [one, *(at_hours(one, window, asked.agreed) for window in service.windows)]
    return found


def priced_lines(lines: Sequence[BagLine], rates: Mapping[str, int], found: Outcome) -> list[Priced]:
    """Price every line, less its share of what is taken off the goods.  Raises NotServed."""
    parts = iter(share(found.off_goods_minor, [line.gross_minor for line in lines if not line.wraps]))
    return [replace(priced(line, rates), discount_minor=0 if line.wraps else next(parts)) for line in lines]


def priced(line: BagLine, rates: Mapping[str, int]) -> Priced:
    """Price one line.  Raises NotServed when its tax class has no rate in the country."""
    return Priced(line.unit_minor, line.quantity, _rate(rates, line.product.tax_class))


def _rate(rates: Mapping[str, int], tax_class: str) -> int:
    try:
        return rates[tax_class]
    except KeyError:
        raise NotServed(f"no tax rate for {tax_class}") from None
