"""What staff write on an order: a note, a gift of store credit."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _


class NoteForm(forms.Form):
    """What colleagues should know; `key` is one a page, so that a form sent twice writes it once."""

    use_required_attribute = False

    text = forms.CharField(
        label=_("Note"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Only colleagues read it. It cannot be changed afterwards: write another one."),
        error_messages={
            "required": _("Write what colleagues should know."),
            "max_length": _("Shorten this to at most %(limit_value)d signs."),
        },
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class CreditForm(forms.Form):
    """A gift of store credit; `key` is one a page, so that a form sent twice gives it once."""

    use_required_attribute = False

    amount = forms.DecimalField(
        label=_("Amount"),
        min_value=Decimal("0.01"),
        max_digits=9,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "short"}),
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_digits", "max_decimal_places", "max_whole_digits"),
            _("Enter an amount like 10.00."),
        ),
    )
    reason = forms.CharField(
        label=_("What for"),
        max_length=200,
        help_text=_("The shopper reads it in the mail and in her account."),
        error_messages={
            "required": _("Write what it is for: the shopper reads it."),
            "max_length": _("Shorten this to at most %(limit_value)d signs."),
        },
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
