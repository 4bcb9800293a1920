"""What is typed on the way from placed to delivered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from orders.messages.words import REASON_WORDS, SCAN_WORDS
from orders.models import ParcelLine
from orders.queries.couriers import courier_choices
from orders.rules import parcels
from orders.rules.tracking import Status

MOST_FILE_BYTES = 2_000_000
_TOLD = [status for status in Status if status != Status.AWAITING_HANDOVER]


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


class PutAwayForm(forms.Form):
    """Where the pieces of a parcel go that came back to us."""

    disposition = forms.ChoiceField(
        label=_("Its pieces go"),
        choices=[("restock", _("back on the shelf")), ("quarantine", _("set aside, to be looked at"))],
        help_text=_("What was paid goes back. When nothing else of the order is left, the order is closed."),
    )


class ScanForm(forms.Form):
    """What somebody heard about a parcel on its way."""

    status = forms.ChoiceField(label=_("What happened"), choices=lambda: [(key, str(SCAN_WORDS[key])) for key in _TOLD])
    occurred_at = forms.DateTimeField(
        label=_("When"),
        initial=timezone.now,
        help_text=_("On the shop's clock."),
        error_messages={
            "required": _("Enter when it happened, like 2026-03-05 14:22"),
            "invalid": _("Enter a date and a time, like 2026-03-05 14:22"),
        },
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    place = forms.CharField(label=_("Where (if known)"), max_length=100, required=False)
    reason = forms.ChoiceField(
        label=_("Why (if it waits)"),
        choices=lambda: [("", "-"), *((code, str(label)) for code, label in REASON_WORDS.items())],
        required=False,
    )
    eta_on = forms.DateField(
        label=_("Expected on (if the courier says so)"),
        required=False,
        error_messages={"invalid": _("Enter a day, like 2026-03-06")},
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    words = forms.CharField(label=_("In the courier's words"), max_length=300, required=False)

    def clean_occurred_at(self) -> datetime:
        """Refuse what has not happened yet."""
        moment: datetime = self.cleaned_data["occurred_at"]
        if moment > timezone.now() + timedelta(minutes=1):
            raise forms.ValidationError(_("This lies in the future. Enter when it happened."), code="future")
        return moment


class ScanFileForm(forms.Form):
    """A courier's list."""

    carrier = forms.ChoiceField(label=_("Courier"), choices=courier_choices)
    file = forms.FileField(
        label=_("CSV file"),
        error_messages={
            "required": _("Choose the courier's file"),
            "empty": _("The file is empty. Choose another one"),
        },
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )

    def clean_file(self) -> bytes:
        """Return the bytes of a file that is not too large."""
        file = self.cleaned_data["file"]
        if file.size > MOST_FILE_BYTES:
            raise forms.ValidationError(_("The file is larger than 2 MB. Split it."), code="large")
        read: bytes = file.read()
        return read


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
