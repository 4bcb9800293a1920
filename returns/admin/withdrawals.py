"""Withdrawals from contracts: what came, what it did by itself, and a button for what a person dealt with."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from returns.models import Withdrawal
from returns.operations.declaring import SettledAlready, settle_withdrawal
from shop.admin.base import Button, OperationButtons, Pressed, ReadOnlyAdmin, by_moment


def settle(press: Pressed[Withdrawal]) -> str:
    """Note that it is dealt with."""
    settle_withdrawal(withdrawal_id=press.row.pk, by=press.by, at=press.at)
    return _("Noted as dealt with.")


@admin.register(Withdrawal)
class WithdrawalAdmin(OperationButtons, ReadOnlyAdmin):
    """The open ones first, by the day the money has to be back."""

    list_display = ("order_number", "due_on", "declared_at", "found", "outcome", "settled_at")
    list_filter = (("settled_at", by_moment(gettext_lazy("open"), gettext_lazy("dealt with"))), "outcome")
    search_fields = ("order_number", "email", "name")
    ordering = (F("settled_at").asc(nulls_first=True), "due_on", "id")
    fields = (
        "order_link", "order_number", "name", "email", "what", "declared_at", "due_on", "outcome", "returns",
        "settled_at", "settled_by",
    )  # fmt: skip
    readonly_fields = ("order_link", "what", "returns")
    buttons = (
        Button(
            "settle",
            gettext_lazy("Dealt with: cancelled, taken back or answered"),
            "returns.decide_return",
            call=settle,
            shown=lambda row: row.settled_at is None,
            refusals={SettledAlready: gettext_lazy("Somebody was faster: it was dealt with before. Nothing changed.")},
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Withdrawal]:
        """Load what a row shows."""
        return super().get_queryset(request).select_related("order", "settled_by")

    @admin.display(description=gettext_lazy("order found"), boolean=True)
    def found(self, row: Withdrawal) -> bool:
        """Say whether number and address belong to an order of ours."""
        return row.order_id is not None

    @admin.display(description=gettext_lazy("order"))
    def order_link(self, row: Withdrawal) -> str:
        """Lead to the order; say what to do without one."""
        if row.order is None:
            return _("Number and address belong to no order of ours. Search by name, or ask her.")
        url = reverse(f"{self.admin_site.name}:orders_order_change", args=[row.order.pk])
        return format_html('<a href="{}">{}</a>', url, row.order.number)

    @admin.display(description=gettext_lazy("withdraws from"))
    def what(self, row: Withdrawal) -> str:
        """Name the pieces."""
        return row.pieces or _("the whole order")

    @admin.display(description=gettext_lazy("its returns"))
    def returns(self, row: Withdrawal) -> str:
        """Lead to the returns it opened by itself."""
        found = [
            (reverse(f"{self.admin_site.name}:returns_returncase_change", args=[case.pk]), case.number)
            for case in row.cases.order_by("id")
        ]
        return format_html_join(", ", '<a href="{}">{}</a>', found) if found else "-"
