"""Tell me when it is back: which form, where to, and yes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class AlertForm(forms.Form):
    """What somebody wants to hear of, and her consent to one mail."""

    use_required_attribute = False

    variant = forms.TypedChoiceField(
        label=_("What are you waiting for?"),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what you are waiting for."),
            "invalid_choice": _("That one is not sold out. Choose another one, or buy it."),
        },
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": _("Enter your e-mail address, so that we can write to you."),
            "invalid": _("Enter an e-mail address such as ana@example.com."),
        },
    )
    agreed = forms.BooleanField(
        label=_("Write to me once about this piece, and use the address for nothing else."),
        error_messages={"required": _("Tick the box, so that we may write to you.")},
    )

    def __init__(self, *args: Any, sold_out: list[tuple[int, str]], **kwargs: Any) -> None:
        """Offer what is sold out, as (id, words)."""
        super().__init__(*args, **kwargs)
        self.fields["variant"].choices = sold_out  # type: ignore[attr-defined]
