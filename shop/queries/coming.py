"""What of a product's page is on its way to us: sold with its day, or sold out and expected.

Source: commerce reference d.1 (backorder, preorder), d.2 (`eta_date`), b-23.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from shop.queries.product import Choice, ProductView
from shop.queries.stock import Expected, arrivals_of
from shop.rules.availability import Availability
from shop.rules.goods import NotComing, goods_on

WAITS = (Availability.ON_ORDER, Availability.PREORDER)


def with_goods(view: ProductView, *, today: date) -> tuple[ProductView, list[tuple[Choice, Expected]]]:
    """Return the page with the day of each choice that is sold before it is here, and what is sold out and expected.

    A choice whose goods have no day any more is sold out.  One query, none when everything is on the shelf.
    """
    unsure = [choice for choice in view.choices if choice.state in (*WAITS, Availability.SOLD_OUT)]
    if not unsure:
        return view, []
    coming = arrivals_of([choice.variant.pk for choice in unsure], today=today)
    dated = tuple(_dated(choice, coming.get(choice.variant.pk, ())) for choice in view.choices)
    expected = [
        (choice, coming[choice.variant.pk][0])
        for choice in dated
        if choice.state == Availability.SOLD_OUT and choice.variant.pk in coming
    ]
    return replace(view, choices=dated), expected


def _dated(choice: Choice, arrivals: Sequence[Expected]) -> Choice:
    if choice.state not in WAITS:
        return choice
    try:
        day = goods_on(1, at_once=choice.left, arrivals=[(one.expected_on, one.pieces) for one in arrivals])
    except NotComing:
        return replace(choice, state=Availability.SOLD_OUT)
    return replace(choice, goods_on=day)
