"""What a fit model keeps between two nights: as plain numbers, ready for JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shop.rules.estimates import Line, Moments
from shop.rules.fit import FitModel, Part

SHOP_FACTS = ("height", "chest", "waist", "hips")  # millimetres, as votes and profiles hold them


def kept(model: FitModel) -> dict[str, Any]:
    """Return everything but what is known of single items and customers."""
    return {
        "common": model.common.as_dict(),
        "sizes": model.sizes.as_list(),
        "facts": {name: seen.as_list() for name, seen in model.facts.items()},
        "usual": model.usual.as_dict(),
        "small": model.small.as_dict(),
        "large": model.large.as_dict(),
    }


def restored(
    known: Mapping[str, Any],
    *,
    items: Mapping[str, Mapping[str, Any]],
    customers: Mapping[str, Mapping[str, Any]],
    facts: Sequence[str] = SHOP_FACTS,
) -> FitModel:
    """Return the model again; `known` is empty before the first night, `items` and `customers` hold kept parts."""
    model = FitModel(facts)
    if known:
        model.common = Part.of(known["common"])
        model.sizes = Moments.of(known["sizes"])
        model.facts = {name: Moments.of(known["facts"][name]) for name in model.names}
        model.usual, model.small, model.large = (Line.of(known[name]) for name in ("usual", "small", "large"))
    model.items = {name: Part.of(part) for name, part in items.items() if part}
    model.customers = {name: Part.of(part) for name, part in customers.items() if part}
    return model
