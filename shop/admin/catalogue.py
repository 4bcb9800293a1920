"""The catalogue in the admin: shelves, products with their variants and pictures, options."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from shop.admin.base import AnyAdmin, BlocksInline, CappedPaginator, NamedFields, RowsInline, see_other
from shop.admin.catalogue_file import export_file, file_page
from shop.admin.matrix import matrix_page
from shop.admin.measuring import measures_page
from shop.admin.pictures import pictures_page
from shop.admin.questions import QuestionInline
from shop.admin.together import MOST, together_page
from shop.models import (
    Category,
    FibreShare,
    Material,
    OptionType,
    OptionValue,
    Pairing,
    PhotoModel,
    PriceInterval,
    Product,
    ProductImage,
    Variant,
    VariantMeasurement,
)
from shop.operations.addresses import keep_former_address
from shop.pictures import picture_url
from shop.rules import wording
from shop.rules.fibres import wrong_sums
from shop.rules.money import Money
from shop.rules.pictures import smallest


class EditAdmin(AnyAdmin):
    """A table people write by hand."""

    show_full_result_count = False
    paginator = CappedPaginator
    list_per_page = 50
    actions: Sequence[str] | None = None


class AddressAdmin(EditAdmin):
    """A table whose rows have a page in the shop: a changed address is kept, so that old links still lead there."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save, and remember where it was found before."""
        super().save_model(request, obj, form, change)
        if change and "slug" in form.changed_data:
            keep_former_address(thing=obj, former=form.initial["slug"], at=timezone.now())


@admin.register(Category)
class CategoryAdmin(AddressAdmin):
    """The shelves of the shop."""

    list_display = ("name", "slug", "position")
    search_fields = ("name",)
    ordering = ("position", "id")
    prepopulated_fields = {"slug": ("name",)}


class OptionValueInline(RowsInline):
    """The choices of an option."""

    model = OptionValue
    extra = 0
    ordering = ("position", "id")


@admin.register(OptionType)
class OptionTypeAdmin(EditAdmin):
    """What variants differ in."""

    list_display = ("name", "code", "position")
    search_fields = ("name",)
    ordering = ("position", "id")
    inlines = (OptionValueInline,)


@admin.register(OptionValue)
class OptionValueAdmin(EditAdmin):
    """One choice; here so that other pages can search for it."""

    list_display = ("label", "type", "code", "position")
    list_select_related = ("type",)
    list_filter = ("type",)
    search_fields = ("label", "code", "type__name")
    ordering = ("type__position", "position", "id")
    autocomplete_fields = ("type",)


@admin.register(Material)
class MaterialAdmin(EditAdmin):
    """What things are made of, as shoppers filter by it."""

    list_display = ("name", "code", "position")
    search_fields = ("name", "code")
    ordering = ("position", "id")
    prepopulated_fields = {"code": ("name",)}


class VariantInline(RowsInline):
    """The buyable forms of a product, a line each; options, weight and measures are on the variant's own page."""

    model = Variant
    extra = 0
    ordering = ("position", "id")
    show_change_link = True
    fields = (
        "sku",
        "label",
        "price_minor",
        "currency",
        "content_amount",
        "content_unit",
        "making_days",
        "position",
        "active",
    )


class ProductImageInline(BlocksInline):
    """The pictures of a product, in words; they are uploaded and hung on a page of their own."""

    model = ProductImage
    extra = 0
    ordering = ("position", "id")
    fields = ("seen", "alt", ("role", "decorative"), "option", ("worn_by", "worn_size"), "position")
    readonly_fields = ("seen",)

    @admin.display(description=_("picture"))
    def seen(self, image: ProductImage) -> SafeString:
        """Show it small."""
        return format_html('<img src="{}" alt="" width="80" height="100">', picture_url(smallest(image.path)))

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Refuse: a picture is uploaded on its own page."""
        return False

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Read the choices once for all pictures; a plain list works without JavaScript."""
        made: Any = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if made is not None and db_field.name in ("option", "worn_by", "worn_size"):
            made.choices = list(made.choices)
        return made

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Leave room for a whole sentence of words."""
        made: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "alt":
            made.widget.attrs["class"] = "vLargeTextField"
        return made


class FibreFormSet(NamedFields):
    """The fibres of a piece; refuses parts that do not make 100 percent."""

    def clean(self) -> None:
        """Add up each part.  Raises ValidationError naming the parts and what they make."""
        super().clean()
        kept = [form.cleaned_data for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        wrong = wrong_sums((row.get("part", ""), row.get("percent") or 0) for row in kept)
        if wrong:
            raise ValidationError(
                [
                    _("%(part)s makes %(total)d %%; it has to make 100 %%.")
                    % {"part": part or _("The whole piece"), "total": total}
                    for part, total in wrong.items()
                ]
            )


class FibreInline(RowsInline):
    """What it is made of, to the percent."""

    model = FibreShare
    formset = FibreFormSet
    extra = 0
    ordering = ("part", "-percent", "id")


class PairingInline(RowsInline):
    """What it goes with."""

    model = Pairing
    fk_name = "product"
    extra = 0
    ordering = ("position", "id")
    autocomplete_fields = ("other",)


@admin.register(PhotoModel)
class PhotoModelAdmin(EditAdmin):
    """Who wears our pieces on pictures."""

    list_display = ("name", "height_mm", "chest_mm", "waist_mm", "hips_mm")
    search_fields = ("name",)
    ordering = ("name", "id")


@admin.register(Product)
class ProductAdmin(AddressAdmin):
    """Everything a buyer must know before she orders."""

    list_display = ("name", "category", "maker", "published", "position")
    list_select_related = ("category",)
    list_filter = ("category", "published")
    search_fields = ("name", "slug", "variants__sku")
    ordering = ("category__position", "position", "id")
    prepopulated_fields = {"slug": ("name",)}
    readonly_fields = ("created_at",)
    inlines = (VariantInline, FibreInline, PairingInline, ProductImageInline, QuestionInline)
    actions = ("change_together",)
    change_list_template = "admin/shop/product/change_list.html"
    change_form_template = "admin/shop/product/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        """Add the catalogue as a file."""
        ours = self.admin_site.admin_view
        return [
            path("file/", ours(partial(file_page, self)), name="shop_product_file"),
            path("together/", ours(partial(together_page, self)), name="shop_product_together"),
            path("export.csv", ours(export_file), {"kind": "csv"}, name="shop_product_export_csv"),
            path("export.xlsx", ours(export_file), {"kind": "xlsx"}, name="shop_product_export_xlsx"),
            path("<path:object_id>/matrix/", ours(partial(matrix_page, self)), name="shop_product_matrix"),
            path("<path:object_id>/measures/", ours(partial(measures_page, self)), name="shop_product_measures"),
            path("<path:object_id>/pictures/", ours(partial(pictures_page, self)), name="shop_product_pictures"),
            *super().get_urls(),
        ]

    def get_actions(self, request: HttpRequest) -> Any:
        """Offer ours alone: a product that was ever sold is taken off sale, not deleted by the dozen."""
        return {name: act for name, act in super().get_actions(request).items() if name in (self.actions or ())}

    @admin.action(description=_("Change together"), permissions=["change"])
    def change_together(self, request: HttpRequest, products: QuerySet[Product]) -> HttpResponse:
        """Go to the page that asks what is to change about what was ticked."""
        ids = ",".join(str(pk) for pk in products.order_by("id").values_list("pk", flat=True)[: MOST + 1])
        return see_other(f"{reverse('admin:shop_product_together')}?ids={ids}")

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Show the materials as boxes to tick, for the same reasons as options."""
        return super().formfield_for_manytomany(db_field, request, widget=CheckboxSelectMultiple(), **kwargs)


class VariantMeasurementInline(RowsInline):
    """The measures of one variant in millimetres."""

    model = VariantMeasurement
    extra = 0
    ordering = ("definition__position", "id")
    autocomplete_fields = ("definition",)


class PriceInline(RowsInline):
    """What the variant has cost since when, newest first.  The database writes it; nobody changes it."""

    model = PriceInterval
    extra = 0
    can_delete = False
    ordering = ("-starts_at", "-id")
    fields = readonly_fields = ("price", "starts_at", "ends_at")

    @admin.display(description=_("price"))
    def price(self, interval: PriceInterval) -> str:
        """Write the price as shoppers read it."""
        amount = Money(interval.price_minor, interval.currency)
        return wording.money(amount, get_language() or settings.LANGUAGE_CODE)

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Refuse: a price is changed in its field above."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: what has been is kept."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: what has been is kept."""
        return False


@admin.register(Variant)
class VariantAdmin(EditAdmin):
    """One buyable form with its measures."""

    list_display = ("sku", "product", "label", "price_minor", "currency", "low_at", "active")
    list_select_related = ("product",)
    list_filter = ("active", "product__category")
    search_fields = ("sku", "product__name", "label")
    ordering = ("sku", "id")
    inlines = (VariantMeasurementInline, PriceInline)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Show the options as boxes to tick; there are few, and boxes need no JavaScript."""
        return super().formfield_for_manytomany(db_field, request, widget=CheckboxSelectMultiple(), **kwargs)
