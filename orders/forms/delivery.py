"""Where and when it comes, changed after ordering."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import phonenumbers
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from orders.forms.buying import PARTS_OF_DAY, WEEKDAYS
from orders.forms.postal import PARTS, ask_for, check_place, parts_of
from orders.messages.redelivery import any_hour_label, hours_label
from orders.models import Order
from orders.queries.address_formats import address_format
from orders.rules.changing import Why
from orders.rules.hours import Window
from orders.rules.redelivery import Delivery

_TOO_LONG = {"max_length": _lazy("Shorten this to at most %(limit_value)d signs.")}


class DeliveryForm(forms.Form):
    """Address, window and note of an order that has not left; the country stays."""

    use_required_attribute = False

    street = forms.CharField(
        label=_lazy("Street and number"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "address-line1"}),
        error_messages={"required": _lazy("Enter the street and the number of the house."), **_TOO_LONG},
    )
    extra = forms.CharField(
        label=_lazy("Floor, flat, company"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "address-line2"}),
        error_messages=_TOO_LONG,
    )
    postcode = forms.CharField(
        label=_lazy("Postcode"),
        max_length=16,
        widget=forms.TextInput(attrs={"autocomplete": "postal-code", "class": "code"}),
        error_messages={"required": _lazy("Enter the postcode."), **_TOO_LONG},
    )
    city = forms.CharField(
        label=_lazy("Town"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "address-level2"}),
        error_messages={"required": _lazy("Enter the town."), **_TOO_LONG},
    )
    region = forms.CharField(
        label=_lazy("Region"),
        max_length=80,
        required=False,
        error_messages={"required": _lazy("Choose the region."), **_TOO_LONG},
    )
    phone = forms.CharField(
        label=_lazy("Phone"),
        max_length=32,
        required=False,
        help_text=_lazy("Only for the courier, if the door is hard to find."),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel", "class": "code"}),
        error_messages=_TOO_LONG,
    )
    home_weekdays = forms.MultipleChoiceField(
        label=_lazy("When is somebody at home?"),
        required=False,
        choices=WEEKDAYS,
        widget=forms.CheckboxSelectMultiple,
        help_text=_lazy("Tick the days that suit you, and we promise only those. None ticked means any day."),
        error_messages={"invalid_choice": _lazy("Choose weekdays from the list.")},
    )
    home_part_of_day = forms.ChoiceField(
        label=_lazy("Best time of the day"),
        choices=PARTS_OF_DAY,
        required=False,
        help_text=_lazy("We pass it on to the courier as a wish."),
        error_messages={"invalid_choice": _lazy("Choose a time of the day from the list.")},
    )
    window = forms.ChoiceField(
        label=_lazy("Between when and when?"),
        required=False,
        help_text=_lazy("You see what changes before anything does."),
        error_messages={"invalid_choice": _lazy("The courier does not come in these hours. Choose others.")},
    )
    courier_note = forms.CharField(
        label=_lazy("Note to the courier"),
        max_length=300,
        required=False,
        help_text=_lazy("Such as: ring twice, or leave it with the neighbour at number 14."),
        error_messages=_TOO_LONG,
    )

    def __init__(self, data: Any = None, *, order: Order, hours: Sequence[Window]) -> None:
        """Start from what the order says; `hours` are those it can have."""
        names = (*PARTS, "phone", "home_part_of_day", "courier_note")
        kept = {name: getattr(order, name) for name in names}
        kept["region"] = address_format(order.country).region_code(order.region)
        kept["home_weekdays"] = [str(day) for day in order.home_weekdays]
        kept["window"] = order.window.key if order.window else ""
        super().__init__(data, initial=kept)
        self.country, self.pickup = order.country, order.pickup
        self.format = ask_for(self, order.country, needed=not order.pickup, keeps=[order.region])
        self._offer(hours, order)

    @property
    def address_parts(self) -> list[forms.BoundField]:
        """Return the fields of the place in the order of the country; none of an order she collects."""
        return [] if self.pickup else parts_of(self, self.format)

    @property
    def moments(self) -> list[forms.BoundField]:
        """Return the fields that say when."""
        names = ("home_weekdays", "window", "home_part_of_day", "courier_note")
        return [self[name] for name in names if name in self.fields]

    def _offer(self, hours: Sequence[Window], order: Order) -> None:
        """Offer the hours, each with what it costs more or less; without any, the wish for a part of the day."""
        if not hours:
            del self.fields["window"]
            return
        named = [(window.key, hours_label(window, order)) for window in hours]
        self.fields["window"].choices = [("", any_hour_label(order)), *named]  # type: ignore[attr-defined]
        del self.fields["home_part_of_day"]

    def clean(self) -> dict[str, Any]:
        """Check postcode and region against the country."""
        data = super().clean() or self.cleaned_data
        check_place(self, self.format, data)
        return data

    def clean_phone(self) -> str:
        """Write the phone number so that a courier can call it.  Raises ValidationError."""
        typed = str(self.cleaned_data["phone"])
        if not typed:
            return ""
        try:
            number = phonenumbers.parse(typed, self.country)
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_possible_number(number):
            raise forms.ValidationError(
                _("Enter a phone number the courier can call, with its country code, or leave it empty.")
            )
        return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))

    def refuse(self, why: Why, sentence: str) -> None:
        """Say beside its field why this cannot be."""
        field = {Why.NO_HOURS: "window", Why.HOURS_PRICE: "window", Why.NO_DAY: "home_weekdays"}.get(why)
        self.add_error(field if field in self.fields else None, sentence)

    def as_delivery(self) -> Delivery:
        """Return what she wants; the form must be valid."""
        data = self.cleaned_data
        return Delivery(
            street=data["street"],
            extra=data["extra"],
            postcode=data["postcode"],
            city=data["city"],
            region=data["region"] if "region" in self.format.parts else None,
            phone=data["phone"],
            courier_note=data["courier_note"],
            home_weekdays=tuple(sorted({int(day) for day in data["home_weekdays"]})),
            home_part_of_day=data.get("home_part_of_day") or "any",
            window=data.get("window"),
        )
