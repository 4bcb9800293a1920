"""Stock in the admin: levels with buttons, movements to read."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import admin
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shop.admin.base import Button, OperationButtons, Pressed, ReadOnlyAdmin
from shop.models import StockLevel, StockLocation, StockMovement, User
from shop.operations import stock

AVAILABLE = F("on_hand") + F("oversell_limit") - F("allocated")


class OnceForm(forms.Form):
    """Carries a key, so that a form sent twice counts once."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class ReceiveForm(OnceForm):
    """How many pieces came in."""

    pieces = forms.IntegerField(label=gettext_lazy("Pieces that came in"), min_value=1, max_value=100_000)
    reason = forms.CharField(
        label=gettext_lazy("Where from"), max_length=200, help_text=gettext_lazy("Such as: from the kiln, 2 March")
    )


class CountForm(OnceForm):
    """How many pieces lie there."""

    counted = forms.IntegerField(label=gettext_lazy("Pieces on the shelf"), min_value=0, max_value=100_000)
    reason = forms.CharField(label=gettext_lazy("Why it differs"), max_length=200)


def receive(press: Pressed[StockLevel]) -> str:
    """Book what came in."""
    pieces = press.values["pieces"]
    item = stock.Wanted(press.row.variant_id, pieces, f"receive:{press.values['key']}")
    stock.receive(item=item, at=press.at, actor=press.by, reason=press.values["reason"])
    return _("%(pieces)d pieces are on the shelf now and can be bought at once.") % {"pieces": pieces}


def count(press: Pressed[StockLevel]) -> str:
    """Set the shelf to what was counted."""
    counted = press.values["counted"]
    stock.count(
        level_id=press.row.pk,
        counted=counted,
        key=f"count:{press.values['key']}",
        at=press.at,
        actor=press.by,
        reason=press.values["reason"],
    )
    return _("The shelf says %(counted)d now; the difference is a movement with your name.") % {"counted": counted}


@admin.register(StockLevel)
class StockLevelAdmin(OperationButtons, ReadOnlyAdmin):
    """What lies where.  Only operations change it, each with a movement."""

    list_display = ("variant", "what", "location", "on_hand", "allocated", "may_be_sold", "quarantine", "policy")
    list_select_related = ("variant__product", "location")
    list_filter = ("policy", "location")
    search_fields = ("variant__sku", "variant__product__name")
    ordering = ("variant__sku", "id")
    fields = ("variant", "location", "on_hand", "allocated", "quarantine", "policy", "oversell_limit")
    autocomplete_fields = ("variant",)
    buttons = (
        Button(
            "receive",
            gettext_lazy("Put on the shelf"),
            "shop.change_stocklevel",
            call=receive,
            form=ReceiveForm,
            refusals={stock.SoldOut: gettext_lazy("No location holds this variant yet; open a stock level first.")},
        ),
        Button(
            "count",
            gettext_lazy("Set to what was counted"),
            "shop.change_stocklevel",
            call=count,
            form=CountForm,
            refusals={
                stock.StockRefused: gettext_lazy(
                    "More pieces than that are promised to orders. Count again, or cancel an order first."
                )
            },
        ),
    )

    @admin.display(description=gettext_lazy("product"))
    def what(self, level: StockLevel) -> str:
        """Name the product and the options."""
        return f"{level.variant.product.name} {level.variant.label}".strip()

    @admin.display(description=gettext_lazy("may be sold"), ordering=AVAILABLE)
    def may_be_sold(self, level: StockLevel) -> int:
        """Tell how many more may be sold."""
        return level.available

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Name the page after the article."""
        level = self.get_object(request, object_id)
        named = {"title": level.variant.sku, "subtitle": self.what(level)} if level else {}
        return super().change_view(request, object_id, form_url, named | (extra_context or {}))

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Let the catalogue give a new variant its level."""
        return request.user.has_perm("shop.add_stocklevel")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Ask for three things when a level is opened; show all of them later."""
        return self.fields if obj else ("variant", "location", "oversell_limit")

    def save_model(self, request: HttpRequest, obj: StockLevel, form: Any, change: bool) -> None:
        """Open the level through its operation.  The form has already refused a second level for the same pair."""
        assert isinstance(request.user, User)  # noqa: S101 -- the admin let nobody else through
        opened = stock.open_level(
            variant_id=obj.variant_id,
            location_id=obj.location_id,
            oversell_limit=obj.oversell_limit,
            by=request.user,
            at=timezone.now(),
        )
        obj.pk = opened.pk


@admin.register(StockLocation)
class StockLocationAdmin(ReadOnlyAdmin):
    """The places that hold stock."""

    list_display = ("name", "code")
    search_fields = ("name",)
    ordering = ("code", "id")


@admin.register(StockMovement)
class StockMovementAdmin(ReadOnlyAdmin):
    """Every change of every level, for ever."""

    list_display = (
        "moved_at",
        "level_of",
        "kind",
        "on_hand_delta",
        "allocated_delta",
        "quarantine_delta",
        "order_number",
        "reason",
        "actor",
    )
    list_select_related = ("level__variant", "actor")
    list_filter = ("kind",)
    search_fields = ("=order_number", "level__variant__sku")
    ordering = ("-id",)

    @admin.display(description=gettext_lazy("variant"))
    def level_of(self, movement: StockMovement) -> str:
        """Name the article."""
        return movement.level.variant.sku
