"""Ask about a piece: the question, where the answer goes, and a name if she likes."""

from __future__ import annotations

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from shop.rules.questions import MOST_ASKED


class QuestionForm(forms.Form):
    """What somebody asks before she buys."""

    use_required_attribute = False

    text = forms.CharField(
        label=_("Your question"),
        max_length=MOST_ASKED,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={
            "required": _("Write what you would like to know."),
            "max_length": _("Your question has %(show_value)d letters and %(limit_value)d fit in here. Shorten it."),
        },
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("Our answer goes there, and nothing else."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
        error_messages={
            "required": _("Tell us your e-mail address, so that we can answer."),
            "invalid": _("Enter an e-mail address, like ana@example.com."),
        },
    )
    name = forms.CharField(
        label=_("Your name"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"max_length": _("Shorten your name to 120 letters.")},
    )
    token = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def clean_text(self) -> str:
        """Keep one kind of line end, whatever the browser sends."""
        return str(self.cleaned_data["text"]).replace("\r\n", "\n").replace("\r", "\n")

    def clean_name(self) -> str:
        """Keep a name on one line: it stands in mails."""
        return " ".join(str(self.cleaned_data["name"]).split())

    def clean_token(self) -> uuid.UUID:
        """Give a form without a key a new one."""
        return self.cleaned_data["token"] or uuid.uuid4()
