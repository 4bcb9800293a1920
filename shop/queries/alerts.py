"""Waiting for a piece: the signed link that opens one wait, and what can be waited for."""

from __future__ import annotations

from django.core.signing import BadSignature, Signer
from django.db.models import QuerySet
from django.utils.translation import gettext

from shop.models import StockAlert, Variant
from shop.queries.listing import options_of, sellable_variants

_SIGNER = Signer(salt="shop.alert", sep="~")


def alert_token(alert_id: int) -> str:
    """Return the secret part of the page of one wait."""
    return _SIGNER.sign(str(alert_id))


def alert_of(token: str) -> StockAlert:
    """Return the wait a link opens.  One query.  Raises StockAlert.DoesNotExist for any other one."""
    try:
        number = int(_SIGNER.unsign(token))
    except (BadSignature, ValueError):
        raise StockAlert.DoesNotExist from None
    return StockAlert.objects.select_related("variant__product").get(pk=number)


def sold_out(slug: str) -> list[tuple[int, str]]:
    """Return (id, options in words) of every variant of a product that is sold out now, in shop order.  Two queries."""
    on_sale = sellable_variants().filter(product__slug=slug, product__published=True)
    ids = [variant.pk for variant in on_sale if variant.available <= 0]  # type: ignore[attr-defined]  # annotated there
    options = options_of(ids)
    return [(pk, ", ".join(option.label for option in options.get(pk, [])) or gettext("This piece")) for pk in ids]


def waiting() -> QuerySet[StockAlert]:
    """Return the waits that count: confirmed, not told and not stopped."""
    return StockAlert.objects.filter(confirmed_at__isnull=False, told_at=None, stopped_at=None)


def variants_back() -> list[Variant]:
    """Return the variants somebody waits for that can be bought now, by id.  One query."""
    wanted = sellable_variants().filter(pk__in=waiting().order_by().values("variant"), product__published=True)
    there = wanted.filter(available__gt=0)  # type: ignore[misc]  # annotated there
    return list(there.order_by("pk"))
