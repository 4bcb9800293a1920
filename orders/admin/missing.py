"""Missing pieces in the admin: whose they would be, what the shopper chose, and choosing for her on the phone."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from orders.forms import OtherForm, TakingForm
from orders.messages import words
from orders.models import Order, OrderLine, Promise, Unavailability
from orders.operations import choosing, shortfalls
from orders.operations.cancelling import TooLate
from orders.queries.unavailability import Options, cases_for_staff, options_for
from orders.rules.unavailability import Loss, OnlyPackedLeft, Taking
from shop.admin.base import Button, OperationButtons, Pressed, ReadOnlyAdmin, see_other
from shop.models import StockLevel, User
from shop.operations.stock import StockRefused

_CHOSEN = gettext_lazy("She has chosen already. Nothing was changed.")
_GONE = gettext_lazy("That cannot be had any more. Look at what can, and ask her again.")


def other(press: Pressed[Unavailability]) -> str:
    """Send another form of the piece."""
    sku = press.values["sku"].strip()
    form = next((form for form in options_for(press.row, at=press.at).others if form.sku == sku), None)
    if form is None:
        raise choosing.NotOffered
    choosing.choose_other(variant_id=form.pk, **_case(press))
    return _("%(label)s is sent instead. The shopper gets the news by mail.") % {"label": form.label or form.sku}


def later(press: Pressed[Unavailability]) -> str:
    """Wait for the next arrival."""
    choosing.choose_later(**_case(press))
    return _("She waits for the next ones, and they are kept for her. She gets the new day by mail.")


def rest(press: Pressed[Unavailability]) -> str:
    """Send what is there."""
    choosing.choose_rest(**_case(press))
    return _("The rest goes out, and the money of the missing pieces goes back.")


def cancel(press: Pressed[Unavailability]) -> str:
    """End the order."""
    choosing.choose_cancel(**_case(press))
    return _("The order is cancelled, and what was paid goes back.")


def _case(press: Pressed[Unavailability]) -> dict[str, Any]:
    return {"case_id": press.row.pk, "order_id": press.row.order_id, "by": press.by, "at": press.at}


def _open(case: Unavailability) -> bool:
    return case.state == Unavailability.State.OPEN


def _button(name: str, label: Any, call: Any, **more: Any) -> Button:
    refusals = {
        choosing.AlreadyChosen: _CHOSEN,
        choosing.NotOffered: _GONE,
        TooLate: gettext_lazy("Packing has begun, so it cannot be cancelled any more."),
    }
    return Button(name, label, "orders.change_unavailability", call=call, shown=_open, refusals=refusals, **more)


@admin.register(Unavailability)
class UnavailabilityAdmin(OperationButtons, ReadOnlyAdmin):
    """Cases of missing pieces.  She chooses on her page; the buttons are for a call."""

    list_display = ("order_number", "what", "quantity", "cause", "state", "choice", "found_at", "chosen_at")
    list_filter = ("state", "cause", "choice")
    search_fields = ("=order__number", "line__sku")
    ordering = ("-id",)
    fields = (
        "order",
        "line",
        "quantity",
        "cause",
        "note",
        "found_at",
        "found_by",
        "state",
        "choice",
        "chosen_at",
        "chosen_by",
        "instead",
        "settled_at",
    )
    change_form_template = "admin/orders/unavailability/change_form.html"
    buttons = (
        _button("other", gettext_lazy("Send another one instead"), other, form=OtherForm),
        _button("later", gettext_lazy("Wait for the next ones"), later),
        _button("rest", gettext_lazy("Send the rest, give money back"), rest),
        _button("cancel", gettext_lazy("Cancel the order"), cancel, danger=True),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Unavailability]:
        """Bring along what the list shows."""
        return cases_for_staff()

    @admin.display(description=gettext_lazy("order"))
    def order_number(self, case: Unavailability) -> str:
        """Name the order."""
        return case.order.number

    @admin.display(description=gettext_lazy("what is missing"))
    def what(self, case: Unavailability) -> str:
        """Name the piece."""
        return ", ".join(filter(None, [case.line.title, case.line.options_label]))

    def get_urls(self) -> list[URLPattern]:
        """Add the page that lists whose pieces a correction of a shelf would take."""
        take = path("take/<int:level_id>/", self.admin_site.admin_view(self.take), name="orders_unavailability_take")
        return [take, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a case with what can be chosen now."""
        case = self.get_object(request, object_id)
        more: dict[str, Any] = {}
        if isinstance(case, Unavailability) and _open(case):
            more = _said(options_for(case, at=timezone.now()))
        return super().change_view(request, object_id, form_url, more | (extra_context or {}))

    def take(self, request: HttpRequest, level_id: int) -> HttpResponse:
        """List the orders that lose pieces, or let them lose them.  Raises PermissionDenied, Http404."""
        if not request.user.has_perm("orders.take_promised") or not self.has_view_permission(request):
            raise PermissionDenied
        level = StockLevel.objects.select_related("variant__product", "location").filter(pk=level_id).first()
        form = TakingForm(request.POST if request.method == "POST" else request.GET)
        if level is None or not form.is_valid():
            raise Http404
        if request.method == "POST":
            return self._take(request, level, form)
        return self._list(request, level, form.taking(level_id))

    def _list(self, request: HttpRequest, level: StockLevel, taking: Taking, status: int = 200) -> HttpResponse:
        back = reverse("admin:shop_stocklevel_change", args=[level.pk])
        try:
            losses, uncovered = shortfalls.losses_of(taking), 0
        except OnlyPackedLeft as packed:
            losses, uncovered = (), packed.missing
        if not losses and not uncovered:
            self.message_user(request, _("No order loses anything by this. Press the button at the shelf again."))
            return see_other(back)
        context = {
            **self.admin_site.each_context(request),
            "title": _("These pieces are promised"),
            "subtitle": f"{level.variant.sku}, {level.location}",
            "opts": self.opts,
            "level": level,
            "taking": taking,
            "fewer": taking.fewer(level.on_hand),
            "rows": _rows(losses),
            "agreed": " ".join(f"{x.claim.parcel_id}-{x.claim.line_id}-{x.pieces}" for x in losses),
            "uncovered": uncovered,
            "back": back,
        }
        return TemplateResponse(request, "admin/orders/unavailability/take.html", context, status=status)

    def _take(self, request: HttpRequest, level: StockLevel, form: TakingForm) -> HttpResponse:
        assert isinstance(request.user, User)  # noqa: S101 -- admin_view let nobody else through
        taking = form.taking(level.pk)
        try:
            cases = shortfalls.take_from_shelf(taking=taking, agreed=form.listed(), by=request.user, at=timezone.now())
        except (shortfalls.OtherOrdersNow, OnlyPackedLeft):
            messages.warning(request, _("Meanwhile something has changed. This is how it is now; nothing was saved."))
            return self._list(request, level, taking, status=409)
        except StockRefused:
            messages.error(request, _("So many pieces are not there. Count again; nothing was changed."))
        else:
            orders = len({case.order_id for case in cases})
            said = ngettext(
                "Saved. %(n)d shopper is asked by mail what she would like instead.",
                "Saved. %(n)d shoppers are asked by mail what they would like instead.",
                orders,
            )
            messages.success(request, said % {"n": orders})
        return see_other(reverse("admin:shop_stocklevel_change", args=[level.pk]))


def _rows(losses: tuple[Loss, ...]) -> list[dict[str, Any]]:
    """Return the affected orders as the page lists them.  Three queries."""
    orders = Order.objects.in_bulk([loss.claim.order_id for loss in losses])
    lines = OrderLine.objects.in_bulk([loss.claim.line_id for loss in losses])
    last = {}
    for promise in Promise.objects.filter(order__in=orders).order_by("version", "id"):
        last[promise.order_id] = promise
    return [
        {
            "order": orders[loss.claim.order_id],
            "line": lines[loss.claim.line_id],
            "pieces": loss.pieces,
            "days": words.days(last[loss.claim.order_id].deliver_from_on, last[loss.claim.order_id].deliver_by_on),
        }
        for loss in losses
    ]


def _said(options: Options) -> dict[str, Any]:
    plan = options.later.plan if options.later else None
    return {
        "others": options.others,
        "later_days": words.days(plan.deliver_from_on, plan.deliver_by_on) if plan else "",
        "choices": [str(choice) for choice in options.choices],
    }
