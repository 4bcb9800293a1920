"""Stuck parcels in the admin: what is odd, since when, and a button for who looked after it."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.models import StuckParcel
from orders.operations.stuck import AlreadySettled, settle_stuck
from orders.queries.couriers import carrier_name
from shop.admin.base import Button, OperationButtons, Pressed, ReadOnlyAdmin


class LookedAfterForm(forms.Form):
    """What was done about it, for whoever looks next."""

    note = forms.CharField(label=gettext_lazy("What did you do?"), max_length=200)


def looked_after(press: Pressed[StuckParcel]) -> str:
    """Settle it."""
    settle_stuck(stuck_id=press.row.pk, note=press.values["note"], by=press.by, at=press.at)
    return _("Noted. Our watch over the promise goes on as before.")


class OpenFilter(admin.SimpleListFilter):
    """Those somebody has to look after, or those that are done."""

    title = gettext_lazy("state")
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        """Name the two."""
        return [("1", _("to look after")), ("0", _("settled"))]

    def queryset(self, request: HttpRequest, rows: QuerySet[StuckParcel]) -> QuerySet[StuckParcel]:
        """Keep one of the two."""
        return rows if self.value() is None else rows.filter(settled_at__isnull=self.value() == "1")


@admin.register(StuckParcel)
class StuckParcelAdmin(OperationButtons, ReadOnlyAdmin):
    """Found by the hourly look; each cause once."""

    list_display = ("order_link", "cause", "since_at", "courier", "found_at", "settled_at")
    list_display_links = ("cause",)
    list_filter = (OpenFilter, "cause")
    search_fields = ("=parcel__order__number", "=parcel__tracking_number")
    ordering = ("-id",)
    fields = (
        "order_link",
        "cause",
        "since_at",
        "courier",
        "tracking_number",
        "found_at",
        "settled_at",
        "settled_by",
        "note",
    )
    readonly_fields = ("order_link", "courier", "tracking_number")
    buttons = (
        Button(
            "looked-after",
            gettext_lazy("I looked after it"),
            "orders.change_stuckparcel",
            call=looked_after,
            form=LookedAfterForm,
            shown=lambda row: row.settled_at is None,
            refusals={AlreadySettled: gettext_lazy("It moved on, or somebody was faster. Nothing was changed.")},
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[StuckParcel]:
        """Bring along what the list shows."""
        rows: QuerySet[StuckParcel] = super().get_queryset(request)
        return rows.select_related("parcel__order", "settled_by")

    @admin.display(description=gettext_lazy("order"))
    def order_link(self, row: StuckParcel) -> str:
        """Lead to the order."""
        order = row.parcel.order
        return format_html('<a href="{}">{}</a>', reverse("admin:orders_order_change", args=[order.pk]), order.number)

    @admin.display(description=gettext_lazy("courier"))
    def courier(self, row: StuckParcel) -> str:
        """Name who carries it."""
        return carrier_name(row.parcel.carrier) if row.parcel.carrier else "–"

    @admin.display(description=gettext_lazy("tracking number"))
    def tracking_number(self, row: StuckParcel) -> str:
        """Show its number."""
        return row.parcel.tracking_number or "–"
