"""Faults of ours in the admin: what was regretted, what went with it, out of which budget; and who decides how much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from shop.admin.base import Button, OperationButtons, Pressed, ProvenEdits, ReadOnlyAdmin
from shop.admin.catalogue import EditAdmin
from shop.forms.money import MoneyField
from shop.models import User
from shop.rules import wording
from shop.rules.money import Money
from support.models import Fault, GestureBudget, GesturePolicy
from support.operations.regretting import AlreadySettled, LessThanGiven, leave_out, set_budget
from support.rules.regret import month_of

if TYPE_CHECKING:
    PolicyModelForm = forms.ModelForm[GesturePolicy]
    BudgetModelForm = forms.ModelForm[GestureBudget]
else:
    PolicyModelForm = forms.ModelForm
    BudgetModelForm = forms.ModelForm


def _money(minor: int) -> str:
    return wording.money(Money(minor, settings.SHOP_CURRENCY), get_language() or "en")


class PolicyForm(PolicyModelForm):
    """For which fault, how much.  What the database would refuse is said in a sentence first."""

    amount_minor = MoneyField(
        label=gettext_lazy("Amount"),
        currency=settings.SHOP_CURRENCY,
        min_value=1,
        required=False,
        help_text=gettext_lazy("Give an amount or a share."),
    )
    minimum_minor = MoneyField(
        label=gettext_lazy("From orders worth"),
        currency=settings.SHOP_CURRENCY,
        initial=0,
        help_text=gettext_lazy("Below it the letter goes without a gesture."),
    )

    class Meta:
        model = GesturePolicy
        fields = ("kind", "from_days", "amount_minor", "percent_bp", "minimum_minor", "valid_days", "active")

    def clean(self) -> dict[str, Any]:
        """Want an amount or a share, not both and not neither."""
        data = super().clean() or self.cleaned_data
        if not self.has_error("amount_minor") and bool(data.get("amount_minor")) == bool(data.get("percent_bp")):
            self.add_error("amount_minor", _("Give an amount or a share of the order: one of the two."))
        return data


@admin.register(GesturePolicy)
class GesturePolicyAdmin(ProvenEdits, EditAdmin):
    """What goes with the regret.  Taken out by unticking, so that what was given stays understood."""

    form = PolicyForm
    list_display = ("kind", "from_days", "gives", "minimum", "valid_days", "active")
    list_filter = ("kind", "active")
    ordering = ("kind", "from_days", "id")

    @admin.display(description=gettext_lazy("gives"))
    def gives(self, row: GesturePolicy) -> str:
        """Say what goes with the letter."""
        return _money(row.amount_minor) if row.amount_minor else f"{(row.percent_bp or 0) / 100:g} %"

    @admin.display(description=gettext_lazy("from orders worth"))
    def minimum(self, row: GesturePolicy) -> str:
        """Say from which total on."""
        return _money(row.minimum_minor) if row.minimum_minor else "–"

    def has_delete_permission(self, request: HttpRequest, obj: GesturePolicy | None = None) -> bool:
        """Refuse: take it out of use instead."""
        return False


class BudgetForm(BudgetModelForm):
    """Which month, how much in all."""

    budget_minor = MoneyField(label=gettext_lazy("Budget"), currency=settings.SHOP_CURRENCY)

    class Meta:
        model = GestureBudget
        fields = ("month_on", "budget_minor")

    def clean_month_on(self) -> Any:
        """Take any day for its month."""
        return month_of(self.cleaned_data["month_on"])

    def clean_budget_minor(self) -> int:
        """Refuse less than what was given already."""
        wanted = int(self.cleaned_data["budget_minor"])
        if wanted < self.instance.spent_minor:
            raise forms.ValidationError(
                _("%(sum)s of it are given already.") % {"sum": _money(self.instance.spent_minor)}
            )
        return wanted


@admin.register(GestureBudget)
class GestureBudgetAdmin(ProvenEdits, EditAdmin):
    """A month, what it may cost, what it has.  A month nobody wrote begins with the budget of the one before."""

    form = BudgetForm
    list_display = ("month", "budget", "given", "left", "gestures")
    ordering = ("-month_on", "-id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[GestureBudget]:
        """Count the gestures of each month along."""
        rows: QuerySet[GestureBudget] = super().get_queryset(request)
        return rows.annotate(number=Count("gestures"))

    def get_readonly_fields(self, request: HttpRequest, obj: GestureBudget | None = None) -> tuple[str, ...]:
        """Leave a month the month it is."""
        return ("month_on", "given", "left", "gestures") if obj else ()

    def get_fields(self, request: HttpRequest, obj: GestureBudget | None = None) -> tuple[str, ...]:
        """Show what was given once there is something to show."""
        return ("month_on", "budget_minor", *(("given", "left", "gestures") if obj else ()))

    @admin.display(description=gettext_lazy("month"), ordering="month_on")
    def month(self, row: GestureBudget) -> str:
        """Name the month."""
        return date_format(row.month_on, "YEAR_MONTH_FORMAT")

    @admin.display(description=gettext_lazy("budget"))
    def budget(self, row: GestureBudget) -> str:
        """Say how much there is."""
        return _money(row.budget_minor)

    @admin.display(description=gettext_lazy("given"))
    def given(self, row: GestureBudget) -> str:
        """Say how much is gone."""
        return _money(row.spent_minor)

    @admin.display(description=gettext_lazy("left"))
    def left(self, row: GestureBudget) -> str:
        """Say how much is left."""
        return _money(row.budget_minor - row.spent_minor)

    @admin.display(description=gettext_lazy("gestures"))
    def gestures(self, row: GestureBudget) -> str:
        """Lead to what was given."""
        address = reverse("admin:support_fault_changelist")
        return format_html('<a href="{}?gesture__budget__id__exact={}">{}</a>', address, row.pk, row.number)  # type: ignore[attr-defined]

    def has_delete_permission(self, request: HttpRequest, obj: GestureBudget | None = None) -> bool:
        """Refuse: gestures point at it."""
        return False

    def save_model(self, request: HttpRequest, obj: GestureBudget, form: Any, change: bool) -> None:
        """Save through the operation; what was given meanwhile is not undercut."""
        assert isinstance(request.user, User)  # noqa: S101 -- the admin let nobody else through
        try:
            row = set_budget(month=obj.month_on, budget_minor=obj.budget_minor, by=request.user, at=timezone.now())
        except LessThanGiven as refused:
            words = _("Meanwhile %(sum)s of it are given, so it was left as it was.")
            self.message_user(request, words % {"sum": _money(refused.spent_minor)}, level="error")
            row = GestureBudget.objects.get(month_on=obj.month_on)
        obj.pk, obj.spent_minor = row.pk, row.spent_minor


def not_ours(press: Pressed[Fault]) -> str:
    """Write nothing about it."""
    leave_out(fault_id=press.row.pk, by=press.by, at=press.at)
    return _("Nothing is written about it.")


@admin.register(Fault)
class FaultAdmin(OperationButtons, ReadOnlyAdmin):
    """Each fault once, with what went with the letter or why nothing did."""

    list_display = ("order_link", "kind", "found_at", "state", "gesture_given", "why")
    list_display_links = ("kind",)
    list_filter = ("state", "kind", "why")
    search_fields = ("=order__number",)
    ordering = ("-id",)
    fields = (
        "order_link",
        "kind",
        "days_late",
        "parcels",
        "found_at",
        "state",
        "due_at",
        "settled_at",
        "gesture_given",
        "why",
    )
    readonly_fields = ("order_link", "gesture_given")
    buttons = (
        Button(
            "not-ours",
            gettext_lazy("It was not our fault: write nothing"),
            "support.change_fault",
            call=not_ours,
            shown=lambda row: row.state == Fault.State.WAITING,
            refusals={AlreadySettled: gettext_lazy("The letter is written already, or somebody was faster.")},
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Fault]:
        """Bring along what the list shows."""
        rows: QuerySet[Fault] = super().get_queryset(request)
        return rows.select_related("order", "gesture")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Let the list of budgets lead here."""
        return lookup == "gesture__budget__id__exact" or super().lookup_allowed(lookup, value, request)

    @admin.display(description=gettext_lazy("order"))
    def order_link(self, row: Fault) -> str:
        """Lead to the order."""
        address = reverse("admin:orders_order_change", args=[row.order_id])
        return format_html('<a href="{}">{}</a>', address, row.order.number)

    @admin.display(description=gettext_lazy("gesture"))
    def gesture_given(self, row: Fault) -> str:
        """Say what went with the letter."""
        given = getattr(row, "gesture", None)
        return _money(given.amount_minor) if given else "–"
