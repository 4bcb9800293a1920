"""Reductions in the admin: name the pieces, see what each may honestly be reduced from, announce it with one press."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from shop.admin.base import Button, OperationButtons, Pressed
from shop.admin.catalogue import EditAdmin
from shop.models import Reduction
from shop.operations.reductions import (
    EndIsPast,
    NotADraft,
    NothingNamed,
    NotHonest,
    announce_reduction,
    end_reduction,
)
from shop.queries.reductions import judged, variants_of
from shop.rules import wording
from shop.rules.money import Money
from shop.rules.reduction import Why, percent_off

MOST_SHOWN = 200
_WHY = {
    Why.TOO_NEW: gettext_lazy("It has not been on sale for 30 days, so nobody knows what it is reduced from."),
    Why.NOT_LOWER: gettext_lazy("It cost as little, or less, within the 30 days before: this is no reduction."),
    Why.ANNOUNCED: gettext_lazy("Another reduction of it is announced."),
}


def announce(press: Pressed[Reduction]) -> str:
    """Announce it."""
    announce_reduction(reduction_id=press.row.pk, by=press.by, at=press.at)
    return _("It is announced. Prices go down and up again by themselves, at the moments you named.")


def end(press: Pressed[Reduction]) -> str:
    """End it."""
    end_reduction(reduction_id=press.row.pk, by=press.by, at=press.at)
    return _("It is over. Prices are what they were before; those you changed meanwhile stay.")


@admin.register(Reduction)
class ReductionAdmin(OperationButtons, EditAdmin):
    """What is saved here lowers no price; the button does."""

    list_display = ("name", "state", "percent_bp", "off_minor", "starts_at", "ends_at")
    list_filter = ("state",)
    search_fields = ("name",)
    ordering = ("-id",)
    autocomplete_fields = ("products",)
    change_form_template = "admin/shop/reduction/change_form.html"
    buttons = (
        Button(
            "announce",
            gettext_lazy("Announce it"),
            "shop.announce_reduction",
            call=announce,
            shown=lambda row: row.state == Reduction.State.DRAFT,
            refusals={
                NotADraft: gettext_lazy("Somebody was faster: it was announced before."),
                NothingNamed: gettext_lazy("It names no piece on sale. Choose products or categories, and save."),
                EndIsPast: gettext_lazy("Its end is over. Enter a later one, save, and press again."),
                NotHonest: gettext_lazy(
                    "Nothing was announced: the pieces marked below may not be called reduced. Take them out, or wait."
                ),
            },
        ),
        Button(
            "end",
            gettext_lazy("End it now"),
            "shop.announce_reduction",
            call=end,
            shown=lambda row: row.state in {Reduction.State.ANNOUNCED, Reduction.State.RUNNING},
            danger=True,
        ),
    )

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Show the shelves as boxes to tick."""
        if db_field.name == "categories":
            kwargs["widget"] = CheckboxSelectMultiple()
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Reduction | None = None) -> bool:
        """Refuse once it is announced: what shoppers were told is kept."""
        draft = obj is None or obj.state == Reduction.State.DRAFT
        return draft and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Reduction | None = None) -> bool:
        """Refuse: what was told is kept."""
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show it with what it does, or would do, to each piece."""
        context: dict[str, Any] = {}
        row = self.get_object(request, object_id) if request.method != "POST" else None
        if row is not None and self.has_view_permission(request, row):
            context["pieces"] = _would_be(row) if row.state == Reduction.State.DRAFT else _is(row)
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))


def _would_be(reduction: Reduction) -> list[dict[str, Any]]:
    found = judged(reduction, variants_of(reduction)[:MOST_SHOWN], at=timezone.now())
    return [
        _piece(
            one.variant.sku,
            one.variant.currency,
            before=one.variant.price_minor,
            price=one.verdict.price_minor,
            reference=one.verdict.reference_minor,
            why=str(_WHY[one.verdict.why]) if one.verdict.why else "",
        )
        for one in found
    ]


def _is(reduction: Reduction) -> list[dict[str, Any]]:
    rows = reduction.prices.select_related("variant").order_by("variant__sku", "id")[:MOST_SHOWN]
    return [
        _piece(
            row.variant.sku,
            row.variant.currency,
            before=row.before_minor,
            price=row.price_minor,
            reference=row.reference_minor,
            why=str(_WHY.get(row.why, "")) if row.why else "",  # type: ignore[call-overload]
            state=str(row.get_state_display()),
        )
        for row in rows
    ]


def _piece(
    sku: str, currency: str, *, before: int | None, price: int | None, reference: int | None, why: str, state: str = ""
) -> dict[str, Any]:
    off = f"−{percent_off(reference_minor=reference, price_minor=price)} %" if reference and price and not why else ""
    told = {"before": before, "price": price, "reference": reference}
    return {"sku": sku, "off": off, "why": why, "state": state} | {
        name: _money(minor, currency) if minor else "" for name, minor in told.items()
    }


def _money(minor: int, currency: str) -> str:
    return wording.money(Money(minor, currency), get_language() or settings.LANGUAGE_CODE)
