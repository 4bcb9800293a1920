"""What a change makes of the lines of an order and of its sums: prices, what promotions take off, delivery.

The same sums as at the checkout, on the terms the order was placed on.  Minor units.
Source: commerce reference d.3 (OrderChange), 2.12, b-13, b-17.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.conf import settings

from orders.models import Order, OrderChange, OrderLine
from orders.queries.quotes import delivery_price
from orders.rules.bag import Ready
from orders.rules.changing import NotChangeable, Why, Wish, fee_after, less_to_fit, unit_after, was_after
from orders.rules.given import Given, Used, fallen_gifts, given_after, off_delivery, off_goods
from orders.rules.promotions import share
from orders.rules.totals import Priced, Totals, totals
from shop.models import Variant
from shop.queries.reductions import former_prices_at


@dataclass(frozen=True)
class LineAfter:
    """One line as it would be; `pieces` 0 when it is taken out."""

    line: OrderLine
    variant: Variant
    priced: Priced
    pieces: int
    was_minor: int | None = None

    @property
    def changed(self) -> bool:
        """Tell whether anything of it is different."""
        return (self.variant.pk, self.pieces) != (self.line.variant_id, self.line.quantity)

    @property
    def making_days(self) -> int:
        """Return how long it takes to make."""
        return self.ready.making_days

    @property
    def ready(self) -> Ready:
        """Return when it can be packed; another form is given only from the shelf."""
        return Ready(self.variant.making_days) if self.variant.pk != self.line.variant_id else self.line.ready

    @property
    def repriced(self) -> bool:
        """Tell whether something else is taken off it."""
        return self.priced.discount_minor != self.line.discount_minor


@dataclass(frozen=True)
class SumsAfter:
    """The lines with what is taken off them, the sums, and what each promotion gives."""

    lines: tuple[LineAfter, ...]
    totals: Totals
    given: tuple[Given, ...]


def lines_after(order: Order, lines: Sequence[OrderLine], wishes: Mapping[int, Wish]) -> list[LineAfter]:
    """Return every line as she wants it, nothing taken off anew yet.  Up to three queries.  Raises NotChangeable."""
    if not wishes.keys() <= {line.pk for line in lines}:
        raise NotChangeable(Why.OTHER_LINE)
    ids = {wish.variant_id for wish in wishes.values()}
    swaps = any(line.pk in wishes and wishes[line.pk].variant_id != line.variant_id for line in lines)
    then = former_prices_at(ids, at=order.placed_at) if swaps else {}
    had = _had(order) if swaps else {}
    forms = {variant.pk: variant for variant in Variant.objects.filter(pk__in=ids).order_by("id")}
    return [_line_after(line, forms, wishes.get(line.pk), then, had) for line in lines]


def sums_after(order: Order, lines: Sequence[LineAfter], used: Sequence[Used], *, least_minor: int) -> SumsAfter:
    """Add a changed order up again.  No query.

    `least_minor` is the smallest sum her way of paying takes: a difference below it is given to her.  Raises
    NotChangeable where something is taken off that no promotion explains, or where the cents cannot be given.
    """
    taken_off = sum(one.line.discount_minor for one in lines)
    if taken_off != off_goods(Given(one, one.saved_minor) for one in used) and not all(map(_costs_the_same, lines)):
        raise NotChangeable(Why.PROMOTION)
    found = _sums(order, lines, used)
    more = found.totals.total_minor - order.total_minor
    if not 0 < more < least_minor:
        return found
    found = _sums(order, _dearest_less(lines, more, least_minor), used)
    if 0 < found.totals.total_minor - order.total_minor < least_minor:
        raise NotChangeable(Why.TOO_LITTLE)
    return found


def changeable(line: OrderLine) -> bool:
    """Tell whether a line is one that can be changed: bought, and all of it still to come."""
    gone = line.qty_cancelled + line.qty_missing + line.qty_replaced + line.qty_handed_over
    return is_bought(line) and not gone


def is_bought(line: OrderLine) -> bool:
    """Tell whether a line is goods she chose: no gift, and not the gift wrap."""
    return line.kind == OrderLine.Kind.SALE and not wraps(line)


def wraps(line: OrderLine) -> bool:
    """Tell whether a line is the gift wrap, of which no promotion takes anything off."""
    return bool(line.sku == settings.GIFT_WRAP_SKU)


def _sums(order: Order, lines: Sequence[LineAfter], used: Sequence[Used]) -> SumsAfter:
    goods = [one for one in lines if is_bought(one.line)]
    before_minor = sum(one.line.gross_minor for one in goods)
    goods_minor = sum(one.priced.gross_minor for one in goods)
    fee = fee_after(
        agreed_minor=order.delivery_minor + off_delivery(Given(one, one.saved_minor) for one in used),
        before_minor=delivery_price(order.service, goods_minor=before_minor) + order.window_minor,
        after_minor=delivery_price(order.service, goods_minor=goods_minor) + order.window_minor,
    )
    given = given_after(
        used, goods_before_minor=before_minor, goods_minor=goods_minor, delivery_minor=fee - order.window_minor
    )
    parts = iter(share(off_goods(given), [one.priced.gross_minor for one in goods]))
    less = {one.line.pk: next(parts) for one in goods}
    gone = fallen_gifts(given)
    after = tuple(_without(one, gone) or _less(one, less.get(one.line.pk, 0)) for one in lines)
    fee -= off_delivery(given)
    return SumsAfter(after, totals(lines=[one.priced for one in after if one.pieces], delivery_minor=fee), given)


def _less(one: LineAfter, off_minor: int) -> LineAfter:
    return replace(one, priced=replace(one.priced, discount_minor=off_minor))


def _without(one: LineAfter, gone: list[int]) -> LineAfter | None:
    """Return a gift that does not come along any more as taken out; each of `gone` takes one with it."""
    if one.line.kind != OrderLine.Kind.FREE or one.variant.pk not in gone:
        return None
    gone.remove(one.variant.pk)
    return replace(one, pieces=0, priced=replace(one.priced, quantity=0))


def _dearest_less(lines: Sequence[LineAfter], more_minor: int, least_minor: int) -> list[LineAfter]:
    """Return the lines with the one that rose most cheaper by what no card can take."""
    rose = max(lines, key=lambda one: one.priced.gross_minor - one.line.gross_minor)
    less = less_to_fit(pay_minor=more_minor, least_minor=least_minor, quantity=max(rose.pieces, 1))
    unit = max(rose.priced.unit_minor - less, 0)
    return [replace(one, priced=replace(one.priced, unit_minor=unit)) if one is rose else one for one in lines]


def _had(order: Order) -> dict[tuple[int, str], int]:
    """Return by line and article what a piece cost in every form she had before her changes.  One query."""
    found: dict[tuple[int, str], int] = {}
    made = OrderChange.objects.filter(order=order, state=OrderChange.State.APPLIED).order_by("id")
    for before in made.values_list("before", flat=True):
        for row in before:
            found.setdefault((row["line_id"], row["sku"]), row["gross_minor"] // max(row["quantity"], 1))
    return found


def _line_after(
    line: OrderLine,
    forms: Mapping[int, Variant],
    wish: Wish | None,
    then: Mapping[int, int],
    had: Mapping[tuple[int, str], int],
) -> LineAfter:
    """Return one line as it would be; `then` holds by form the former price that was shown when she ordered."""
    old, unit, was = line.variant, line.unit_minor, line.was_minor
    if wish is None or (wish.variant_id, wish.quantity) == (old.pk, line.quantity):
        kept = Priced(unit, line.quantity, line.tax_rate_bp, line.discount_minor)
        return LineAfter(line, old, kept, line.quantity, was)
    new = forms.get(wish.variant_id)
    if new is None or new.product_id != old.product_id or not changeable(line):
        raise NotChangeable(Why.OTHER_LINE)
    if new.pk != old.pk and not new.active:
        raise NotChangeable(Why.OTHER_LINE)
    if new.pk != old.pk:
        unit = unit_after(
            agreed_minor=unit,
            old_today_minor=old.price_minor,
            new_today_minor=new.price_minor,
            had_minor=had.get((line.pk, new.sku)),
        )
        was = was_after(
            unit_minor=unit,
            today_minor=new.price_minor,
            was_today_minor=new.was_minor,
            was_then_minor=then.get(new.pk),
        )
    priced = Priced(unit, wish.quantity, line.tax_rate_bp, line.discount_minor)
    return LineAfter(line, new, priced, wish.quantity, was)


def _costs_the_same(after: LineAfter) -> bool:
    """Tell whether a line costs the same in every respect, so that what was taken off it stays right."""
    line, priced = after.line, after.priced
    return (priced.unit_minor, priced.quantity) == (line.unit_minor, line.quantity)
