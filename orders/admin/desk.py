"""The desk: orders sorted by the time until our promise breaks, and the page of one order.

Source: ux reference 2.13.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.admin import wording
from orders.admin.board import board_page
from orders.admin.buttons import ORDER_BUTTONS
from orders.admin.changing import delivery_page, pieces_page
from orders.admin.parcels import ParcelAdmin
from orders.admin.stages import stages_page
from orders.gateways.paper import make_pdf
from orders.messages import words
from orders.messages.label import brought
from orders.messages.papers import slip_words
from orders.models import Order, Parcel
from orders.queries.address_formats import address_lines
from orders.queries.attention import told_too_late
from orders.queries.board import OPEN, at_risk, late_in_silence
from orders.queries.couriers import carrier_name
from orders.queries.desk import Dossier, desk_counts, desk_filters, dossier_of, stage_filter
from orders.queries.search import SHOWN, find_orders, matches
from orders.rules.changing import may_be_changed
from orders.rules.stages import Stage
from shop.admin.base import OperationButtons, ReadOnlyAdmin
from shop.views.pdf import pdf_answer

TOLD_TOO_LATE = "told-too-late"  # about the past, so it is no part of what the desk counts
# Lists behind numbers of the promise board.
_IN_OUR_HANDS = frozenset({Stage.MAKING, Stage.PACKING, Stage.LABELLING, Stage.HAND_OVER})
_BOARD = {"at-risk": at_risk, "late-in-silence": late_in_silence}


class DeskFilter(admin.SimpleListFilter):
    """The saved views of the desk.  Without one: everything that still has a deadline; a search looks everywhere."""

    title = gettext_lazy("desk")
    parameter_name = "desk"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the views in the order of a working day."""
        return [
            ("make", _("To make")),
            ("pack", _("To pack")),
            ("hand-over", _("To hand over")),
            ("on-the-way", _("On the way")),
            ("late", _("Late")),
            ("unpaid", _("Unpaid transfers")),
            (TOLD_TOO_LATE, _("Told too late")),
            ("all", _("All orders")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        """Narrow the list to the chosen view."""
        chosen = self.value() or ("all" if request.GET.get("q") else "now")
        if chosen == TOLD_TOO_LATE:
            return told_too_late(queryset, timezone.now())
        if chosen in _BOARD:
            return _BOARD[chosen](queryset.filter(OPEN), timezone.now())
        wanted = desk_filters(timezone.now()).get(chosen) or stage_filter(chosen)
        return queryset.filter(wanted) if wanted is not None else queryset

    def choices(self, changelist: ChangeList) -> Any:
        """Name the first choice: it is not everything, it is what is to be done."""
        for choice in super().choices(changelist):
            name = choice["query_string"].partition("desk=")[2].partition("&")[0] or "now"
            label = _("To do now") if name == "now" else choice["display"]
            yield choice | {"display": label, "name": name}


@admin.register(Order)
class OrderAdmin(OperationButtons, ReadOnlyAdmin):
    """Orders.  Nothing is edited by hand: buttons call operations."""

    list_display = ("due", "order_number", "who", "where_it_is", "promise_state", "money")
    list_display_links = ("order_number",)
    list_filter = (DeskFilter,)
    search_fields = ("number",)  # shows the field; what is found says `get_search_results`
    search_help_text = gettext_lazy("Number, name, e-mail address, phone, article or tracking number")
    ordering = (F("next_due_at").asc(nulls_last=True), "-id")
    change_list_template = "admin/orders/order/change_list.html"
    change_form_template = "admin/orders/order/change_form.html"
    buttons = ORDER_BUTTONS

    class Media:
        css = {"all": ("css/pages/desk.css",)}

    @admin.display(description=gettext_lazy("what is due"), ordering="next_due_at")
    def due(self, order: Order) -> SafeString:
        """Say what has to be done until when."""
        return due_tag(order)

    @admin.display(description=gettext_lazy("order"), ordering="number")
    def order_number(self, order: Order) -> str:
        """Return the number shoppers know."""
        return order.number

    @admin.display(description=gettext_lazy("for"))
    def who(self, order: Order) -> str:
        """Return for whom and where to."""
        return f"{order.full_name}, {order.city} ({order.country})"

    @admin.display(description=gettext_lazy("where it is"))
    def where_it_is(self, order: Order) -> str:
        """Return how far it is."""
        if order.status != Order.Status.PLACED:
            return order.get_status_display()
        return order.get_fulfilment_status_display()

    @admin.display(description=gettext_lazy("promise"))
    def promise_state(self, order: Order) -> SafeString:
        """Return whether we keep our word."""
        tones = {Order.Service.OK: ("ok", "check"), Order.Service.AT_RISK: ("warn", "clock")}
        tone, icon_name = tones.get(Order.Service(order.service_status), ("bad", "warning"))
        return wording.tag(tone, icon_name, order.get_service_status_display())

    @admin.display(description=gettext_lazy("payment"))
    def money(self, order: Order) -> str:
        """Return whether it is paid."""
        return order.get_payment_status_display()

    def get_ordering(self, request: HttpRequest) -> tuple[Any, ...]:
        """Sort everything, and what a search found, by age alone: only open orders have an index by deadline."""
        everything = request.GET.get("desk") == "all" or request.GET.get("q")
        return ("-id",) if everything else tuple(self.ordering)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Order], search_term: str
    ) -> tuple[QuerySet[Order], bool]:
        """Find orders whatever is typed, at most the newest few hundred; never a scan, never a full count."""
        if not search_term.strip():
            return queryset, False
        if request.GET.get("desk", "all") == "all":
            return queryset.filter(pk__in=find_orders(search_term)), False
        return queryset.filter(matches(search_term)), False

    def get_urls(self) -> list[URLPattern]:
        """Add the packing slip and the work by stage."""
        slip = path("<int:order_id>/slip/", self.admin_site.admin_view(self.slip), name="orders_order_slip")
        stages = path("stages/", self.admin_site.admin_view(self.stages), name="orders_order_stages")
        paper = path("<int:order_id>/slip.pdf", self.admin_site.admin_view(self.slip_pdf), name="orders_order_slip_pdf")
        pieces = path("<path:object_id>/pieces/", self.admin_site.admin_view(self.pieces), name="orders_order_pieces")
        delivery = path(
            "<path:object_id>/delivery/", self.admin_site.admin_view(self.delivery), name="orders_order_delivery"
        )
        board = path("promises/", self.admin_site.admin_view(self.promises), name="orders_order_promises")
        return [slip, paper, stages, board, pieces, delivery, *super().get_urls()]

    def pieces(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Change sizes and pieces for a shopper."""
        return pieces_page(self, request, object_id)

    def delivery(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Change where and when it comes for a shopper."""
        return delivery_page(self, request, object_id)

    def stages(self, request: HttpRequest) -> HttpResponse:
        """Show the work by stage against what the workshop can take."""
        return stages_page(self.admin_site, request)

    def promises(self, request: HttpRequest) -> HttpResponse:
        """Show how promises were kept, and what is in danger."""
        return board_page(self.admin_site, request)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the desk with its views as links, each with its count."""
        response = super().changelist_view(request, extra_context)
        context = getattr(response, "context_data", None)
        if context and "cl" in context:
            counts = desk_counts(timezone.now())
            choices = [choice for spec in context["cl"].filter_specs for choice in spec.choices(context["cl"])]
            context["desks"] = [choice | {"count": counts.get(choice["name"])} for choice in choices]
            context["shown_at_most"] = SHOWN if context["cl"].query and context["cl"].result_count >= SHOWN else 0
        return response

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show one order: what is due first, then its parcels with their buttons, then everything else."""
        order = self.get_object(request, object_id)
        context = _page(self, request, order) if order and self.has_view_permission(request, order) else {}
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def slip(self, request: HttpRequest, order_id: int) -> HttpResponse:
        """Show the packing slip, for printing: what goes into each parcel, and no prices."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        order = Order.objects.filter(pk=order_id).first()
        if order is None:
            raise Http404
        parcels = [parcel for parcel in dossier_of(order).parcels if parcel.status != Parcel.Status.CANCELLED]
        return render(
            request,
            "admin/orders/order/slip.html",
            {"order": order, "parcels": parcels, "address": address_lines(order), "brought": brought(order)},
        )

    def slip_pdf(self, request: HttpRequest, order_id: int) -> HttpResponse:
        """Show the packing slip as a PDF, one parcel a sheet: for printers that know no browser."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        order = Order.objects.filter(pk=order_id).first()
        if order is None:
            raise Http404
        parcels = [parcel for parcel in dossier_of(order).parcels if parcel.status != Parcel.Status.CANCELLED]
        pdf = make_pdf("slip", slip_words(order, parcels), at=timezone.now())
        return pdf_answer(pdf, f"slip-{order.number}", show=True)


def due_tag(order: Order) -> SafeString:
    """Draw what is due on an order."""
    if not order.next_due_at:
        done = order.fulfilment_status == Order.Fulfilment.DELIVERED
        return wording.tag("ok", "check", _("arrived") if done else _("nothing to do"))
    pressing = order.service_status == Order.Service.LATE and order.next_due_kind in _IN_OUR_HANDS
    found = wording.due(kind=order.next_due_kind, due_at=order.next_due_at, at=timezone.now(), pressing=pressing)
    return wording.tag(*found)


def _page(model_admin: OrderAdmin, request: HttpRequest, order: Order) -> dict[str, Any]:
    dossier = dossier_of(order)
    parcel_admin = model_admin.admin_site._registry[Parcel]
    assert isinstance(parcel_admin, ParcelAdmin)  # noqa: S101 -- registered above, told to the type checker
    for parcel in dossier.parcels:
        parcel.order = order
    return {
        "order": order,
        "dossier": dossier,
        "notes": [{"row": note, "when": _when(note.written_at)} for note in dossier.notes],
        "may_change": request.user.has_perm("orders.change_pieces")
        and hasattr(order, "payment")
        and may_be_changed(
            order.status, [parcel.status for parcel in dossier.parcels], provider=order.payment.provider
        ),
        "may_redirect": request.user.has_perm("orders.change_pieces")
        and order.status == Order.Status.PLACED
        and not any(parcel.handed_over_at for parcel in dossier.parcels),
        "due": due_tag(order),
        "paid": order.payment.settled if hasattr(order, "payment") else None,
        "parcels": [_parcel(parcel_admin, request, parcel) for parcel in dossier.parcels],
        "promises": _promises(dossier),
        "events": [
            {"row": event, "what": words.event(event.name), "when": _when(event.happened_at)}
            for event in dossier.events
        ],
        "address": [*address_lines(order), order.country],
        "brought": brought(order),
    }


def _when(moment: datetime) -> str:
    return words.moment(moment, timezone.get_current_timezone())


def _parcel(parcel_admin: ParcelAdmin, request: HttpRequest, parcel: Parcel) -> dict[str, Any]:
    return {
        "row": parcel,
        "status": _("came back to us, %(when)s") % {"when": _when(parcel.came_back_at)}
        if parcel.came_back_at
        else parcel.get_status_display(),
        "packed": _when(parcel.packed_at) if parcel.packed_at else "",
        "carrier": carrier_name(parcel.carrier),
        "says": words.scan(parcel.carrier_status) if parcel.carrier_status else "",
        "buttons": parcel_admin.offered_on(request, parcel),
        "label_url": parcel_admin.label_url(request, parcel),
        "split_url": parcel_admin.split_url(request, parcel),
        "short_url": parcel_admin.short_url(request, parcel),
        "scans": [
            {"what": words.scan(scan.status), "when": _when(scan.occurred_at), "scan": scan}
            for scan in parcel.tracking.all()
        ],
    }


def _promises(dossier: Dossier) -> list[dict[str, Any]]:
    """Return every version in words, the newest first."""
    return [
        {
            "row": promise,
            "days": words.days(promise.deliver_from_on, promise.deliver_by_on),
            "made": _when(promise.made_at),
            "told": _when(promise.told_at) if promise.told_at else "",
            "said": _("when the order was placed") if promise.version == 1 else promise.reason,
        }
        for promise in dossier.promises
    ]
