"""The contact form.  What a person typed is never thrown away: an invalid form comes back filled."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from support.rules.mail import clean

MAX_TEXT = 8_000

# The kinds of conversation they begin: support.rules.topics.
TOPICS = [
    ("where", gettext_lazy("Where is my order?")),
    ("change", gettext_lazy("Change or cancel an order")),
    ("return", gettext_lazy("Send something back")),
    ("fit", gettext_lazy("Size, fit or care of a piece")),
    ("wrong", gettext_lazy("Something is wrong with what I got")),
    ("other", gettext_lazy("Something else")),
]


class ContactForm(forms.Form):
    """Topic first, then who and what."""

    use_required_attribute = False

    topic = forms.ChoiceField(
        label=gettext_lazy("What is it about?"),
        choices=TOPICS,
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose what it is about, so that the right person reads it."),
            "invalid_choice": gettext_lazy("Choose one of the topics on the list."),
        },
    )
    order_number = forms.CharField(
        label=gettext_lazy("Order number"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("If it is about an order. It stands in the mail we sent, like KP-2041-7736."),
        widget=forms.TextInput(attrs={"class": "code", "autocomplete": "off"}),
        error_messages={"max_length": gettext_lazy("An order number is shorter, like KP-2041-7736.")},
    )
    message = forms.CharField(
        label=gettext_lazy("Your message"),
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 7}),
        error_messages={
            "required": gettext_lazy("Write what we can do for you."),
            "max_length": gettext_lazy(
                "Your message has %(show_value)d letters and %(limit_value)d fit in here. Shorten it, or mail it."
            ),
        },
    )
    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={
            "required": gettext_lazy("Tell us your name, so that we know whom we are writing to."),
            "max_length": gettext_lazy("Shorten your name to 120 letters."),
        },
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        help_text=gettext_lazy("Our answer goes there, and nothing else."),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
        error_messages={
            "required": gettext_lazy("Tell us your e-mail address, so that we can answer."),
            "invalid": gettext_lazy("Enter an e-mail address, like ana@example.com."),
        },
    )
    token = forms.UUIDField(widget=forms.HiddenInput, required=False)
    order = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)

    def __init__(self, *args: Any, attached: bool = False, **kwargs: Any) -> None:
        """Leave the order number out when an order is attached by its link."""
        super().__init__(*args, **kwargs)
        if attached:
            del self.fields["order_number"]

    def clean_name(self) -> str:
        """Keep a name on one line: it stands in mails."""
        return " ".join(clean(self.cleaned_data["name"]).split())

    def clean_message(self) -> str:
        """Drop signs a database cannot hold."""
        return clean(self.cleaned_data["message"])

    def clean_token(self) -> uuid.UUID:
        """Give a form without a key a new one."""
        return self.cleaned_data["token"] or uuid.uuid4()


class DemoReplyForm(forms.Form):
    """A customer's answer to one of our mails, as she would write it in her own mail program."""

    use_required_attribute = False

    text = forms.CharField(
        label=gettext_lazy("Your answer"),
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 7}),
        error_messages={"required": gettext_lazy("Write an answer first.")},
    )
    to = forms.EmailField(label=gettext_lazy("To"), max_length=254)
    name = forms.CharField(label=gettext_lazy("Your name"), max_length=120, required=False)
    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=250, required=False)
    in_reply_to = forms.CharField(widget=forms.HiddenInput, max_length=250, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Add the sender, whose name is a word of Python."""
        super().__init__(*args, **kwargs)
        self.fields["from"] = forms.EmailField(label=gettext_lazy("From"), max_length=254)
        self.order_fields(["from", "name", "to", "subject", "text"])
