"""A note of staff on an order."""

from __future__ import annotations

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
