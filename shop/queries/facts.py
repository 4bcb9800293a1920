"""What a product page says beside the words: names of sizes elsewhere, fibres, what it goes with.

All of it rides on the query that reads the product: `with_facts` adds columns, `facts_of` reads them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from shop.models import FibreShare, Pairing, Product, ProductImage, SizeName
from shop.rules.fibres import Part, Share, parts_of

MOST_PAIRINGS = 4


@dataclass(frozen=True)
class Paired:
    """Another piece this one goes with.  `picture` is a path below static, empty when it has none."""

    name: str
    slug: str
    picture: str


@dataclass(frozen=True)
class Facts:
    """`names` holds what each size (by its label) is called in each system: {"M": {"eu": "40"}}.

    `systems` are those that name at least one size, in the order of SizeName.System.
    """

    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    systems: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    paired: tuple[Paired, ...] = ()


def with_facts(products: QuerySet[Product]) -> QuerySet[Product]:
    """Add what `facts_of` reads.  No further query."""
    names = SizeName.objects.filter(guide=OuterRef("size_guide")).order_by("size__position", "system", "id")
    fibres = FibreShare.objects.filter(product=OuterRef("pk")).order_by("part", "-percent", "material__name", "id")
    picture = ProductImage.objects.filter(product=OuterRef("other")).order_by("position", "id").values("path")[:1]
    pairings = (
        Pairing.objects.filter(product=OuterRef("pk"), other__published=True, other__variants__active=True)
        .order_by("position", "id")
        .distinct()
    )
    return products.annotate(
        size_names=_rows(names, size="size__label", system="system", name="name"),
        fibre_shares=_rows(fibres, part="part", material="material__name", percent="percent"),
        paired_with=_rows(pairings[:MOST_PAIRINGS], name="other__name", slug="other__slug", picture=Subquery(picture)),
    )


def facts_of(product: Product) -> Facts:
    """Return the facts of a product read by `with_facts`."""
    rows: Any = product
    names: dict[str, dict[str, str]] = {}
    for row in rows.size_names:
        names.setdefault(row["size"], {})[row["system"]] = row["name"]
    shares = [(row["part"], Share(row["material"], row["percent"])) for row in rows.fibre_shares]
    return Facts(
        names=names,
        systems=tuple(_in_order({row["system"] for row in rows.size_names})),
        parts=parts_of(shares),
        paired=tuple(Paired(row["name"], row["slug"], row["picture"] or "") for row in rows.paired_with),
    )


def _in_order(systems: set[str]) -> Iterable[str]:
    return (system for system in SizeName.System.values if system in systems)


def _rows(rows: QuerySet[Any], **columns: Any) -> ArraySubquery:
    return ArraySubquery(rows.values(row=JSONObject(**columns)))
