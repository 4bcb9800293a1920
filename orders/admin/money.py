"""Money in the admin: read it, and note what a person saw happen."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from orders.models import Cart, Payment, PaymentEvent, RefundGrant
from orders.operations.paying import AmountRefused, NothingExpected, ReferenceUsed, note_payment_received
from orders.operations.refunding import NotByHand, settle_by_hand
from shop.models import User
from shop.rules import wording
from shop.rules.money import Money

if TYPE_CHECKING:
    ModelAdminBase = admin.ModelAdmin[Any]
    InlineBase = admin.TabularInline[Any, Any]
else:
    ModelAdminBase, InlineBase = admin.ModelAdmin, admin.TabularInline


class ReadOnly:
    """Rows that operations write: nobody adds, changes or deletes them here."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Refuse."""
        return False


class EventInline(ReadOnly, InlineBase):
    """The ledger of one payment."""

    model = PaymentEvent
    fields = ("happened_at", "kind", "phase", "amount_minor", "provider_ref", "actor", "note")
    ordering = ("id",)
    extra = 0


class GrantInline(ReadOnly, InlineBase):
    """The refunds decided for one payment."""

    model = RefundGrant
    fields = ("granted_at", "amount_minor", "reason", "state", "granted_by", "sent_at")
    ordering = ("id",)
    extra = 0


class ReceivedForm(forms.Form):
    """Money a person found on our account."""

    amount_minor = forms.IntegerField(label=_lazy("Amount in cents"), min_value=1)
    reference = forms.CharField(label=_lazy("The bank's reference"), max_length=100)


class SettledForm(forms.Form):
    """A refund a person paid out."""

    reference = forms.CharField(label=_lazy("The bank's reference"), max_length=100)


@admin.register(Payment)
class PaymentAdmin(ReadOnly, ModelAdminBase):
    """One order's money, with the button to note what came in."""

    list_display = ("order", "provider", "due", "received", "refunded")
    list_filter = ("provider",)
    list_select_related = ("order",)
    search_fields = ("order__number", "order__email")
    ordering = ("-id",)
    show_full_result_count = False
    inlines = (EventInline, GrantInline)
    change_form_template = "admin/orders/payment/change_form.html"

    @admin.display(description=_lazy("due"))
    def due(self, payment: Payment) -> str:
        """Show what the order costs."""
        return _amount(payment.due_minor, payment)

    @admin.display(description=_lazy("received"))
    def received(self, payment: Payment) -> str:
        """Show what came in."""
        return _amount(payment.captured_minor, payment)

    @admin.display(description=_lazy("refunded"))
    def refunded(self, payment: Payment) -> str:
        """Show what went back."""
        return _amount(payment.refunded_minor, payment)

    def get_urls(self) -> list[URLPattern]:
        """Add the button's address."""
        return [
            path(
                "<int:payment_id>/received/",
                self.admin_site.admin_view(self.note_received),
                name="orders_payment_received",
            ),
            *super().get_urls(),
        ]

    def note_received(self, request: HttpRequest, payment_id: int) -> HttpResponse:
        """Note money that came in by hand: ask for amount and reference, then call the operation."""
        _demand(request, "orders.note_payment")
        payment = get_object_or_404(Payment.objects.select_related("order"), pk=payment_id)
        form = ReceivedForm(request.POST or None, initial={"amount_minor": payment.due_minor - payment.captured_minor})
        if request.method == "POST" and form.is_valid():
            problem = _note(payment, form.cleaned_data, _person(request), timezone.now())
            if not problem:
                messages.success(request, _("Noted. The shopper is told."))
                return redirect("admin:orders_payment_change", payment_id)
            form.add_error(None, problem)
        title = _("Money received for %(order)s") % {"order": payment.order}
        return _ask(self, request, form, title)


@admin.register(RefundGrant)
class RefundGrantAdmin(ReadOnly, ModelAdminBase):
    """Refunds decided, sent and waiting for a person."""

    list_display = ("order_number", "amount", "reason", "state", "granted_at", "sent_at")
    list_filter = ("state",)
    list_select_related = ("payment__order", "granted_by")
    search_fields = ("payment__order__number",)
    ordering = ("-id",)
    show_full_result_count = False
    change_form_template = "admin/orders/refundgrant/change_form.html"

    @admin.display(description=_lazy("order"))
    def order_number(self, grant: RefundGrant) -> str:
        """Show whose money it is."""
        return grant.payment.order.number

    @admin.display(description=_lazy("amount"))
    def amount(self, grant: RefundGrant) -> str:
        """Show how much."""
        return _amount(grant.amount_minor, grant.payment)

    def get_urls(self) -> list[URLPattern]:
        """Add the button's address."""
        return [
            path("<int:grant_id>/settled/", self.admin_site.admin_view(self.settle), name="orders_refundgrant_settled"),
            *super().get_urls(),
        ]

    def settle(self, request: HttpRequest, grant_id: int) -> HttpResponse:
        """Note a refund that was paid out by hand."""
        _demand(request, "orders.settle_refund")
        grant = get_object_or_404(RefundGrant.objects.select_related("payment__order"), pk=grant_id)
        form = SettledForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                settle_by_hand(
                    grant_id=grant_id,
                    reference=form.cleaned_data["reference"],
                    by=_person(request),
                    at=timezone.now(),
                )
            except NotByHand:
                form.add_error(None, _("This refund is not waiting for anybody: the worker carries it out."))
            else:
                messages.success(request, _("Noted. The shopper is told."))
                return redirect("admin:orders_refundgrant_change", grant_id)
        return _ask(self, request, form, _("Refund for %(order)s, paid out") % {"order": grant.payment.order})


@admin.register(Cart)
class CartAdmin(ReadOnly, ModelAdminBase):
    """Bags, to help somebody on the phone."""

    list_display = ("id", "customer", "touched_at")
    list_select_related = ("customer",)
    fields = ("customer", "touched_at")
    ordering = ("-touched_at", "-id")
    show_full_result_count = False


def _note(payment: Payment, data: dict[str, Any], by: User, at: datetime) -> str:
    """Call the operation; return the sentence of its refusal, empty when it went well."""
    try:
        note_payment_received(
            order_id=payment.order_id, amount_minor=data["amount_minor"], reference=data["reference"], by=by, at=at
        )
    except AmountRefused as refused:
        open_minor = _amount(refused.open_minor, payment)
        return _("That cannot be right: %(open)s are still to be paid.") % {"open": open_minor}
    except ReferenceUsed:
        return _("This reference was noted before with another amount. Look at the ledger below the payment.")
    except NothingExpected:
        return _("No money is expected by hand for this order.")
    return ""


def _amount(minor: int, payment: Payment) -> str:
    return wording.money(Money(minor, payment.currency), "en")


def _ask(owner: admin.ModelAdmin[Any], request: HttpRequest, form: forms.Form, title: str) -> HttpResponse:
    context = {**owner.admin_site.each_context(request), "opts": owner.opts, "form": form, "title": title}
    status = 422 if form.errors else 200
    return TemplateResponse(request, "admin/orders/ask.html", context, status=status)


def _demand(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):  # type: ignore[union-attr]
        raise PermissionDenied


def _person(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
