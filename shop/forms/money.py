"""Money as people type it, kept as whole minor units."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy

from shop.rules.money import exponent

_PLAIN = re.compile(r"\d{1,9}(?:[.,]\d+)?")


class MoneyField(forms.IntegerField):
    """An amount as people write it ("5", "5.00", "5,00"); the value is whole minor units of `currency`."""

    NO_AMOUNT = gettext_lazy("Enter an amount like 10.00.")

    def __init__(self, *, currency: str, **kwargs: Any) -> None:
        self.places = exponent(currency)
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "class": "short"})
        messages = {"invalid": self.NO_AMOUNT, "max_value": self.NO_AMOUNT, "min_value": self.NO_AMOUNT}
        kwargs = {"min_value": 0, "max_value": 2_147_483_647} | kwargs
        super().__init__(widget=widget, error_messages=messages, **kwargs)

    def to_python(self, value: Any) -> int | None:
        """Read what was typed, whichever sign parts the cents; nothing is None."""
        typed = str(value).strip() if value is not None else ""
        if not typed:
            return None
        if not _PLAIN.fullmatch(typed):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        minor = Decimal(typed.replace(",", ".")).scaleb(self.places)
        if minor != int(minor):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return int(minor)

    def prepare_value(self, value: Any) -> Any:
        """Write minor units as they are typed; what was typed already stays as it is."""
        return f"{Decimal(value).scaleb(-self.places):.{self.places}f}" if isinstance(value, int) else value
