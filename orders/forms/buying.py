"""Forms of bag and checkout: what was typed, checked and said back in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import phonenumbers
from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from orders.forms.postal import PARTS, ask_for, check_place, parts_of
from orders.gateways.payments.test_card import UnknownCard, read_card
from orders.models import Sending
from orders.rules.checkout import ANYWAY, WAIT, CheckoutRequest
from orders.rules.hours import split_choice

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

TEST_CARD = "test_card"
_DAMAGED = _lazy("Something of this page got lost on its way. Look at it once more and press the button again.")
WEEKDAYS = [
    ("0", _lazy("Mon")),
    ("1", _lazy("Tue")),
    ("2", _lazy("Wed")),
    ("3", _lazy("Thu")),
    ("4", _lazy("Fri")),
    ("5", _lazy("Sat")),
]
PARTS_OF_DAY = [
    ("any", _lazy("any time")),
    ("morning", _lazy("in the morning")),
    ("afternoon", _lazy("in the afternoon")),
    ("evening", _lazy("in the evening")),
]


class CardInput(forms.TextInput):
    """A field of a card: what was typed never comes back in a page."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Leave the value out."""
        return super().get_context(name, None, attrs)


def _text(
    label: _StrPromise,
    missing: _StrPromise | str,
    *,
    most: int,
    autocomplete: str,
    required: bool = True,
    style: str = "",
) -> forms.CharField:
    """Return a text field whose every complaint is a sentence."""
    too_long = _lazy("Shorten this to at most %(limit_value)d signs.")
    return forms.CharField(
        label=label,
        required=required,
        max_length=most,
        widget=forms.TextInput(attrs={"autocomplete": autocomplete, "class": style}),
        error_messages={"required": missing, "max_length": too_long},
    )


def _card(label: _StrPromise, *, most: int, autocomplete: str, style: str) -> forms.CharField:
    """Return a field of the card: asked for only when paying by card, and never shown again."""
    return forms.CharField(
        label=label,
        required=False,
        max_length=most,
        widget=CardInput(attrs={"autocomplete": autocomplete, "inputmode": "numeric", "class": style}),
        error_messages={"max_length": _lazy("Enter at most %(limit_value)d signs.")},
    )


class BagAddForm(forms.Form):
    """One variant and how many of it."""

    variant = forms.IntegerField(min_value=1, max_value=2**62)
    quantity = forms.IntegerField(min_value=1, max_value=1000)


class WishForm(forms.Form):
    """A piece for the wish list, by its address; the variant while one is chosen."""

    product = forms.SlugField(max_length=120)
    variant = forms.IntegerField(min_value=1, max_value=2**62, required=False)


class BagQuantityForm(forms.Form):
    """How many pieces of a line."""

    quantity = forms.IntegerField(min_value=0, max_value=1000)


class VoucherForm(forms.Form):
    """The code of a voucher."""

    code = forms.CharField(max_length=60)


class GiftForm(forms.Form):
    """How the parcel is to be given."""

    wrap = forms.BooleanField(required=False)
    message = forms.CharField(required=False, max_length=300)
    hide_prices = forms.BooleanField(required=False)


class SendingForm(forms.Form):
    """Together, or each piece when it is ready."""

    sending = forms.ChoiceField(choices=Sending.choices)


class CheckoutForm(forms.Form):
    """The whole checkout.  Choices of countries, deliveries and ways to pay come from the view."""

    use_required_attribute = False

    email = forms.EmailField(
        label=_lazy("E-mail address"),
        max_length=254,
        help_text=_lazy("For the delivery day and every step until it is there."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": _lazy("Enter your e-mail address, so that we can tell you when it arrives."),
            "invalid": _lazy("Enter an e-mail address like ana@example.com."),
            "max_length": _lazy("Enter an e-mail address with at most %(limit_value)d signs."),
        },
    )
    full_name = _text(
        _lazy("Full name"), _lazy("Enter your name, as it stands at the door."), most=120, autocomplete="name"
    )
    street = _text(
        _lazy("Street and number"),
        _lazy("Enter the street and the number of the house."),
        most=200,
        autocomplete="address-line1",
    )
    extra = _text(_lazy("Floor, flat, company"), "", most=200, required=False, autocomplete="address-line2")
    postcode = _text(_lazy("Postcode"), _lazy("Enter the postcode."), most=16, autocomplete="postal-code", style="code")
    city = _text(_lazy("Town"), _lazy("Enter the town."), most=100, autocomplete="address-level2")
    region = _text(_lazy("Region"), _lazy("Choose the region."), most=80, autocomplete="address-level1", required=False)
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
    service = forms.ChoiceField(
        label=_lazy("When shall it arrive?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _lazy("Choose a delivery."),
            "invalid_choice": _lazy("That delivery does not go to this country. Choose one of these."),
        },
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
        required=False,
        choices=PARTS_OF_DAY,
        help_text=_lazy("We pass it on to the courier as a wish."),
        error_messages={"invalid_choice": _lazy("Choose a time of the day from the list.")},
    )
    when_nobody_home = forms.ChoiceField(
        label=_lazy("Nobody is at home on those days. What shall we do?"),
        required=False,
        choices=[(WAIT, ""), (ANYWAY, "")],
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _lazy("Choose what we shall do.")},
    )
    courier_note = forms.CharField(
        label=_lazy("Note to the courier"),
        required=False,
        max_length=300,
        help_text=_lazy("Such as: ring twice, or leave it with the neighbour at number 14."),
        widget=forms.TextInput(),
        error_messages={"max_length": _lazy("Shorten the note to at most %(limit_value)d signs.")},
    )
    payment = forms.ChoiceField(
        label=_lazy("How would you like to pay?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _lazy("Choose how you would like to pay."),
            "invalid_choice": _lazy("We do not offer that way to pay. Choose one of these."),
        },
    )
    use_credit = forms.BooleanField(required=False)
    news = forms.BooleanField(required=False)
    card_number = _card(_lazy("Card number"), most=30, autocomplete="cc-number", style="code")
    card_expiry = _card(_lazy("Valid until, such as 04/29"), most=9, autocomplete="cc-exp", style="short")
    card_cvc = _card(_lazy("Security code"), most=5, autocomplete="cc-csc", style="short")
    key = forms.UUIDField(widget=forms.HiddenInput, error_messages={"required": _DAMAGED, "invalid": _DAMAGED})
    shown = forms.CharField(widget=forms.HiddenInput, max_length=8000, required=False)

    def __init__(
        self,
        *args: Any,
        countries: list[tuple[str, str]],
        country: str,
        services: list[tuple[str, str]],
        payments: list[tuple[str, str]],
        pickups: frozenset[str] = frozenset(),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("country", countries), ("service", services), ("payment", payments)):
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        self.pickup = (self.data.get("service") or self.initial.get("service")) in pickups
        kept = str(self.initial.get("region") or "")
        self.format = ask_for(self, country, needed=not self.pickup, keeps=[kept])
        self.initial["region"] = self.format.region_code(kept)

    @property
    def address_parts(self) -> list[forms.BoundField]:
        """Return the fields of the address in the order of the country."""
        return parts_of(self, self.format)

    def clean_full_name(self) -> str:
        """Take a name on one line."""
        return " ".join(self.cleaned_data["full_name"].split())

    def clean(self) -> dict[str, Any]:
        """Check what depends on two fields: postcode and phone on the country, the card on the way to pay."""
        data = super().clean() or self.cleaned_data
        if not self.pickup:
            check_place(self, self.format, data)
        if data.get("phone"):
            self._check_phone(data)
        if data.get("payment") == TEST_CARD:
            self._check_card(data)
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

    def _check_card(self, data: dict[str, Any]) -> None:
        try:
            data["payment_token"] = read_card(data.get("card_number") or "")
        except UnknownCard:
            self.add_error("card_number", _("Enter one of the test card numbers, such as 4242 4242 4242 4242."))
        if not _is_month(data.get("card_expiry") or ""):
            self.add_error("card_expiry", _("Enter month and year, like 04/29."))
        cvc = (data.get("card_cvc") or "").strip()
        if not (cvc.isascii() and cvc.isdecimal() and 3 <= len(cvc) <= 4):
            self.add_error("card_cvc", _("Enter the three or four digits of the security code."))

    def _address(self, data: dict[str, Any]) -> dict[str, str]:
        """Return the parts of the address; none of an order she collects: what nobody needs is not kept."""
        return {part: "" if self.pickup else data.get(part, "") for part in PARTS}

    def as_request(self) -> CheckoutRequest:
        """Return what she asks for; the form must be valid."""
        data = self.cleaned_data
        service, window = split_choice(data["service"])
        return CheckoutRequest(
            email=data["email"],
            full_name=data["full_name"],
            **self._address(data),
            country=data["country"],
            phone=data["phone"],
            home_weekdays=tuple(sorted({int(day) for day in data["home_weekdays"]})),
            home_part_of_day=data["home_part_of_day"] or "any",
            when_nobody_home=data["when_nobody_home"] if data["home_weekdays"] else "",
            courier_note=data["courier_note"],
            service_code=service,
            window=window,
            provider=data["payment"],
            payment_token=data.get("payment_token", ""),
            locale=get_language() or "en",
            use_credit=data["use_credit"],
            news=data["news"],
        )


def _is_month(text: str) -> bool:
    month, _slash, year = text.replace(" ", "").partition("/")
    return month.isdecimal() and 1 <= int(month) <= 12 and year.isdecimal() and len(year) in {2, 4}
