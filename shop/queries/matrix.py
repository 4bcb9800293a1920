"""The variants of one piece as a table: sizes across, everything else down, also what is not there yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product as combinations

from django.utils import timezone

from shop.models import OptionValue, Product, Variant
from shop.queries.listing import Option, options_of
from shop.queries.stock import Shelf, shelves_of

SIZE = "size"


@dataclass(frozen=True)
class Cell:
    """A variant, or a place for one: `variant` is None then.  `left` is None where no location holds it."""

    options: tuple[tuple[str, str], ...]
    label: str
    sku: str
    variant: Variant | None = None
    left: int | None = None


@dataclass(frozen=True)
class Matrix:
    """The columns' labels, and rows of (label, cells); `others` are values of the same options nobody uses yet."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    others: tuple[OptionValue, ...]

    @property
    def cells(self) -> list[Cell]:
        """Return every cell, row by row."""
        return [cell for _label, cells in self.rows for cell in cells]


def matrix_of(product: Product, also: Iterable[int] = ()) -> Matrix:
    """Return the table of a piece, with the option values of `also` (ids) as if it came in them.  Five queries."""
    variants = list(Variant.objects.filter(product=product).order_by("position", "id"))
    chosen = options_of([variant.pk for variant in variants])
    shelves = shelves_of([variant.pk for variant in variants], today=timezone.localdate())
    values = _values(chosen.values())
    others = list(_unused(values))
    for value in (each for each in others if each.pk in set(also)):
        values[value.type.code][value.code] = (value.position, value.label)
    across = SIZE if SIZE in values else next(reversed(values), "")
    known = {
        frozenset((option.type_code, option.code) for option in chosen.get(variant.pk, [])): variant
        for variant in variants
    }
    down = [_sorted(values, code) for code in values if code != across]
    columns = _sorted(values, across) if across else [("", "", "")]
    rows = tuple(
        (
            " · ".join(label for _type, _code, label in row),
            tuple(_cell(product, [*row, column], known, shelves) for column in columns),
        )
        for row in combinations(*down)
    )
    return Matrix(tuple(label for _type, _code, label in columns), rows, tuple(others))


_Value = tuple[str, str, str]  # code of the option, code of the value, label


def _values(chosen: Iterable[list[Option]]) -> dict[str, dict[str, tuple[int, str]]]:
    """Return {option: {value: (position, label)}} of what the variants come in."""
    found: dict[str, dict[str, tuple[int, str]]] = defaultdict(dict)
    for options in chosen:
        for option in options:
            found[option.type_code][option.code] = (option.position, option.label)
    return found


def _unused(values: dict[str, dict[str, tuple[int, str]]]) -> Iterable[OptionValue]:
    rows = OptionValue.objects.filter(type__code__in=values).select_related("type")
    for value in rows.order_by("type__position", "position", "id"):
        if value.code not in values[value.type.code]:
            yield value


def _sorted(values: dict[str, dict[str, tuple[int, str]]], code: str) -> list[_Value]:
    return [(code, value, label) for value, (_position, label) in sorted(values[code].items(), key=lambda one: one[1])]


def _cell(
    product: Product, place: list[_Value], known: dict[frozenset[tuple[str, str]], Variant], shelves: dict[int, Shelf]
) -> Cell:
    named = [value for value in place if value[0]]
    options = tuple((kind, code) for kind, code, _label in named)
    variant = known.get(frozenset(options))
    label = ", ".join(words for _kind, _code, words in named)
    if variant:
        left = shelves[variant.pk].left if variant.pk in shelves else None
        return Cell(options, label or variant.label, variant.sku, variant, left)
    return Cell(options, label, "-".join([product.slug, *(code for _kind, code in options)]).upper())
