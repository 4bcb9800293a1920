"""Where something is that is not at its old address any more."""

from __future__ import annotations

from shop.models import Category, Product


def product_once_at(slug: str) -> Product | None:
    """Return the product on sale that was once at this address.  One query."""
    return Product.objects.on_sale().filter(former_addresses__slug=slug).order_by("id").first()


def category_once_at(slug: str) -> Category | None:
    """Return the category that was once at this address.  One query."""
    return Category.objects.filter(former_addresses__slug=slug).order_by("id").first()
