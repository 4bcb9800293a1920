"""What a buyer must know beside the words: sizes in other systems, what it is made of to the percent, who wears it on
a picture, what it goes with.

Source: delivery reference 5.1; commerce reference d.1; fibre shares: Regulation (EU) 1007/2011, Art. 5 to 11.
"""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from shop.models.catalogue import Material, OptionValue, Product, SizeGuide


class SizeName(models.Model):
    """What a size of a guide is called elsewhere: M of our women's shirts is 40 in the EU, 14 in the UK, 10 in the US.

    It hangs on the guide, since the same letter is another number for other people and other pieces.
    """

    class System(models.TextChoices):
        """Whose numbers they are."""

        EU = "eu", _("EU")
        UK = "uk", _("UK")
        US = "us", _("US")

    guide = models.ForeignKey(SizeGuide, on_delete=models.CASCADE, related_name="names", verbose_name=_("size guide"))
    size = models.ForeignKey(OptionValue, on_delete=models.PROTECT, related_name="+", verbose_name=_("size"))
    system = models.CharField(_("system"), max_length=2, choices=System.choices)
    name = models.CharField(_("name"), max_length=12, help_text=_("Such as 40 or 12–14."))

    class Meta:
        verbose_name = _("name of a size")
        verbose_name_plural = _("names of sizes")
        constraints = [models.UniqueConstraint(fields=["guide", "size", "system"], name="size_name_once")]

    def __str__(self) -> str:
        return f"{self.get_system_display()} {self.name}"


class FibreShare(models.Model):
    """How much of a part is made of what, in whole percent.  The shares of a part make 100 (audit S20)."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="fibres", verbose_name=_("product"))
    part = models.CharField(
        _("part"), max_length=40, blank=True, help_text=_("Such as lining or rib; empty for the whole piece.")
    )
    material = models.ForeignKey(Material, on_delete=models.PROTECT, related_name="+", verbose_name=_("material"))
    percent = models.PositiveSmallIntegerField(_("percent"), validators=[MinValueValidator(1), MaxValueValidator(100)])

    class Meta:
        verbose_name = _("fibre")
        verbose_name_plural = _("fibres")
        constraints = [
            models.UniqueConstraint(fields=["product", "part", "material"], name="fibre_share_once"),
            models.CheckConstraint(condition=Q(percent__gte=1, percent__lte=100), name="fibre_share_is_a_share"),
        ]

    def __str__(self) -> str:
        return f"{self.percent} % {self.material}"


class PhotoModel(models.Model):
    """Somebody who wears our pieces on pictures, with her measures, so that others can compare."""

    name = models.CharField(_("name"), max_length=60)
    height_mm = models.PositiveSmallIntegerField(_("height (mm)"))
    chest_mm = models.PositiveSmallIntegerField(_("chest (mm)"), null=True, blank=True)
    waist_mm = models.PositiveSmallIntegerField(_("waist (mm)"), null=True, blank=True)
    hips_mm = models.PositiveSmallIntegerField(_("hips (mm)"), null=True, blank=True)

    class Meta:
        verbose_name = _("model on pictures")
        verbose_name_plural = _("models on pictures")

    def __str__(self) -> str:
        return self.name


class Pairing(models.Model):
    """A piece that goes with another one, as somebody with taste would lay them side by side.  It works one way."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="pairings", verbose_name=_("product"))
    other = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", verbose_name=_("goes with"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("piece it goes with")
        verbose_name_plural = _("pieces it goes with")
        constraints = [
            models.UniqueConstraint(fields=["product", "other"], name="pairing_once"),
            models.CheckConstraint(condition=~Q(product=F("other")), name="pairing_of_two"),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} + {self.other_id}"
