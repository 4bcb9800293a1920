"""Write the measures of one piece, all or none.  It goes the way of an import, so the record of it is the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from shop.models import Product, User
from shop.operations.importing import Outcome, import_catalogue, take_turn
from shop.operations.matrix import ChangedMeanwhile
from shop.queries.measures import measures_of
from shop.rules.catalogue_file import Piece


@transaction.atomic
def write_measures(
    *,
    product_id: int,
    measures: Mapping[str, Mapping[str, int]],
    seen: Mapping[tuple[str, str], int],
    by: User,
    at: datetime,
) -> Outcome:
    """Write {article: {code: millimetres}}; `seen` is what the page showed as known, by (article, code).

    Raises ChangedMeanwhile when something of it is different by now, and Product.DoesNotExist.
    """
    take_turn()
    product = Product.objects.select_for_update(no_key=True).get(pk=product_id)
    now = measures_of(product).values
    touched = {(sku, code) for sku, of_article in measures.items() for code in of_article}
    if different := sorted({sku for sku, code in touched if now.get((sku, code)) != seen.get((sku, code))}):
        raise ChangedMeanwhile(different)
    pieces = [Piece(line, product.slug, sku, measures=dict(mm)) for line, (sku, mm) in enumerate(measures.items(), 1)]
    return import_catalogue(pieces=pieces, by=by, at=at)
