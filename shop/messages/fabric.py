"""How a fabric behaves, as a shopper would ask: does it give, does it show what is under it, is it lined."""

from __future__ import annotations

from shop.models import Product


def fabric_words(product: Product) -> list[str]:
    """Return what is known of a product's fabric: stretch, what shows through, lining."""
    said = (product.get_stretch_display(), product.get_sheerness_display(), product.get_lining_display())
    return [str(words) for words in said if words]
