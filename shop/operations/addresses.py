"""Addresses of the catalogue: a thing that moved is found by its old address, too."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from shop.models import Category, FormerAddress, Product


@transaction.atomic
def keep_former_address(*, thing: Product | Category, former: str, at: datetime) -> None:
    """Remember that `thing` was found at `former` until now.

    An address means one thing: who lives there now wins over who lived there before, and the last who left it over
    those before her.
    """
    field = "product" if isinstance(thing, Product) else "category"
    taken = FormerAddress.objects.filter(**{f"{field}__isnull": False})
    taken.filter(slug=thing.slug).delete()
    if former and former != thing.slug:
        taken.update_or_create(slug=former, defaults={field: thing, "left_at": at})
