"""The code that says somebody behind a link is whoever ordered."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class OwnerCodeForm(forms.Form):
    """The code from the mail."""

    proof_code = forms.CharField(
        label=_("Code"),
        max_length=20,
        help_text=_("Eight letters, as they stand in the mail. Small or large and the dash do not matter."),
        error_messages={
            "required": _("Enter the code from our mail."),
            "max_length": _("A code has eight letters, like BCDF-GHJK."),
        },
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "class": "code",
            }
        ),
    )
