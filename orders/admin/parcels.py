"""Parcels in the admin: pack and hand over.  They are shown on the order page; the buttons live here."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.admin.labels import label_page
from orders.admin.scans import scans_page
from orders.admin.short_pick import may_be_short, short_page
from orders.admin.splitting import may_be_split, split_page
from orders.admin.stages import STAGE_BUTTONS
from orders.forms import HandOverForm, PutAwayForm, ScanForm
from orders.models import Order, Parcel
from orders.operations.collecting import note_collected
from orders.operations.coming_back import OthersNotPaid, send_again, take_parcel_back
from orders.operations.packing import NotOnShelf, PiecesMissing, pack_parcel
from orders.operations.scanning import note_scan
from orders.operations.shipping import (
    BadTrackingNumber,
    NotPaidYet,
    TrackingNumberTaken,
    WordMissing,
    hand_over_parcel,
)
from orders.queries.couriers import carrier_name
from orders.rules.states import Impossible
from orders.rules.tracking import Status as CarrierStatus
from shop.admin.base import Button as OperationButton
from shop.admin.base import OperationButtons, Pressed, ReadOnlyAdmin, see_other
from shop.operations.stock import SoldOut

_TO_BE_SENT = {Parcel.Status.PLANNED, Parcel.Status.PACKED, Parcel.Status.HANDED_OVER}
_TOO_LATE = gettext_lazy("Somebody was faster: this parcel has moved on. Nothing was changed.")


def pack(press: Pressed[Parcel]) -> str:
    """Note that the parcel is packed."""
    pack_parcel(parcel_id=press.row.pk, by=press.by, at=press.at)
    return _("Parcel %(n)d is packed. Next: write its label and hand it over.") % {"n": press.row.number}


def hand_over(press: Pressed[Parcel]) -> str:
    """Note which courier took it."""
    carrier, number = press.values["carrier"], press.values["tracking_number"]
    parcel = hand_over_parcel(parcel_id=press.row.pk, carrier=carrier, tracking_number=number, by=press.by, at=press.at)
    told = {"n": parcel.number, "carrier": carrier_name(parcel.carrier), "number": parcel.tracking_number}
    return _("Parcel %(n)d is with %(carrier)s as %(number)s. The shopper gets the news by mail.") % told


def collected(press: Pressed[Parcel]) -> str:
    """Note that its owner took it."""
    note_collected(parcel_id=press.row.pk, by=press.by, at=press.at)
    return _("Parcel %(n)d is collected.") % {"n": press.row.number}


def note(press: Pressed[Parcel]) -> str:
    """Note what the courier said."""
    if not note_scan(parcel_id=press.row.pk, by=press.by, at=press.at, **press.values):
        return _("That was noted before. Nothing was changed.")
    return _("Noted. The shopper's page shows it, and she gets a mail where one belongs.")


def take_back(press: Pressed[Parcel]) -> str:
    """Take in again what could not be delivered."""
    parcel = take_parcel_back(parcel_id=press.row.pk, by=press.by, at=press.at, **press.values)
    if Order.objects.get(pk=parcel.order_id).status == Order.Status.CANCELLED:
        return _(
            "Parcel %(n)d is back and put away. The order is closed; what was paid goes back, and she has a mail."
        ) % {"n": parcel.number}
    return _("Parcel %(n)d is back and put away. What was paid for its pieces goes back.") % {"n": parcel.number}


def again(press: Pressed[Parcel]) -> str:
    """Send what came back once more."""
    parcel = send_again(parcel_id=press.row.pk, by=press.by, at=press.at)
    return _("Parcel %(n)d is planned for what came back. Check address and hours with her, then pack it.") % {
        "n": parcel.number
    }


@admin.register(Parcel)
class ParcelAdmin(OperationButtons, ReadOnlyAdmin):
    """One box.  Found through its order; pressing a button leads back there."""

    list_display = ("order", "number", "status", "carrier", "tracking_number", "carrier_status")
    list_select_related = ("order",)
    search_fields = ("tracking_number", "order__number")
    ordering = ("-id",)
    fields = (
        "order",
        "number",
        "status",
        "carrier",
        "tracking_number",
        "carrier_status",
        "packed_at",
        "handed_over_at",
    )
    change_form_template = "admin/orders/parcel/change_form.html"
    buttons = (
        *STAGE_BUTTONS,
        OperationButton(
            "pack",
            gettext_lazy("Packed"),
            "orders.pack_parcel",
            call=pack,
            shown=lambda parcel: _living(parcel) and parcel.status == Parcel.Status.PLANNED,
            refusals={
                Impossible: _TOO_LATE,
                NotOnShelf: gettext_lazy(
                    "The shelf does not hold all of this, or what it holds was promised to older orders. Count it"
                    " first, then pack."
                ),
                PiecesMissing: gettext_lazy(
                    "Something of this parcel is missing and the shopper has not chosen yet, or waits for it."
                ),
            },
        ),
        OperationButton(
            "hand-over",
            gettext_lazy("Hand over"),
            "orders.hand_over_parcel",
            call=hand_over,
            form=HandOverForm,
            shown=lambda parcel: _waits_to_leave(parcel) and not parcel.order.pickup,
            refusals={
                Impossible: _TOO_LATE,
                NotPaidYet: gettext_lazy("The bank transfer has not arrived. The parcel stays here until it has."),
                WordMissing: gettext_lazy(
                    "It is late for the second time, and she has not said that she still wants it. Call her, note what"
                    " she says on the order, then hand it over."
                ),
                TrackingNumberTaken: gettext_lazy(
                    "Another parcel travels under this number. Read it from the label again; nothing was changed."
                ),
                BadTrackingNumber: gettext_lazy(
                    "A tracking number has 4 to 60 letters, digits and hyphens. Read it from the label again."
                ),
            },
        ),
        OperationButton(
            "collected",
            gettext_lazy("She has collected it"),
            "orders.hand_over_parcel",
            call=collected,
            shown=lambda parcel: _waits_to_leave(parcel) and parcel.order.pickup,
            refusals={
                Impossible: _TOO_LATE,
                NotPaidYet: gettext_lazy("The bank transfer has not arrived. The parcel stays here until it has."),
            },
        ),
        OperationButton(
            "note-scan",
            gettext_lazy("Note what the courier said"),
            "orders.note_scan",
            call=note,
            form=ScanForm,
            folded=True,
            shown=lambda parcel: parcel.status in {Parcel.Status.HANDED_OVER, Parcel.Status.DELIVERED},
            refusals={Impossible: _TOO_LATE},
        ),
        OperationButton(
            "send-again",
            gettext_lazy("It came back: send it again"),
            "orders.take_parcel_back",
            call=again,
            shown=lambda parcel: _living(parcel) and _came_back(parcel),
            refusals={
                Impossible: _TOO_LATE,
                SoldOut: gettext_lazy(
                    "What came back is promised to orders that waited for it. Take it in with the other button."
                ),
            },
        ),
        OperationButton(
            "take-back",
            gettext_lazy("It came back to us"),
            "orders.take_parcel_back",
            call=take_back,
            form=PutAwayForm,
            folded=True,
            shown=lambda parcel: _living(parcel) and parcel.status == Parcel.Status.HANDED_OVER,
            refusals={
                Impossible: _TOO_LATE,
                OthersNotPaid: gettext_lazy(
                    "Other parcels of this order are here, on their way or with her, and it is not paid. Book what she"
                    " paid first; nothing was changed."
                ),
            },
        ),
    )

    def get_urls(self) -> list[URLPattern]:
        """Add the label, the page that makes two parcels out of one, and the one that takes a courier's list."""
        split = path("<path:object_id>/split/", self.admin_site.admin_view(self.split), name="orders_parcel_split")
        short = path("<path:object_id>/short/", self.admin_site.admin_view(self.short), name="orders_parcel_short")
        scans = path("scans/", self.admin_site.admin_view(self.scans), name="orders_parcel_scans")
        label = path("<int:object_id>/label/", self.admin_site.admin_view(self.label), name="orders_parcel_label")
        return [split, short, scans, label, *super().get_urls()]

    def label(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Show the label to print."""
        return label_page(self, request, object_id)

    def label_url(self, request: HttpRequest, parcel: Parcel) -> str:
        """Return where this person prints a parcel's label, or nothing when there is none to print."""
        may = request.user.has_perm("orders.hand_over_parcel") and parcel.status in _TO_BE_SENT
        return reverse("admin:orders_parcel_label", args=[parcel.pk]) if may else ""

    def scans(self, request: HttpRequest) -> HttpResponse:
        """Take a courier's list."""
        return scans_page(self, request)

    def short(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Note that something is missing."""
        return short_page(self, request, object_id)

    def short_url(self, request: HttpRequest, parcel: Parcel) -> str:
        """Return where this person notes that pieces are missing, or nothing when she may not or it is packed."""
        may = request.user.has_perm("orders.pack_parcel") and may_be_short(parcel)
        return reverse("admin:orders_parcel_short", args=[parcel.pk]) if may else ""

    def split(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask what goes first."""
        return split_page(self, request, object_id)

    def split_url(self, request: HttpRequest, parcel: Parcel) -> str:
        """Return where this person splits a parcel, or nothing when she may not or it stays whole."""
        may = request.user.has_perm("orders.pack_parcel") and may_be_split(parcel)
        return reverse("admin:orders_parcel_split", args=[parcel.pk]) if may else ""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Leave parcels out of the menu: the desk is the way to them."""
        return False

    def press(self, request: HttpRequest, object_id: str, *, button: OperationButton) -> HttpResponse:
        """Press, then go back to the order."""
        response = super().press(request, object_id, button=button)
        order_id = Parcel.objects.filter(pk=object_id).values_list("order_id", flat=True).first()
        if response.status_code == 303 and order_id:
            return see_other(reverse("admin:orders_order_change", args=[order_id]))
        return response

    def offered_on(self, request: HttpRequest, parcel: Parcel) -> list[dict[str, Any]]:
        """Return the buttons this person may press on a parcel, each form with ids of its own."""
        return [
            self._drawn(button, str(parcel.pk), button.form(auto_id=f"id_{parcel.pk}_%s") if button.form else None)
            for button in self.buttons
            if button.offered(request, parcel)
        ]


def _came_back(parcel: Parcel) -> bool:
    """Tell whether the courier says it comes back: on one word of ours alone nobody sends a second one after it."""
    brought = {CarrierStatus.RETURNING, CarrierStatus.RETURNED}
    return parcel.status == Parcel.Status.HANDED_OVER and parcel.carrier_status in brought


def _waits_to_leave(parcel: Parcel) -> bool:
    return _living(parcel) and parcel.status == Parcel.Status.PACKED


def _living(parcel: Parcel) -> bool:
    return parcel.order.status == Order.Status.PLACED
