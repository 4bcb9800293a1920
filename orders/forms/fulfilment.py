"""What is typed on the way from placed to delivered."""

from __future__ import annotations

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from orders.rules.vocabularies import CARRIERS


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

    carrier = forms.ChoiceField(label=_("Courier"), choices=list(CARRIERS.items()))
    tracking_number = forms.CharField(
        label=_("Tracking number"),
        max_length=60,
        error_messages={"required": _("Enter the tracking number from the label")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


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
