"""What the shelves are searched by: one row for each product on sale, kept current by a sweep.

Nobody writes here by hand and no operation has to think of it: triggers note every change of a product, its variants,
options, stock, stars and words in `ListingDue`, and shop.operations.finding makes the rows anew.  Tallies follow from
the listings in the same step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from shop.rules.finding import SPAN

# Django's class takes type arguments for the type checker alone.
if TYPE_CHECKING:
    AnyField = models.Field[Any, Any]
else:
    AnyField = models.Field


class Listing(models.Model):
    """A product on sale as search and filters see it.

    `facets` are keys such as `colour:sage`; of sizes only those in stock.  `pairs` are two options that one variant in
    stock has together, such as `colour:sage+size:m`: a sage one in M, not a sage one and an M.
    """

    product = models.OneToOneField("shop.Product", on_delete=models.CASCADE, primary_key=True, related_name="listing")
    category = models.ForeignKey("shop.Category", on_delete=models.CASCADE, related_name="+", db_index=False)
    position = models.PositiveIntegerField(_("position"))
    created_at = models.DateTimeField(_("created at"))
    price_minor = models.PositiveIntegerField(_("lowest price (minor units)"))
    rating = models.PositiveSmallIntegerField(_("stars in hundredths, few of them weighing little"))
    facets = ArrayField(models.TextField(), verbose_name=_("filters"))
    pairs = ArrayField(models.TextField(), verbose_name=_("options together"))
    words = SearchVectorField(_("words"))

    class Meta:
        verbose_name = _("listing")
        verbose_name_plural = _("listings")
        indexes = [
            GinIndex(fields=["facets", "pairs", "words"], name="listing_search", fastupdate=False),
            models.Index(fields=["category", "position", "product"], name="listing_shelf"),
            models.Index(fields=["category", "price_minor", "product"], name="listing_shelf_price"),
            models.Index(fields=["category", "created_at", "product"], name="listing_shelf_new"),
            models.Index(fields=["category", "rating", "product"], name="listing_shelf_rating"),
            models.Index(fields=["price_minor", "product"], name="listing_price"),
            models.Index(fields=["created_at", "product"], name="listing_new"),
            models.Index(fields=["rating", "product"], name="listing_rating"),
        ]

    def __str__(self) -> str:
        return f"product {self.product_id}"


class MarksField(AnyField):
    """SPAN bits: ones and zeros, the first one on the left."""

    def db_type(self, connection: object) -> str:
        """Return the column's type."""
        return f"bit({SPAN})"


class Tally(models.Model):
    """Which products have a filter: one bit each for a stretch of SPAN products by their number.

    Bits of two filters laid upon one another and counted tell how many products have both, a thousand at a time.
    `beside` is empty for `key` alone; otherwise both are options that one variant in stock has together.
    """

    beside = models.TextField(_("other option"), db_collation="C", blank=True)
    key = models.TextField(_("filter"), db_collation="C")
    stretch = models.PositiveIntegerField(_("stretch of products"))
    marks = MarksField(_("which of them"))

    class Meta:
        verbose_name = _("tally of a filter")
        verbose_name_plural = _("tallies of filters")
        constraints = [models.UniqueConstraint(fields=["beside", "stretch", "key"], name="tally_once")]
        indexes = [models.Index(fields=["stretch"], name="tally_stretch")]

    def __str__(self) -> str:
        return f"{self.key} {self.beside}".strip()


class ListingDue(models.Model):
    """A product whose listing has to be made anew; written by triggers, so that no writer can forget it.

    Rows are only ever added and taken away, never changed: two orders for the same product do not wait here.
    """

    id = models.BigAutoField(primary_key=True)
    product_id = models.BigIntegerField(_("product"))
    noted_at = models.DateTimeField(_("noted at"), db_default=Now())

    class Meta:
        verbose_name = _("listing to make anew")
        verbose_name_plural = _("listings to make anew")

    def __str__(self) -> str:
        return f"product {self.product_id}"


class SearchWord(models.Model):
    """A word some product is or was called by: what a mistyped one may have meant."""

    word = models.CharField(_("word"), max_length=60, primary_key=True)
    stem = models.CharField(_("stem"), max_length=60, db_index=True)

    class Meta:
        verbose_name = _("word of the search")
        verbose_name_plural = _("words of the search")
        indexes = [GinIndex(OpClass("word", name="gin_trgm_ops"), name="search_word_alike")]

    def __str__(self) -> str:
        return self.word
