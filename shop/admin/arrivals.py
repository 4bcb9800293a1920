"""Arrivals in the admin: what is expected when, and what came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from shop.admin.base import Button, OperationButtons, Pressed, ReadOnlyAdmin
from shop.models import StockArrival, StockLevel, User
from shop.operations import arrivals

if TYPE_CHECKING:
    ArrivalForm = forms.ModelForm[StockArrival]
else:
    ArrivalForm = forms.ModelForm

_CLOSED = gettext_lazy("This arrival is here already or was called off. Nothing was changed.")
_PAST = gettext_lazy("That day is over. Enter the day on which the pieces can be here.")


class ArrivedForm(forms.Form):
    """How many pieces came."""

    pieces = forms.IntegerField(label=gettext_lazy("Pieces that came"), min_value=1, max_value=100_000)
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class PostponeForm(forms.Form):
    """The new day."""

    expected_on = forms.DateField(
        label=gettext_lazy("Expected on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class AnnounceForm(ArrivalForm):
    """What is expected when."""

    class Meta:
        model = StockArrival
        fields = ("level", "source", "pieces", "expected_on", "note")

    def clean_expected_on(self) -> Any:
        """Refuse a day that is over."""
        day = self.cleaned_data["expected_on"]
        if day < timezone.localdate():
            raise forms.ValidationError(_PAST)
        return day


def arrived(press: Pressed[StockArrival]) -> str:
    """Put what came on its shelf."""
    pieces = press.values["pieces"]
    arrival = arrivals.note_arrival(
        arrival_id=press.row.pk, pieces=pieces, key=str(press.values["key"]), by=press.by, at=press.at
    )
    missing = arrival.pieces - arrival.arrived_pieces
    if not missing:
        return _("%(pieces)d pieces are on the shelf; all of them have come.") % {"pieces": pieces}
    return ngettext(
        "%(pieces)d pieces are on the shelf; %(missing)d is still expected.",
        "%(pieces)d pieces are on the shelf; %(missing)d are still expected.",
        missing,
    ) % {"pieces": pieces, "missing": missing}


def postpone(press: Pressed[StockArrival]) -> str:
    """Expect it on another day."""
    arrivals.postpone_arrival(
        arrival_id=press.row.pk, expected_on=press.values["expected_on"], by=press.by, at=press.at
    )
    return _("The new day is noted.")


def call_off(press: Pressed[StockArrival]) -> str:
    """Expect no more of it."""
    arrivals.call_off_arrival(arrival_id=press.row.pk, by=press.by, at=press.at)
    return _("Nothing more is expected of this arrival.")


def _expected(arrival: StockArrival) -> bool:
    return arrival.state == StockArrival.State.EXPECTED


@admin.register(StockArrival)
class StockArrivalAdmin(OperationButtons, ReadOnlyAdmin):
    """Pieces on their way to a shelf."""

    list_display = ("expected_on", "sku", "what", "place", "pieces", "arrived_pieces", "source", "state")
    list_select_related = ("level__variant__product", "level__location")
    list_filter = ("state", "source")
    search_fields = ("level__variant__sku", "level__variant__product__name", "note")
    ordering = ("state", "expected_on", "id")
    date_hierarchy = None
    form = AnnounceForm
    autocomplete_fields = ("level",)
    fields = ("level", "source", "pieces", "arrived_pieces", "expected_on", "note", "state", "announced_by")
    buttons = (
        Button(
            "arrived",
            gettext_lazy("Put on the shelf"),
            "shop.change_stockarrival",
            call=arrived,
            form=ArrivedForm,
            shown=_expected,
            refusals={
                arrivals.ArrivalClosed: _CLOSED,
                arrivals.PiecesRefused: gettext_lazy(
                    "More came than were expected. Note the expected ones here and put the rest on the shelf by hand."
                ),
            },
        ),
        Button(
            "postpone",
            gettext_lazy("Expect it on another day"),
            "shop.change_stockarrival",
            call=postpone,
            form=PostponeForm,
            shown=_expected,
            refusals={arrivals.ArrivalClosed: _CLOSED, arrivals.DayPassed: _PAST},
        ),
        Button(
            "call-off",
            gettext_lazy("Call it off"),
            "shop.change_stockarrival",
            call=call_off,
            shown=_expected,
            refusals={
                arrivals.ArrivalClosed: _CLOSED,
                arrivals.Promised: gettext_lazy(
                    "Pieces of it are promised to orders. Nothing was changed: expect it on another day, or note at"
                    " those orders' parcels that pieces are missing, so that each customer chooses."
                ),
            },
            danger=True,
        ),
    )

    @admin.display(description=gettext_lazy("variant"), ordering="level__variant__sku")
    def sku(self, arrival: StockArrival) -> str:
        """Name the article."""
        return arrival.level.variant.sku

    @admin.display(description=gettext_lazy("product"))
    def what(self, arrival: StockArrival) -> str:
        """Name the product and the options."""
        variant = arrival.level.variant
        return f"{variant.product.name} {variant.label}".strip()

    @admin.display(description=gettext_lazy("to"))
    def place(self, arrival: StockArrival) -> str:
        """Name the location."""
        return arrival.level.location.name

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Let those announce who look after the shelves."""
        return request.user.has_perm("shop.add_stockarrival")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Ask for what is expected; show what became of it later."""
        return self.fields if obj else AnnounceForm.Meta.fields

    def save_model(self, request: HttpRequest, obj: StockArrival, form: Any, change: bool) -> None:
        """Announce through the operation."""
        assert isinstance(request.user, User)  # noqa: S101 -- the admin let nobody else through
        level: StockLevel = form.cleaned_data["level"]
        announced = arrivals.announce_arrival(
            level_id=level.pk,
            pieces=obj.pieces,
            expected_on=obj.expected_on,
            source=obj.source,
            note=obj.note,
            by=request.user,
            at=timezone.now(),
        )
        obj.pk = announced.pk
