"""The catalogue: products, their variants, pictures, measurements and size guides.

A product always has at least one variant; there is no master variant.  Lengths are integer millimetres, weights
grams, prices minor units including tax.  Source: commerce reference d.1.
"""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shop.rules.unit_price import GRAM, MILLILITRE, MILLIMETRE, PIECE


class Category(models.Model):
    """A shelf of the shop."""

    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(_("address"), unique=True)
    intro = models.CharField(_("introduction"), max_length=300, blank=True)
    image = models.CharField(_("picture"), max_length=200, blank=True, help_text=_("Path below static or media."))
    image_alt = models.CharField(_("what the picture shows"), max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")

    def __str__(self) -> str:
        return self.name


class OptionType(models.Model):
    """What variants differ in: size, colour, glaze."""

    code = models.SlugField(_("code"), unique=True)
    name = models.CharField(_("name"), max_length=60)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("option")
        verbose_name_plural = _("options")

    def __str__(self) -> str:
        return self.name


class OptionValue(models.Model):
    """One choice of an option; `position` sorts S before M before L."""

    type = models.ForeignKey(OptionType, on_delete=models.PROTECT, related_name="values", verbose_name=_("option"))
    code = models.SlugField(_("code"))
    label = models.CharField(_("label"), max_length=60)
    swatch = models.CharField(_("colour"), max_length=7, blank=True, help_text=_("Hex colour, such as #8a9a7b."))
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("option value")
        verbose_name_plural = _("option values")
        constraints = [models.UniqueConstraint(fields=["type", "code"], name="option_value_once")]

    def __str__(self) -> str:
        return self.label


class SizeGuide(models.Model):
    """Body measures by size.  A changed guide is a new version: order lines remember which one was shown."""

    code = models.SlugField(_("code"))
    name = models.CharField(_("name"), max_length=80)
    version = models.PositiveIntegerField(_("version"), default=1)
    diagram = models.CharField(_("drawing"), max_length=200, blank=True)
    diagram_alt = models.CharField(_("what the drawing shows"), max_length=300, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("size guide")
        verbose_name_plural = _("size guides")
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="size_guide_version_once")]

    def __str__(self) -> str:
        return f"{self.name} (v{self.version})"


class MeasurementDefinition(models.Model):
    """What is measured and how: chest of a body, width of a garment, height of a mug."""

    class Kind(models.TextChoices):
        """Whose measure it is."""

        BODY = "body", _("your body")
        GARMENT = "garment", _("the garment")
        PRODUCT = "product", _("the piece")

    code = models.SlugField(_("code"), unique=True)
    label = models.CharField(_("label"), max_length=80)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    how_to = models.CharField(_("how to measure"), max_length=300, blank=True)
    diagram = models.CharField(_("drawing"), max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("measurement")
        verbose_name_plural = _("measurements")

    def __str__(self) -> str:
        return self.label


class SizeGuideRow(models.Model):
    """Body range in millimetres for one size."""

    guide = models.ForeignKey(SizeGuide, on_delete=models.CASCADE, related_name="rows", verbose_name=_("size guide"))
    size = models.ForeignKey(OptionValue, on_delete=models.PROTECT, related_name="+", verbose_name=_("size"))
    definition = models.ForeignKey(MeasurementDefinition, on_delete=models.PROTECT, related_name="+")
    body_min_mm = models.PositiveIntegerField(_("from (mm)"))
    body_max_mm = models.PositiveIntegerField(_("to (mm)"))

    class Meta:
        verbose_name = _("size guide row")
        verbose_name_plural = _("size guide rows")
        constraints = [
            models.UniqueConstraint(fields=["guide", "size", "definition"], name="size_guide_row_once"),
            models.CheckConstraint(condition=Q(body_min_mm__lte=models.F("body_max_mm")), name="size_guide_row_range"),
        ]

    def __str__(self) -> str:
        return f"{self.size_id}: {self.body_min_mm}-{self.body_max_mm} mm"


class Material(models.Model):
    """What things are made of, as shoppers filter by it: linen, stoneware.  The exact composition is in words."""

    code = models.SlugField(_("code"), unique=True)
    name = models.CharField(_("name"), max_length=60)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("material")
        verbose_name_plural = _("materials")

    def __str__(self) -> str:
        return self.name


class ProductQuerySet(models.QuerySet["Product"]):
    """Filters over products."""

    def on_sale(self) -> ProductQuerySet:
        """Return products a shopper may see."""
        return self.filter(published=True)


class Product(models.Model):
    """A thing we sell, with everything a buyer must know before she orders."""

    class Cut(models.TextChoices):
        """How a garment sits, in one word."""

        CLOSE = "close", _("close")
        REGULAR = "regular", _("regular")
        LOOSE = "loose", _("loose")

    class Stretch(models.TextChoices):
        """How far it gives when it is pulled."""

        NONE = "none", _("does not stretch")
        SLIGHT = "slight", _("gives a little")
        MUCH = "much", _("stretches well")

    class Sheerness(models.TextChoices):
        """What can be seen through it, held against the light."""

        OPAQUE = "opaque", _("not see-through")
        SLIGHT = "slight", _("slightly see-through in bright light")
        SHEER = "sheer", _("see-through")

    class Lining(models.TextChoices):
        """What is behind the outer fabric."""

        NONE = "none", _("unlined")
        PART = "part", _("partly lined")
        FULL = "full", _("lined")

    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, related_name="products", verbose_name=_("category")
    )
    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("address"), unique=True)
    summary = models.CharField(_("in one sentence"), max_length=200)
    story = models.TextField(_("story"), blank=True)
    maker = models.CharField(_("made by"), max_length=80, blank=True)
    maker_note = models.CharField(_("the maker's words"), max_length=300, blank=True)
    origin = models.CharField(_("made in"), max_length=80, blank=True)
    material = models.CharField(_("material"), max_length=200, blank=True)
    fabric_weight_gsm = models.PositiveSmallIntegerField(_("fabric weight (g/m²)"), null=True, blank=True)
    stretch = models.CharField(_("stretch"), max_length=6, choices=Stretch.choices, blank=True)
    sheerness = models.CharField(_("see-through"), max_length=6, choices=Sheerness.choices, blank=True)
    lining = models.CharField(_("lining"), max_length=4, choices=Lining.choices, blank=True)
    shrinks_percent = models.PositiveSmallIntegerField(
        _("shrinks in the first wash by up to (%)"), null=True, blank=True
    )
    care = models.TextField(_("care"), blank=True, help_text=_("One instruction a line."))
    materials = models.ManyToManyField(
        Material, related_name="products", blank=True, verbose_name=_("materials"), help_text=_("To be found by.")
    )
    fit = models.CharField(_("fit in words"), max_length=200, blank=True)
    cut = models.CharField(_("fit in one word"), max_length=7, choices=Cut.choices, blank=True)
    selling_points = models.TextField(_("why people love it"), blank=True, help_text=_("One point a line."))
    size_guide = models.ForeignKey(
        SizeGuide,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="products",
        verbose_name=_("size guide"),
    )
    tax_class = models.SlugField(_("tax class"), default="standard")
    published = models.BooleanField(_("on sale"), default=False)
    position = models.PositiveIntegerField(_("position"), default=0)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        indexes = [models.Index(fields=["category", "position", "id"], name="product_shelf")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the product's page."""
        from django.urls import reverse

        return reverse("shop:product", args=[self.slug])


class Variant(models.Model):
    """One buyable form of a product: this size, this colour.  Price in minor units, tax included."""

    class Content(models.TextChoices):
        """What a pack is measured in; the price of a whole unit stands beside its own."""

        GRAM = GRAM, _("grams")
        MILLILITRE = MILLILITRE, _("millilitres")
        MILLIMETRE = MILLIMETRE, _("millimetres")
        PIECE = PIECE, _("pieces")

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants", verbose_name=_("product"))
    sku = models.CharField(_("article number"), max_length=40, unique=True)
    options = models.ManyToManyField(OptionValue, related_name="variants", blank=True, verbose_name=_("options"))
    label = models.CharField(_("options in words"), max_length=120, blank=True, help_text=_("Such as “Sage, M”."))
    price_minor = models.PositiveIntegerField(_("price (minor units)"))
    was_minor = models.PositiveIntegerField(
        _("former price (minor units)"),
        null=True,
        editable=False,
        help_text=_("The lowest of the 30 days before the reduction that runs; nobody but the reduction writes it."),
    )
    content_amount = models.PositiveIntegerField(
        _("content"), null=True, blank=True, help_text=_("Where it is sold by what is in it: 250 for 250 g.")
    )
    content_unit = models.CharField(_("of what"), max_length=5, choices=Content.choices, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    weight_g = models.PositiveIntegerField(_("weight (g)"), default=0)
    making_days = models.PositiveSmallIntegerField(
        _("making time (working days)"), default=0, help_text=_("0 means from stock; more means made to order.")
    )
    low_at = models.PositiveSmallIntegerField(
        _("refill from so many free pieces down"),
        null=True,
        blank=True,
        help_text=_("Empty: the shop's own number. 0: only when nothing is left."),
    )
    position = models.PositiveIntegerField(_("position"), default=0)
    active = models.BooleanField(_("on sale"), default=True)

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        constraints = [
            models.CheckConstraint(condition=Q(price_minor__gt=0), name="variant_has_a_price"),
            models.CheckConstraint(
                condition=Q(was_minor=None) | Q(was_minor__gt=F("price_minor")), name="variant_reduced_is_lower"
            ),
            models.CheckConstraint(
                condition=Q(content_amount=None, content_unit="")
                | (Q(content_amount__isnull=False, content_amount__gt=0) & ~Q(content_unit="")),
                name="variant_content_of_something",
                violation_error_message=_("Name both what it contains and of what, or neither."),
            ),
        ]

    def __str__(self) -> str:
        return self.sku

    def clean(self) -> None:
        """Keep a price in the shop's currency, and a reduced one to its reduction: another one would stay when it ends.

        Raises ValidationError.
        """
        refuse_other_currency(self.currency)
        typed: int | None = self.price_minor  # None when what was typed is no number
        if self.was_minor is None or typed is None:
            return
        if not Variant.objects.filter(pk=self.pk, price_minor=typed).exists():
            raise ValidationError(
                {"price_minor": _("It is sold as reduced. End the reduction, then change the price.")}
            )


def refuse_other_currency(currency: str) -> None:
    """Raise ValidationError for a price in another currency than the shop's: sums are never converted."""
    if currency != settings.SHOP_CURRENCY:
        raise ValidationError({"currency": _("This shop sells in %s. Write that.") % settings.SHOP_CURRENCY})


class ProductImage(models.Model):
    """A picture of a product, or of the variants that show one option value (a colour, a glaze)."""

    class Role(models.TextChoices):
        """What the picture is for."""

        FRONT = "front", _("whole piece")
        DETAIL = "detail", _("detail")
        SCALE = "scale", _("scale")
        WORN = "worn", _("worn by somebody")

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="images", verbose_name=_("product"))
    option = models.ForeignKey(
        OptionValue, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("shows")
    )
    path = models.CharField(_("picture"), max_length=200, help_text=_("Path below static."))
    alt = models.CharField(_("what it shows"), max_length=250, blank=True)
    decorative = models.BooleanField(
        _("decorative"),
        default=False,
        help_text=_("A detail that tells nothing new; it goes without words, and screen readers pass it by."),
    )
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, default=Role.FRONT)
    width_px = models.PositiveSmallIntegerField(_("width"), default=800)
    height_px = models.PositiveSmallIntegerField(_("height"), default=1000)
    worn_by = models.ForeignKey(
        "shop.PhotoModel", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("worn by")
    )
    worn_size = models.ForeignKey(
        OptionValue, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("size worn")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        constraints = [
            models.CheckConstraint(
                condition=Q(decorative=False, alt__regex=r"\S") | Q(decorative=True, alt="", role="detail"),
                name="image_has_words",
                violation_error_message=_(
                    "Say what the picture shows. Only a detail may be decorative, and then it has no words."
                ),
            ),
            models.CheckConstraint(
                condition=Q(worn_by=None, worn_size=None) | Q(worn_by__isnull=False, worn_size__isnull=False),
                name="image_names_model_and_size",
            ),
        ]

    def __str__(self) -> str:
        return self.alt or gettext("Only decoration")


class VariantMeasurement(models.Model):
    """A measure of one variant in millimetres, with its tolerance."""

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="measurements")
    definition = models.ForeignKey(MeasurementDefinition, on_delete=models.PROTECT, related_name="+")
    value_mm = models.PositiveIntegerField(_("value (mm)"))
    tolerance_mm = models.PositiveIntegerField(_("tolerance (mm)"), default=0)

    class Meta:
        verbose_name = _("variant measurement")
        verbose_name_plural = _("variant measurements")
        constraints = [models.UniqueConstraint(fields=["variant", "definition"], name="variant_measure_once")]

    def __str__(self) -> str:
        return f"{self.value_mm} mm"
