"""Promotions in the admin: what is taken off, the codes that open it, and what was made of it."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING, Any

from allauth.account.decorators import reauthentication_required
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from orders.forms.promotions import BatchForm
from orders.models import Promotion, Redemption, Voucher
from orders.operations.vouchers import BatchRefused, create_vouchers, save_promotion, void_voucher
from orders.queries.promotions import codes_of, usage
from shop.admin.base import AnyAdmin, Button, OperationButtons, Pressed, ProvenEdits, ReadOnlyAdmin, see_other
from shop.models import User
from shop.rules import wording
from shop.rules.money import Money

if TYPE_CHECKING:
    PromotionModelForm = forms.ModelForm[Promotion]
else:
    PromotionModelForm = forms.ModelForm


class PromotionForm(PromotionModelForm):
    """What is taken off, when, how often.  What the database would refuse is said in a sentence first."""

    class Meta:
        model = Promotion
        fields = (
            "name",
            "trigger",
            "kind",
            "percent_bp",
            "amount_minor",
            "gift",
            "minimum_minor",
            "combines",
            "starts_at",
            "ends_at",
            "uses_limit",
            "uses_per_customer",
            "budget_minor",
            "active",
        )

    def clean(self) -> dict[str, Any]:
        """Ask for what the chosen kind needs, and for limits that were not passed already."""
        data = super().clean() or self.cleaned_data
        needs = {
            "percent": ("percent_bp", _("Enter how many per cent, in basis points: 1000 is 10 %.")),
            "amount": ("amount_minor", _("Enter the amount in minor units: 500 is 5.00.")),
            "gift": ("gift", _("Choose what is given.")),
        }
        field, sentence = needs.get(data.get("kind", ""), ("", ""))
        if field and not data.get(field):
            self.add_error(field, sentence)
        if (data.get("percent_bp") or 0) > 10_000:
            self.add_error("percent_bp", _("Nobody takes off more than everything: 10000 is 100 %."))
        if data.get("starts_at") and data.get("ends_at") and data["ends_at"] <= data["starts_at"]:
            self.add_error("ends_at", _("It ends before it begins."))
        self._check_limits(data)
        return data

    def _check_limits(self, data: dict[str, Any]) -> None:
        """Refuse a limit below what was used."""
        if not self.instance.pk:
            return
        living = list(Redemption.objects.filter(promotion=self.instance, released_at=None).values_list("saved_minor"))
        if data.get("uses_limit") is not None and data["uses_limit"] < len(living):
            self.add_error("uses_limit", _("It was used in %(n)d orders already.") % {"n": len(living)})
        given = sum(row[0] for row in living)
        if data.get("budget_minor") is not None and data["budget_minor"] < given:
            self.add_error("budget_minor", _("%(n)d minor units were given already.") % {"n": given})


@admin.register(Promotion)
class PromotionAdmin(ProvenEdits, AnyAdmin):
    """A change counts for new orders; orders that used it keep what they got."""

    form = PromotionForm
    list_display = ("name", "trigger", "gives", "from_goods", "starts_at", "ends_at", "used", "active")
    list_filter = ("active", "trigger", "kind")
    search_fields = ("name",)
    ordering = ("-active", "-id")
    autocomplete_fields = ("gift",)
    show_full_result_count = False
    change_form_template = "admin/orders/promotion/change_form.html"
    change_list_template = "admin/orders/promotion/change_list.html"

    @admin.display(description=gettext_lazy("gives"))
    def gives(self, promotion: Promotion) -> str:
        """Say what it gives."""
        if promotion.kind == Promotion.Kind.PERCENT:
            return f"{(promotion.percent_bp or 0) / 100:g} %"
        if promotion.kind == Promotion.Kind.AMOUNT:
            return _money(promotion.amount_minor or 0)
        return promotion.get_kind_display()

    @admin.display(description=gettext_lazy("from"))
    def from_goods(self, promotion: Promotion) -> str:
        """Say from which worth of goods on."""
        return _money(promotion.minimum_minor) if promotion.minimum_minor else "–"

    @admin.display(description=gettext_lazy("used"))
    def used(self, promotion: Promotion) -> str:
        """Say how often it was used, of how many times."""
        if not promotion.limited:
            return _("without a limit")
        limit = promotion.uses_limit if promotion.uses_limit is not None else "∞"
        return f"{promotion.uses} / {limit}"

    def has_delete_permission(self, request: HttpRequest, obj: Promotion | None = None) -> bool:
        """Refuse: orders point at it.  Take it out of the offer instead."""
        return False

    def save_model(self, request: HttpRequest, obj: Promotion, form: Any, change: bool) -> None:
        """Save through the operation."""
        assert isinstance(request.user, User)  # noqa: S101 -- the admin let nobody else through
        save_promotion(promotion=obj, by=request.user, at=timezone.now())

    def get_urls(self) -> list[URLPattern]:
        """Add the page that makes codes and the report."""
        site = self.admin_site
        codes = path("<path:object_id>/codes/", site.admin_view(self.codes), name="orders_promotion_codes")
        report = path("report/", site.admin_view(self.report), name="orders_promotion_report")
        return [report, codes, *super().get_urls()]

    def codes(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask how many codes, or make them and hand them out as a file.  Raises PermissionDenied, Http404."""
        if not request.user.has_perm("orders.create_vouchers") or not self.has_view_permission(request):
            raise PermissionDenied
        promotion = self.get_object(request, unquote(object_id))
        if not isinstance(promotion, Promotion):
            raise Http404
        form = BatchForm(request.POST if request.method == "POST" else None)
        back = reverse("admin:orders_promotion_change", args=[object_id])
        if request.method == "POST" and form.is_valid():
            make = reauthentication_required(self._make)  # a code is worth money to whoever holds it
            return make(request, promotion, form) or see_other(back)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Make codes"),
            "subtitle": promotion.name,
            "opts": self.opts,
            "form": form,
            "back": back,
            "voucher": promotion.trigger == Promotion.Trigger.VOUCHER,
        }
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/orders/promotion/codes.html", context, status=status)

    def _make(self, request: HttpRequest, promotion: Promotion, form: BatchForm) -> HttpResponse | None:
        """Return the codes as a file, the only time they can be read; None when there is nothing to make."""
        assert isinstance(request.user, User)  # noqa: S101 -- admin_view let nobody else through
        try:
            codes = create_vouchers(promotion_id=promotion.pk, by=request.user, at=timezone.now(), **form.cleaned_data)
        except BatchRefused:
            messages.error(request, _("This promotion is for everybody: it needs no codes. Nothing was made."))
            return None
        text = StringIO()
        csv.writer(text).writerows([["code"], *([code] for code in codes)])
        response = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
        name = slugify(f"{promotion.name}-{form.cleaned_data['batch']}") or "codes"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        return response

    def report(self, request: HttpRequest) -> HttpResponse:
        """Show what was made of each promotion.  Raises PermissionDenied."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = list(usage())
        codes = codes_of(row.pk for row in rows)
        context = {
            **self.admin_site.each_context(request),
            "title": _("What was made of promotions"),
            "opts": self.opts,
            "rows": [_report_row(row, codes.get(row.pk, {})) for row in rows],
        }
        return TemplateResponse(request, "admin/orders/promotion/report.html", context)


def _report_row(row: Any, codes: dict[str, int]) -> dict[str, Any]:
    made, used = codes.get("made", 0), codes.get("used", 0)
    return {
        "promotion": row,
        "codes": f"{used} / {made} ({used * 100 // made} %)" if made else "–",
        "void": codes.get("void", 0),
        "orders": row.orders,
        "taken_back": row.taken_back,
        "given": _money(row.given_minor),
        "goods": _money(row.goods_minor),
        "average": _money(row.goods_minor // row.orders) if row.orders else "–",
        "budget": _money(row.budget_minor) if row.budget_minor is not None else "–",
    }


def _money(minor: int) -> str:
    return wording.money(Money(minor, settings.SHOP_CURRENCY), get_language() or "en")


def void(press: Pressed[Voucher]) -> str:
    """Take a code out of use."""
    void_voucher(voucher_id=press.row.pk, by=press.by, at=press.at)
    return _("The code can no longer be used. Orders that used it keep what they got.")


@admin.register(Voucher)
class VoucherAdmin(OperationButtons, ReadOnlyAdmin):
    """Codes.  Only their last four signs are known here: enough to find one on the phone, too few to spend it."""

    list_display = ("hint", "promotion", "batch", "uses", "max_uses", "made_at", "void_at")
    list_select_related = ("promotion",)
    list_filter = ("promotion",)
    search_fields = ("=hint", "batch")
    search_help_text = gettext_lazy("Last four signs of the code, or the batch")
    ordering = ("-id",)
    fields = ("promotion", "hint", "batch", "uses", "max_uses", "made_at", "made_by", "void_at")
    buttons = (
        Button(
            "void",
            gettext_lazy("Take it out of use"),
            "orders.create_vouchers",
            call=void,
            shown=lambda voucher: voucher.void_at is None,
            danger=True,
        ),
    )


@admin.register(Redemption)
class RedemptionAdmin(ReadOnlyAdmin):
    """Which order used which promotion."""

    list_display = ("made_at", "order", "name", "voucher", "saved", "released_at")
    list_select_related = ("order", "voucher")
    list_filter = ("promotion",)
    search_fields = ("=order__number",)
    ordering = ("-id",)
    fields = ("order", "promotion", "voucher", "name", "saved", "made_at", "released_at")
    readonly_fields = ("saved",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Redemption]:
        """Bring along what the list shows."""
        rows: QuerySet[Redemption] = super().get_queryset(request)
        return rows.select_related("order", "voucher", "promotion")

    @admin.display(description=gettext_lazy("saved"))
    def saved(self, row: Redemption) -> str:
        """Show how much the shopper saved."""
        return _money(row.saved_minor)
