"""Pictures staff uploaded: kept at once, shown to shoppers when somebody has said what they show."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from shop.rules.pictures import path_of


class UploadedPicture(models.Model):
    """A picture of a piece, drawn anew by us.  `hung_as` is its place on the product's page, empty while it waits."""

    product = models.ForeignKey(
        "shop.Product", on_delete=models.CASCADE, related_name="uploads", verbose_name=_("product")
    )
    name = models.UUIDField(_("name"), unique=True)
    width_px = models.PositiveSmallIntegerField(_("width"))
    height_px = models.PositiveSmallIntegerField(_("height"))
    uploaded_at = models.DateTimeField(_("uploaded at"))
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("uploaded by")
    )
    hung_as = models.OneToOneField(
        "shop.ProductImage", on_delete=models.SET_NULL, null=True, related_name="upload", verbose_name=_("shown as")
    )
    words = models.CharField(_("what it said when it was shown last"), max_length=250, default="", db_default="")
    first_hung_at = models.DateTimeField(_("first shown at"), null=True)
    drawn_at = models.DateTimeField(_("renditions drawn at"), null=True)
    due_at = models.DateTimeField(_("next try to draw it"), db_default=Now())
    tries = models.PositiveSmallIntegerField(_("tries to draw it"), default=0)

    class Meta:
        verbose_name = _("uploaded picture")
        verbose_name_plural = _("uploaded pictures")
        constraints = [
            models.CheckConstraint(
                condition=Q(hung_as=None) | Q(first_hung_at__isnull=False), name="hung_picture_says_since_when"
            ),
        ]
        indexes = [models.Index(fields=["due_at", "id"], condition=Q(drawn_at=None), name="picture_to_draw")]

    def __str__(self) -> str:
        return str(self.name)

    @property
    def path(self) -> str:
        """Return the path as ProductImage writes it down."""
        return path_of(self.name, drawn=self.drawn_at is not None)
