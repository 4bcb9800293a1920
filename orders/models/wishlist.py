"""The wish list: what she likes and does not buy yet, for a guest on this device, for an account everywhere."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Wishlist(models.Model):
    """One person's list: a guest's is opened by the token in her cookie, an account's by signing in alone."""

    token_hash = models.CharField(_("token (hashed)"), max_length=64, unique=True, null=True)
    customer = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    touched_at = models.DateTimeField(_("last used at"), db_index=True)

    class Meta:
        verbose_name = _("wish list")
        verbose_name_plural = _("wish lists")
        constraints = [
            models.CheckConstraint(
                condition=Q(token_hash__isnull=False, customer__isnull=True)
                | Q(token_hash__isnull=True, customer__isnull=False),
                name="wishlist_opens_one_way",
            )
        ]

    def __str__(self) -> str:
        return f"wish list {self.pk}"


class WishlistLine(models.Model):
    """A piece on the list; without a variant while she has not chosen size or colour."""

    wishlist = models.ForeignKey(Wishlist, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey("shop.Product", on_delete=models.CASCADE, related_name="+")
    variant = models.ForeignKey("shop.Variant", on_delete=models.CASCADE, null=True, related_name="+")
    added_at = models.DateTimeField(_("added at"))

    class Meta:
        verbose_name = _("line of a wish list")
        verbose_name_plural = _("lines of wish lists")
        constraints = [
            models.UniqueConstraint(
                fields=["wishlist", "product", "variant"], name="wishlist_line_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"product {self.product_id}"
