"""Stock in the admin: levels with buttons, movements to read."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django import forms
from django.contrib import admin, messages
from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from shop.admin.base import Button, OperationButtons, Pressed, ReadOnlyAdmin, see_other
from shop.admin.low_stock import low_stock_page
from shop.models import StockLevel, StockLocation, StockMovement, User
from shop.operations import stock
from shop.queries.stock import active_reservations

if TYPE_CHECKING:
    LevelForm = forms.ModelForm[StockLevel]
else:
    LevelForm = forms.ModelForm

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


class AsideForm(OnceForm):
    """How many pieces, and why."""

    pieces = forms.IntegerField(label=gettext_lazy("Pieces"), min_value=1, max_value=100_000)
    reason = forms.CharField(
        label=gettext_lazy("Why"), max_length=200, help_text=gettext_lazy("Such as: a chip at the rim.")
    )


class WriteOffForm(AsideForm):
    """From where the pieces go."""

    place = forms.ChoiceField(
        label=gettext_lazy("From"),
        choices=[("shelf", gettext_lazy("the shelf")), ("quarantine", gettext_lazy("the quarantine"))],
    )


class LimitForm(forms.Form):
    """How many may be sold before they are made."""

    limit = forms.IntegerField(
        label=gettext_lazy("Pieces that may be sold before they are made"),
        min_value=1,
        max_value=10_000,
        help_text=gettext_lazy("What you can make while people wait. Every date counts the making time."),
    )


class AheadForm(forms.Form):
    """Whether it was here before, and how many may be sold of what is on its way."""

    preorder = forms.BooleanField(
        label=gettext_lazy("It is a preorder: no piece of it was here before"), required=False
    )
    most = forms.IntegerField(
        label=gettext_lazy("At most so many pieces"),
        required=False,
        min_value=1,
        max_value=100_000,
        help_text=gettext_lazy("Empty: as many as are expected. Every date counts from the day they come in."),
    )


class OpenForm(LevelForm):
    """A new level: nothing is sold before it is made when nobody said how long that takes."""

    def clean(self) -> dict[str, Any]:
        """Ask for the making time first.  Raises ValidationError."""
        values = super().clean() or {}
        variant = values.get("variant")
        if variant and values.get("oversell_limit") and not variant.making_days:
            self.add_error("oversell_limit", str(_NO_MAKING_TIME))
        return values


class MoveForm(AsideForm):
    """Where pieces are carried to."""

    to = forms.ModelChoiceField(
        label=gettext_lazy("To"), queryset=StockLocation.objects.order_by("position", "code", "id")
    )


def receive(press: Pressed[StockLevel]) -> str:
    """Book what came in."""
    pieces = press.values["pieces"]
    item = stock.Wanted(press.row.variant_id, pieces, f"receive:{press.values['key']}")
    reason = press.values["reason"]
    stock.receive(item=item, level_id=press.row.pk, at=press.at, actor=press.by, reason=reason)
    return _("%(pieces)d pieces are on the shelf now and can be bought at once.") % {"pieces": pieces}


def count(press: Pressed[StockLevel]) -> str:
    """Set the shelf to what was counted."""
    counted = press.values["counted"]
    stock.count(counted=counted, **_who_and_why(press, "count"))
    return _("The shelf says %(counted)d now; the difference is a movement with your name.") % {"counted": counted}


def quarantine(press: Pressed[StockLevel]) -> str:
    """Put pieces aside."""
    stock.quarantine(pieces=press.values["pieces"], **_who_and_why(press, "quarantine"))
    return _("%(pieces)d pieces are aside and cannot be bought.") % {"pieces": press.values["pieces"]}


def put_back(press: Pressed[StockLevel]) -> str:
    """Put pieces from the quarantine back."""
    stock.put_back(pieces=press.values["pieces"], **_who_and_why(press, "put-back"))
    return _("%(pieces)d pieces are on the shelf again.") % {"pieces": press.values["pieces"]}


def write_off(press: Pressed[StockLevel]) -> str:
    """Note that pieces are gone for good."""
    aside = press.values["place"] == "quarantine"
    stock.write_off(pieces=press.values["pieces"], from_quarantine=aside, **_who_and_why(press, "write-off"))
    return _("%(pieces)d pieces are written off.") % {"pieces": press.values["pieces"]}


def move(press: Pressed[StockLevel]) -> str:
    """Carry pieces to another location."""
    to = StockLevel.objects.get(variant_id=press.row.variant_id, location=press.values["to"])
    stock.move(to_level_id=to.pk, pieces=press.values["pieces"], **_who_and_why(press, "move"))
    told = {"pieces": press.values["pieces"], "place": press.values["to"].name}
    return _("%(pieces)d pieces are at %(place)s now.") % told


def make_to_order(press: Pressed[StockLevel]) -> str:
    """Let pieces be sold before they are made, as many as was typed."""
    limit = press.values["limit"]
    stock.make_to_order(level_id=press.row.pk, limit=limit, by=press.by, at=press.at)
    return ngettext(
        "%(pieces)d piece may be sold before it is made; the dates count its making time.",
        "%(pieces)d pieces may be sold before they are made; the dates count their making time.",
        limit,
    ) % {"pieces": limit}


def sell_ahead(press: Pressed[StockLevel]) -> str:
    """Let what is on its way be sold, with the day it comes in."""
    values = press.values
    level = stock.sell_ahead(
        level_id=press.row.pk, preorder=values["preorder"], most=values["most"], by=press.by, at=press.at
    )
    return ngettext(
        "%(pieces)d piece that is on its way may be sold; the dates count from the day it comes in.",
        "%(pieces)d pieces that are on their way may be sold; the dates count from the day they come in.",
        level.oversell_limit,
    ) % {"pieces": level.oversell_limit}


def only_what_is_there(press: Pressed[StockLevel]) -> str:
    """Sell nothing that is not on the shelf."""
    stock.sell_what_is_there(level_id=press.row.pk, by=press.by, at=press.at)
    return _("Only what lies on the shelf is sold now. When it is gone, the page says sold out and offers an alert.")


def _below_promised(promised: int) -> str:
    return ngettext(
        "%(pieces)d piece is promised to an order and not made yet. Nothing was changed: allow at least that one.",
        "%(pieces)d pieces are promised to orders and not made yet. Nothing was changed: allow at least as many.",
        promised,
    ) % {"pieces": promised}


def _who_and_why(press: Pressed[StockLevel], act: str) -> dict[str, Any]:
    return {
        "level_id": press.row.pk,
        "key": f"{act}:{press.values['key']}",
        "at": press.at,
        "actor": press.by,
        "reason": press.values["reason"],
    }


_NO_MAKING_TIME = gettext_lazy(
    "This article has no making time, so no honest date could be told. Enter it at the product's variants first."
)
_NOT_THERE = gettext_lazy("So many pieces are not there. Count again; nothing was changed.")
# What may take away promised pieces: the name of its button, and the field that says how many.
_TAKING = {"count": "counted", "quarantine": "pieces", "write-off": "pieces"}


@admin.register(StockLevel)
class StockLevelAdmin(OperationButtons, ReadOnlyAdmin):
    """What lies where.  Only operations change it, each with a movement."""

    list_display = (
        "variant",
        "what",
        "location",
        "on_hand",
        "allocated",
        "held",
        "may_be_sold",
        "quarantine",
        "policy",
    )
    list_select_related = ("variant__product", "location")
    list_filter = ("policy", "location")
    search_fields = ("variant__sku", "variant__product__name")
    ordering = ("variant__sku", "id")
    fields = ("variant", "location", "on_hand", "allocated", "quarantine", "policy", "oversell_limit", "ahead_most")
    autocomplete_fields = ("variant",)
    buttons = (
        Button(
            "receive",
            gettext_lazy("Put on the shelf"),
            "shop.change_stocklevel",
            call=receive,
            form=ReceiveForm,
        ),
        Button(
            "count",
            gettext_lazy("Set to what was counted"),
            "shop.change_stocklevel",
            call=count,
            form=CountForm,
        ),
        Button(
            "quarantine",
            gettext_lazy("Put aside"),
            "shop.change_stocklevel",
            call=quarantine,
            form=AsideForm,
            shown=lambda level: level.on_hand > 0,
        ),
        Button(
            "put-back",
            gettext_lazy("Back on the shelf"),
            "shop.change_stocklevel",
            call=put_back,
            form=AsideForm,
            shown=lambda level: level.quarantine > 0,
            refusals={stock.StockRefused: _NOT_THERE},
        ),
        Button(
            "write-off",
            gettext_lazy("Write off"),
            "shop.change_stocklevel",
            call=write_off,
            form=WriteOffForm,
            shown=lambda level: level.on_hand + level.quarantine > 0,
            danger=True,
        ),
        Button(
            "move",
            gettext_lazy("Carry to another location"),
            "shop.change_stocklevel",
            call=move,
            form=MoveForm,
            shown=lambda level: level.available > 0 and StockLocation.objects.count() > 1,
            refusals={
                stock.Undercuts: gettext_lazy("These pieces are promised to orders that leave from here."),
                stock.StockRefused: _NOT_THERE,
                StockLevel.DoesNotExist: gettext_lazy(
                    "That location does not hold this variant yet, or it is this very one. Open a stock level first."
                ),
            },
        ),
        Button(
            "make-to-order",
            gettext_lazy("Sell before it is made"),
            "shop.add_stocklevel",
            call=make_to_order,
            form=LimitForm,
            refusals={stock.NoMakingTime: _NO_MAKING_TIME},
        ),
        Button(
            "sell-ahead",
            gettext_lazy("Sell what is on its way"),
            "shop.add_stocklevel",
            call=sell_ahead,
            form=AheadForm,
            refusals={
                stock.NothingComing: gettext_lazy(
                    "Nothing is expected for this shelf, so no honest date could be told. Announce an arrival first."
                ),
                stock.MadeToOrder: gettext_lazy(
                    "This article has a making time and is made to order: its dates count from that."
                ),
            },
        ),
        Button(
            "only-what-is-there",
            gettext_lazy("Sell only what is there"),
            "shop.add_stocklevel",
            call=only_what_is_there,
            shown=lambda level: level.policy != StockLevel.Policy.DENY,
        ),
    )

    change_list_template = "admin/shop/stocklevel/change_list.html"
    form = OpenForm

    def get_urls(self) -> list[URLPattern]:
        """Add the list of what runs low."""
        page = self.admin_site.admin_view(partial(low_stock_page, self))
        return [path("low/", page, name="shop_stocklevel_low"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockLevel]:
        """Add what is held for people at the checkout."""
        held = active_reservations().filter(level=OuterRef("pk")).order_by()
        sums = held.values("level").annotate(pieces=Sum("quantity")).values("pieces")
        rows: QuerySet[StockLevel] = super().get_queryset(request)
        return rows.annotate(held=Coalesce(Subquery(sums), 0))

    @admin.display(description=gettext_lazy("product"))
    def what(self, level: StockLevel) -> str:
        """Name the product and the options."""
        return f"{level.variant.product.name} {level.variant.label}".strip()

    @admin.display(description=gettext_lazy("held at the checkout"))
    def held(self, level: StockLevel) -> int:
        """Tell how many pieces lie in somebody's checkout."""
        return int(level.held)  # type: ignore[attr-defined]  # annotated

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

    def press(self, request: HttpRequest, object_id: str, *, button: Button) -> HttpResponse:
        """Press; what would take away promised pieces leads to the page that lists whose they are."""
        try:
            return super().press(request, object_id, button=button)
        except stock.Undercuts as undercut:
            asked = {"act": button.name, "reason": request.POST["reason"], "key": request.POST["key"]}
            asked["pieces"] = request.POST[_TAKING[button.name]]
            url = reverse("admin:orders_unavailability_take", args=[undercut.level_id])
            return see_other(f"{url}?{urlencode(asked)}")
        except stock.LimitRefused as refusal:
            self.message_user(request, _below_promised(refusal.promised), messages.ERROR)
            return see_other(reverse("admin:shop_stocklevel_change", args=[object_id]))
        except stock.StockRefused:
            self.message_user(request, str(_NOT_THERE), messages.ERROR)
            return see_other(reverse("admin:shop_stocklevel_change", args=[object_id]))

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

    list_display = ("name", "code", "position")
    search_fields = ("name",)
    ordering = ("position", "code", "id")


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
