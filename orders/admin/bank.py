"""Lines of bank statements in the admin: what the matching did not know, people say."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from orders.models import BankLine
from orders.operations.reconciling import NoSuchOrder, NotOpen, assign_line, set_aside
from shop.admin.base import Button, OperationButtons, Pressed, ReadOnlyAdmin
from shop.rules import wording
from shop.rules.money import Money

_TOO_LATE = _lazy("Somebody was faster: this line is decided. Nothing was changed.")


class AssignForm(forms.Form):
    """Which order a line is for."""

    use_required_attribute = False

    number = forms.CharField(
        label=_lazy("Order number"),
        max_length=20,
        error_messages={"required": _lazy("Enter the number of the order, like KP-2041-7736.")},
    )


class SetAsideForm(forms.Form):
    """Why a line is for no order."""

    use_required_attribute = False

    why = forms.CharField(
        label=_lazy("What it is"),
        max_length=200,
        error_messages={"required": _lazy("Enter what it is, such as: interest.")},
    )


def assign(press: Pressed[BankLine]) -> str:
    """Note the money of a line for an order."""
    line = assign_line(line_id=press.row.pk, number=press.values["number"], by=press.by, at=press.at)
    assert line.order is not None  # noqa: S101 -- just written
    return _("Noted for %(number)s: %(state)s. The shopper gets the news by mail.") % {
        "number": line.order.number,
        "state": line.get_state_display(),
    }


def put_aside(press: Pressed[BankLine]) -> str:
    """Say that a line is for no order."""
    set_aside(line_id=press.row.pk, why=press.values["why"], by=press.by)
    return _("Set aside.")


def _unknown(line: BankLine) -> bool:
    return line.state == BankLine.State.UNKNOWN


@admin.register(BankLine)
class BankLineAdmin(OperationButtons, ReadOnlyAdmin):
    """What came in at the bank, and for which order."""

    list_display = ("booked_on", "amount", "payer", "purpose", "state", "order", "why")
    list_filter = ("state",)
    list_select_related = ("order", "decided_by", "event")
    search_fields = ("purpose", "payer", "order__number")
    ordering = ("-booked_on", "-id")
    fields = ("booked_on", "amount", "payer", "purpose", "state", "why", "order", "decided_by", "imported_at")
    buttons = (
        Button(
            "assign",
            _lazy("It is for an order"),
            "orders.note_payment",
            call=assign,
            form=AssignForm,
            shown=_unknown,
            refusals={
                NotOpen: _TOO_LATE,
                NoSuchOrder: _lazy("No order of that number waits for a transfer in this currency."),
            },
        ),
        Button(
            "set-aside",
            _lazy("It is for no order"),
            "orders.note_payment",
            call=put_aside,
            form=SetAsideForm,
            shown=_unknown,
            refusals={NotOpen: _TOO_LATE},
        ),
    )

    @admin.display(description=_lazy("amount"))
    def amount(self, line: BankLine) -> str:
        """Show how much."""
        return wording.money(Money(line.amount_minor, line.currency), "en")
