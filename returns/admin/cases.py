"""Returns: the queue by the day of our next word, and the page of one case with its buttons."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from orders.admin.refund_words import refused
from orders.operations.refunding import NothingToRefund
from orders.rules.states import Impossible
from returns.admin.receiving import receive_page
from returns.forms import DeclineForm
from returns.models import CaseLine, ReturnCase
from returns.operations import deciding, settling
from returns.queries.cases import with_lines
from returns.queries.lines import shop_day
from returns.queries.refunds import preview_of
from returns.rules import policy, states
from returns.rules.amounts import NotPaidYet
from shop.admin.base import Button, OperationButtons, Pressed, ReadOnlyAdmin, RowsInline
from shop.operations.stock import SoldOut
from shop.rules import wording
from shop.rules.money import Money

Status = ReturnCase.Status

_FASTER = gettext_lazy("Somebody was faster: look below where it stands. Nothing was changed.")


def approve(press: Pressed[ReturnCase]) -> str:
    """Agree as asked for."""
    case = deciding.approve_return(case_id=press.row.pk, by=press.by, at=press.at)
    if case.lines.filter(granted=CaseLine.Resolution.EXCHANGE).exists():
        return _("Agreed. We write to her how to send it; what she gets in exchange is planned.")
    return _("Agreed. We write to her how to send it; her money goes back when it is here.")


def approve_with_refund(press: Pressed[ReturnCase]) -> str:
    """Agree with money back for everything."""
    deciding.approve_with_refund(case_id=press.row.pk, by=press.by, at=press.at)
    return _("Agreed, with money back. We write to her how to send it.")


def decline(press: Pressed[ReturnCase]) -> str:
    """Decline with the typed reason."""
    deciding.decline_return(case_id=press.row.pk, reason=press.values["reason"], by=press.by, at=press.at)
    return _("Declined. She reads your sentence in our mail and on her page.")


def settle(press: Pressed[ReturnCase]) -> str:
    """Settle what was received."""
    case = settling.settle_return(case_id=press.row.pk, by=press.by, at=press.at)
    if not case.refund_minor:
        return _("Settled. No money goes back.")
    return _("Settled: %(sum)s goes back. We write to her when it is sent.") % {"sum": _money(case, case.refund_minor)}


def _wants_exchange(case: ReturnCase) -> bool:
    return case.status == Status.REQUESTED and any(
        line.wanted == CaseLine.Resolution.EXCHANGE for line in case.lines.all()
    )


class StageFilter(admin.SimpleListFilter):
    """Open returns unless asked otherwise."""

    title = gettext_lazy("stage")
    parameter_name = "stage"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer what waits for us, each stage, and everything."""
        return [("ours", _("our turn")), *Status.choices, ("all", _("all"))]

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Call the default by its name instead of "All"."""
        first, *others = super().choices(changelist)
        yield {**first, "display": _("open")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[ReturnCase]) -> QuerySet[ReturnCase]:
        """Narrow the list."""
        value = self.value()
        if value == "all":
            return queryset
        if value == "ours":
            return queryset.filter(status__in=[Status.REQUESTED, Status.RECEIVED])
        return queryset.filter(status__in=[value] if value else sorted(states.OPEN))


class CaseLineInline(RowsInline):
    """The pieces, in the shopper's words."""

    model = CaseLine
    verbose_name_plural = gettext_lazy("what goes back")
    fields = ("piece", "quantity", "reason", "detail", "wants", "granted", "found")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[CaseLine]:
        """Load what a row shows."""
        related = ("order_line", "reason", "exchange_variant", "inspection", "case__order")
        return super().get_queryset(request).select_related(*related).order_by("id")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may see the return may see its lines."""
        return request.user.has_perm("returns.view_returncase")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: lines are written by operations."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: lines are written by operations."""
        return False

    @admin.display(description=gettext_lazy("piece"))
    def piece(self, line: CaseLine) -> str:
        """Name the piece; its article number stands above the row."""
        bought = line.order_line
        return ", ".join(part for part in (bought.title, bought.options_label) if part)

    @admin.display(description=gettext_lazy("wants"))
    def wants(self, line: CaseLine) -> str:
        """Say what the shopper asked for."""
        if line.exchange_variant is None:
            return line.get_wanted_display()
        return _("exchange for %(piece)s") % {"piece": line.exchange_variant.label or line.exchange_variant.sku}

    @admin.display(description=gettext_lazy("came"))
    def found(self, line: CaseLine) -> str:
        """Say what the inspection found."""
        seen = getattr(line, "inspection", None)
        if seen is None:
            return "–"
        words = f"{seen.quantity}, {seen.get_condition_display()}: {seen.get_disposition_display()}"
        return f"{words} ({seen.note})" if seen.note else words


@admin.register(ReturnCase)
class ReturnCaseAdmin(OperationButtons, ReadOnlyAdmin):
    """The queue and the case.  Money and states are moved by buttons alone."""

    change_form_template = "admin/returns/returncase/change_form.html"
    list_display = ("number", "status", "due", "asks", "asked")
    list_filter = (StageFilter,)
    search_fields = ("number", "order__number", "order__email")
    ordering = (F("due_on").asc(nulls_last=True), "requested_at", "id")
    fieldsets = (
        (
            None,
            {"fields": ("number", "order_link", "status", "due", "money", "way_back", "right", "decline_reason")},
        ),
        (
            gettext_lazy("Who and when"),
            {"fields": ("origin", "asked", "decided", "received", "settled", "withdrawn_at")},
        ),
    )
    readonly_fields = ("order_link", "due", "money", "way_back", "right", "asked", "decided", "received", "settled")
    inlines = (CaseLineInline,)
    buttons = (
        Button(
            "approve",
            gettext_lazy("Agree as asked"),
            "returns.decide_return",
            call=approve,
            shown=lambda case: case.status == Status.REQUESTED,
            refusals={
                states.NotNow: _FASTER,
                SoldOut: gettext_lazy(
                    "A piece she wants in exchange is sold out, so nothing was changed. Agree with money back, or ask "
                    "her first what she would like instead."
                ),
                Impossible: gettext_lazy("The order is not a living one any more, so nothing can be sent in exchange."),
            },
        ),
        Button(
            "approve-with-refund",
            gettext_lazy("Agree, but with money back for everything"),
            "returns.decide_return",
            call=approve_with_refund,
            shown=_wants_exchange,
            refusals={states.NotNow: _FASTER},
        ),
        Button(
            "decline",
            gettext_lazy("Decline"),
            "returns.decide_return",
            call=decline,
            form=DeclineForm,
            shown=lambda case: case.status == Status.REQUESTED,
            refusals={
                states.NotNow: _FASTER,
                deciding.ReasonMissing: gettext_lazy("Say why: the shopper reads this sentence."),
            },
            danger=True,
        ),
        Button(
            "settle",
            gettext_lazy("Settle: grant what is shown above"),
            "returns.decide_return",
            call=settle,
            shown=lambda case: case.status == Status.RECEIVED,
            refusals={
                states.NotNow: _FASTER,
                NotPaidYet: gettext_lazy("The money of this order has not come in. Book the payment, then settle."),
                NothingToRefund: lambda case: refused(case.order.payment),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReturnCase]:
        """Load cases with everything a row and a page show."""
        return with_lines(super().get_queryset(request))

    def get_urls(self) -> list[URLPattern]:
        """Add the page on which a parcel is unpacked."""
        receive = path(
            "<path:object_id>/receive/", self.admin_site.admin_view(self.receive), name="returns_returncase_receive"
        )
        return [receive, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the case; whoever may unpack it gets the way there."""
        case = self.get_object(request, object_id)
        may = request.user.has_perm("returns.receive_return") and case is not None and case.status == Status.APPROVED
        url = reverse(f"{self.admin_site.name}:returns_returncase_receive", args=[object_id]) if may else ""
        return super().change_view(request, object_id, form_url, {"receive_url": url, **(extra_context or {})})

    def receive(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Unpack a parcel: one finding a line."""
        return receive_page(self, request, object_id)

    @admin.display(description=gettext_lazy("our next word by"), ordering=F("due_on"))
    def due(self, case: ReturnCase) -> str:
        """Say whose turn it is, and by when it is ours."""
        if case.due_on is None:
            return _("her parcel") if case.status == Status.APPROVED else "–"
        words = wording.day(case.due_on, get_language() or "en")
        days = (shop_day(timezone.now()) - case.due_on).days
        return _("%(day)s, overdue") % {"day": words} if days > 0 else words

    @admin.display(description=gettext_lazy("asks for"))
    def asks(self, case: ReturnCase) -> str:
        """Name what she wants, a line each."""
        return ", ".join(
            f"{line.quantity} × {line.order_line.sku}: {line.get_wanted_display()}" for line in case.lines.all()
        )

    @admin.display(description=gettext_lazy("order"))
    def order_link(self, case: ReturnCase) -> str:
        """Lead to the order, where it has a page here."""
        text = f"{case.order.number}, {case.order.full_name}"
        if self.admin_site.is_registered(type(case.order)):
            url = reverse(f"{self.admin_site.name}:orders_order_change", args=[case.order_id])
            return format_html('<a href="{}">{}</a>', url, text)
        return text

    @admin.display(description=gettext_lazy("money back"))
    def money(self, case: ReturnCase) -> str:
        """Show what was granted, or what settling would grant now: the same rule for both."""
        if case.status == Status.SETTLED:
            return _money(case, case.refund_minor)
        if case.status not in states.OPEN:
            return "–"
        refund = preview_of(case)
        if not refund.total_minor:
            return _("nothing: exchange only") if _only_exchange(case) else _money(case, 0)
        words = _money(case, refund.total_minor)
        if refund.delivery_minor:
            words = _("%(sum)s, with the delivery fee, because everything comes back") % {"sum": words}
        if refund.wrap_minor:
            words = _("%(words)s; the gift wrap of %(sum)s, too") % {
                "words": words,
                "sum": _money(case, refund.wrap_minor),
            }
        return words

    @admin.display(description=gettext_lazy("the way back"))
    def way_back(self, case: ReturnCase) -> str:
        """Say who pays the postage."""
        return _("we pay") if case.policy.get("postage") == "shop" else _("the shopper pays")

    @admin.display(description=gettext_lazy("her right"))
    def right(self, case: ReturnCase) -> str:
        """Remind of the law before anybody declines."""
        delivered_on = shop_day(case.order.delivered_at) if case.order.delivered_at else None
        if policy.is_her_right(delivered_on=delivered_on, today=shop_day(case.requested_at)):
            return _("She asked within fourteen days of delivery: the law lets her send it back without any reason.")
        return _("She asked later than fourteen days after delivery: what counts is what we promised her.")

    @admin.display(description=gettext_lazy("asked for"), ordering="requested_at")
    def asked(self, case: ReturnCase) -> str:
        """Say when the shopper asked."""
        return _who(None, case.requested_at)

    @admin.display(description=gettext_lazy("decided"))
    def decided(self, case: ReturnCase) -> str:
        """Say who decided and when."""
        return _who(case.decided_by, case.decided_at)

    @admin.display(description=gettext_lazy("received"))
    def received(self, case: ReturnCase) -> str:
        """Say who unpacked it and when."""
        return _who(case.received_by, case.received_at)

    @admin.display(description=gettext_lazy("settled"))
    def settled(self, case: ReturnCase) -> str:
        """Say who settled it and when."""
        return _who(case.settled_by, case.settled_at)


def _only_exchange(case: ReturnCase) -> bool:
    return all((line.granted or line.wanted) == CaseLine.Resolution.EXCHANGE for line in case.lines.all())


def _money(case: ReturnCase, minor: int) -> str:
    return wording.money(Money(minor, case.order.currency), get_language() or "en")


def _who(user: Any, moment: Any) -> str:
    if moment is None:
        return "–"
    local = timezone.localtime(moment, timezone.get_default_timezone())
    words = f"{wording.day(local.date(), get_language() or 'en')}, {local:%H:%M}"
    return f"{words}, {user}" if user else words
