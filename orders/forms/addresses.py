"""An address, typed into an account."""

from __future__ import annotations

from typing import Any

import phonenumbers
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from orders.forms.postal import ask_for, check_place, parts_of
from orders.rules.address_book import Address

_TOO_LONG = _lazy("Shorten this to at most %(limit_value)d signs.")


def _text(label: Any, missing: Any, *, most: int, autocomplete: str, style: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=bool(missing),
        max_length=most,
        widget=forms.TextInput(attrs={"autocomplete": autocomplete} | ({"class": style} if style else {})),
        error_messages={"required": missing, "max_length": _TOO_LONG},
    )


class AddressForm(forms.Form):
    """Where something goes.  The countries come from the view."""

    use_required_attribute = False

    full_name = _text(
        _lazy("Full name"), _lazy("Enter the name, as it stands at the door."), most=120, autocomplete="name"
    )
    street = _text(
        _lazy("Street and number"),
        _lazy("Enter the street and the number of the house."),
        most=200,
        autocomplete="address-line1",
    )
    extra = _text(_lazy("Floor, flat, company"), "", most=200, autocomplete="address-line2")
    postcode = _text(_lazy("Postcode"), _lazy("Enter the postcode."), most=16, autocomplete="postal-code", style="code")
    city = _text(_lazy("Town"), _lazy("Enter the town."), most=100, autocomplete="address-level2")
    region = _text(_lazy("Region"), _lazy("Choose the region."), most=80, autocomplete="address-level1")
    country = forms.ChoiceField(
        label=_lazy("Country"),
        widget=forms.Select(attrs={"autocomplete": "country"}),
        error_messages={
            "required": _lazy("Choose the country it goes to."),
            "invalid_choice": _lazy("We do not deliver there yet. Choose one of the countries in the list."),
        },
    )
    phone = forms.CharField(
        label=_lazy("Phone"),
        required=False,
        max_length=40,
        help_text=_lazy("Only for the courier, if the door is hard to find."),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel", "class": "code"}),
        error_messages={"max_length": _lazy("Enter a phone number with at most %(limit_value)d signs.")},
    )

    def __init__(self, *args: Any, countries: list[tuple[str, str]], **kwargs: Any) -> None:
        """Offer the countries somebody delivers to, as (code, name), and ask as the chosen one writes addresses."""
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = countries  # type: ignore[attr-defined]
        kept = str(self.initial.get("region") or "")
        asked = str(self.data.get("country") if self.is_bound else self.initial.get("country") or "")
        self.format = ask_for(self, asked, keeps=[kept])
        self.initial["region"] = self.format.region_code(kept)

    @property
    def address_parts(self) -> list[forms.BoundField]:
        """Return the fields of the place in the order of the country."""
        return parts_of(self, self.format)

    def clean_full_name(self) -> str:
        """Take a name on one line."""
        return " ".join(self.cleaned_data["full_name"].split())

    def clean(self) -> dict[str, Any]:
        """Check postcode, region and phone against the country."""
        data = super().clean() or self.cleaned_data
        check_place(self, self.format, data)
        if data.get("phone"):
            self._check_phone(data)
        return data

    def _check_phone(self, data: dict[str, Any]) -> None:
        try:
            number = phonenumbers.parse(data["phone"], data.get("country"))
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_possible_number(number):
            self.add_error(
                "phone", _("Enter a phone number the courier can call, with its country code, or leave it empty.")
            )
            return
        data["phone"] = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    def as_address(self) -> Address:
        """Return what was typed."""
        return Address(**{name: self.cleaned_data[name] for name in Address.__dataclass_fields__})


class SavedAddressForm(AddressForm):
    """An address of the address book."""

    first = forms.BooleanField(label=_lazy("Use this address first"), required=False)
