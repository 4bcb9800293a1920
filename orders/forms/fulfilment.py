"""What is typed on the way from placed to delivered."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from orders.models import ParcelLine
from orders.queries.couriers import courier_choices
from orders.rules import parcels


class FindOrderForm(forms.Form):
    """Where the shopper asks for a fresh link."""

    number = forms.CharField(
        label=_("Order number"),
        max_length=20,
        help_text=_("It is in every mail about your order, like KP-2041-7736."),
        error_messages={"required": _("Enter your order number, like KP-2041-7736")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("The one you ordered with."),
        error_messages={
            "required": _("Enter the e-mail address you ordered with"),
            "invalid": _("Enter an e-mail address, like ana@example.com"),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class HandOverForm(forms.Form):
    """Which courier took a parcel, and under which number."""

    carrier = forms.ChoiceField(label=_("Courier"), choices=courier_choices)
    tracking_number = forms.CharField(
        label=_("Tracking number"),
        max_length=60,
        error_messages={"required": _("Enter the tracking number from the label")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


class SplitForm(forms.Form):
    """How many pieces of each line of a parcel go first; the rest follows."""

    def __init__(self, inside: Sequence[ParcelLine], data: Any = None) -> None:
        super().__init__(data)
        self.inside = {row.line_id: row.quantity for row in inside}
        for row in inside:
            self.fields[f"line_{row.line_id}"] = forms.IntegerField(
                label=gettext("%(sku)s %(title)s: how many of %(pieces)d go first?")
                % {"sku": row.line.sku, "title": row.line.title, "pieces": row.quantity},
                min_value=0,
                max_value=row.quantity,
                initial=0,
                error_messages={
                    "required": _("Enter a number; 0 leaves all of it for later"),
                    "invalid": _("Enter a whole number; 0 leaves all of it for later"),
                    "min_value": _("Enter 0 or more"),
                    "max_value": _("There are only %(limit_value)s in the parcel"),
                },
            )

    def first(self) -> dict[int, int]:
        """Return the pieces that go first, by order line."""
        return {line: self.cleaned_data[f"line_{line}"] for line in self.inside}

    def clean(self) -> dict[str, Any]:
        """Refuse what leaves one of the two parcels empty."""
        values = super().clean() or {}
        if not self.errors:
            try:
                parcels.split(self.inside, self.first())
            except parcels.BadSplit:
                raise forms.ValidationError(
                    _("Something has to go first, and something has to stay for later."), code="one-parcel"
                ) from None
        return values


class PaymentForm(forms.Form):
    """Which money arrived."""

    amount = forms.DecimalField(
        label=_("Amount received"),
        max_digits=9,
        decimal_places=2,
        min_value=Decimal("0.01"),
        error_messages={"required": _("Enter the amount that arrived, like 128.00")},
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    reference = forms.CharField(
        label=_("Reference on the bank statement"),
        max_length=100,
        error_messages={"required": _("Enter the reference that is on the bank statement")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
