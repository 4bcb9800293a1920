"""Other sizes and numbers for an order that is not packed, and the word that they are wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _lazy

from orders.forms.buying import CardInput
from orders.gateways.payments.test_card import UnknownCard, read_card
from orders.messages.changes import form_label
from orders.models import Order, OrderLine
from orders.rules.changing import Wish
from orders.rules.guard import Shown
from orders.rules.totals import MAX_QUANTITY
from shop.models import Variant


class PiecesForm(forms.Form):
    """Two fields a line: which form of it, and how many."""

    use_required_attribute = False

    def __init__(
        self, data: Any, *, order: Order, lines: Sequence[OrderLine], forms_by_product: Mapping[int, Sequence[Variant]]
    ) -> None:
        """Ask for the lines that can be changed; forms nobody has are not offered."""
        super().__init__(data)
        self.lines = lines
        for line in lines:
            offered = [
                form
                for form in forms_by_product.get(line.variant.product_id, ())
                if form.pk == line.variant_id or form.free > 0  # type: ignore[attr-defined] # annotated
            ]
            self.fields[f"form_{line.pk}"] = forms.TypedChoiceField(
                label=_lazy("Which one"), coerce=int, initial=line.variant_id, choices=_choices(order, line, offered)
            )
            self.fields[f"pieces_{line.pk}"] = forms.IntegerField(
                label=_lazy("How many"),
                min_value=0,
                max_value=MAX_QUANTITY,
                initial=line.quantity,
                help_text=_lazy("0 takes it out."),
                widget=forms.NumberInput(attrs={"inputmode": "numeric", "class": "short"}),
                error_messages={
                    "required": _lazy("Enter how many you want; 0 takes it out."),
                    "invalid": _lazy("Enter a whole number."),
                    "max_value": _lazy("At most %(limit_value)d of one thing. For more, write to us."),
                },
            )

    def rows(self) -> list[dict[str, Any]]:
        """Return each line with its two fields."""
        return [
            {"line": line, "form": self[f"form_{line.pk}"], "pieces": self[f"pieces_{line.pk}"]} for line in self.lines
        ]

    def wishes(self) -> dict[int, Wish]:
        """Return what is wanted, by line; the form must be valid."""
        data = self.cleaned_data
        return {line.pk: Wish(data[f"form_{line.pk}"], data[f"pieces_{line.pk}"]) for line in self.lines}


def _choices(order: Order, line: OrderLine, offered: Sequence[Variant]) -> list[tuple[int, str]]:
    today = line.variant.price_minor
    return [
        (form.pk, form_label(form, unit_minor=line.unit_minor, today_minor=today, currency=order.currency))
        for form in offered
    ] or [(line.variant_id, line.options_label or line.title)]


class ConfirmForm(forms.Form):
    """The word that a change is wanted as it was shown, and a pretend card where one pays."""

    use_required_attribute = False

    change = forms.IntegerField(min_value=1, max_value=2**62, widget=forms.HiddenInput)
    total = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)
    by_on = forms.DateField(widget=forms.HiddenInput)
    card_number = forms.CharField(
        label=_lazy("Card number"),
        required=False,
        max_length=30,
        widget=CardInput(attrs={"autocomplete": "cc-number", "inputmode": "numeric", "class": "code"}),
        error_messages={"max_length": _lazy("Enter at most %(limit_value)d signs.")},
    )

    def __init__(self, data: Any = None, *, card: bool, shows: tuple[int, int, date] | None = None) -> None:
        """Ask for a card number where `card`; `shows` is the change, its total and its last day."""
        initial = dict(zip(("change", "total", "by_on"), shows, strict=True)) if shows else {}
        super().__init__(data, initial=initial)
        self.fields["card_number"].required = card
        self.fields["card_number"].error_messages["required"] = _lazy("Enter the number of the card that pays.")

    def clean_card_number(self) -> str:
        """Turn the number into what stands for it.  Raises ValidationError."""
        typed = str(self.cleaned_data["card_number"])
        if not typed:
            return ""
        try:
            return read_card(typed)
        except UnknownCard:
            raise forms.ValidationError(
                _lazy("Enter one of the test card numbers, such as 4242 4242 4242 4242.")
            ) from None

    def shown(self) -> Shown:
        """Return what the page showed; the form must be valid."""
        return Shown(self.cleaned_data["total"], self.cleaned_data["by_on"])
