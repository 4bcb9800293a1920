"""Former addresses: who comes by an old link is led to where the thing is now.  Source: commerce reference 1.25."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class FormerAddress(models.Model):
    """An address (`slug`) that one product, or one category, had until `left_at`."""

    product = models.ForeignKey("shop.Product", on_delete=models.CASCADE, null=True, related_name="former_addresses")
    category = models.ForeignKey("shop.Category", on_delete=models.CASCADE, null=True, related_name="former_addresses")
    slug = models.SlugField(_("address"))
    left_at = models.DateTimeField(_("left at"), db_default=Now())

    class Meta:
        verbose_name = _("former address")
        verbose_name_plural = _("former addresses")
        constraints = [
            models.CheckConstraint(
                condition=Q(product__isnull=False, category__isnull=True)
                | Q(product__isnull=True, category__isnull=False),
                name="former_address_of_one_thing",
            ),
            models.UniqueConstraint(
                fields=["slug"], condition=Q(product__isnull=False), name="former_address_of_product_once"
            ),
            models.UniqueConstraint(
                fields=["slug"], condition=Q(category__isnull=False), name="former_address_of_category_once"
            ),
        ]

    def __str__(self) -> str:
        return self.slug
