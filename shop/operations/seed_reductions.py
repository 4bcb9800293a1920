"""The demo's reduction: a throw for a fifth less.  Never outside the demo and the tests."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from shop.models import PriceInterval, Product, Reduction, Variant
from shop.operations.reductions import announce_reduction, keep_reductions

NAME, SLUG = "Before the cold", "striped-wool-throw"
OPEN_FOR = timedelta(days=90)  # so long the demo's shop has had its prices


@transaction.atomic
def seed_reductions(at: datetime) -> str:
    """Announce the demo's reduction once, of prices that have stood for a season."""
    product = Product.objects.filter(slug=SLUG).first()
    if not (settings.DEMO or settings.TESTING) or product is None or Reduction.objects.filter(name=NAME).exists():
        return f"{Reduction.objects.count()} reductions"
    _remember(product, at)
    reduction = Reduction.objects.create(
        name=NAME, percent_bp=2000, starts_at=at, ends_at=at + timedelta(days=21), state=Reduction.State.DRAFT
    )
    reduction.products.add(product)
    announce_reduction(reduction_id=reduction.pk, by=None, at=at)
    keep_reductions(at)
    return "1 reduction"


def _remember(product: Product, at: datetime) -> None:
    """Write what the pieces cost before the demo was started: the history began with it."""
    for variant in Variant.objects.filter(product=product).order_by("id"):
        first = PriceInterval.objects.filter(variant=variant).order_by("starts_at", "id").first()
        if first is not None and first.starts_at > at - OPEN_FOR:
            PriceInterval.objects.create(
                variant=variant,
                price_minor=first.price_minor,
                currency=first.currency,
                starts_at=at - OPEN_FOR,
                ends_at=first.starts_at,
            )
