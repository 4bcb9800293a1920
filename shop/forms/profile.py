"""What somebody says about herself."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from shop.models import User

EARLIEST = date(1900, 1, 1)


class ProfileForm(forms.Form):
    """Name, language, and a birthday for those who like wishes."""

    use_required_attribute = False

    name = forms.CharField(
        label=_("Name"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=_("How we greet you, and what an order begins with."),
        error_messages={"max_length": _("Shorten this to at most %(limit_value)d signs.")},
    )
    language = forms.ChoiceField(
        label=_("Language of pages and mails"),
        choices=settings.LANGUAGES,
        error_messages={"invalid_choice": _("Choose a language from the list.")},
    )
    birthday_on = forms.DateField(
        label=_("Birthday"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "autocomplete": "bday", "class": "code"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Enter a day like 1990-03-24, or leave it empty.")},
    )
    birthday_agreed = forms.BooleanField(
        label=_("Keep my birthday, to send me a greeting once a year. I can take this back here at any time."),
        required=False,
    )

    @staticmethod
    def values_of(person: User) -> dict[str, Any]:
        """Return what is known, for the form to show."""
        return {
            "name": person.name,
            "language": person.language or get_language() or settings.LANGUAGE_CODE,
            "birthday_on": person.birthday_on,
            "birthday_agreed": person.birthday_agreed_at is not None,
        }

    def clean_name(self) -> str:
        """Take a name on one line."""
        return " ".join(self.cleaned_data["name"].split())

    def clean_birthday_on(self) -> date | None:
        """Take days people are born on."""
        day: date | None = self.cleaned_data["birthday_on"]
        if day and not EARLIEST <= day < timezone.localdate():
            raise forms.ValidationError(_("Enter a day that lies in the past, or leave it empty."))
        return day

    def clean(self) -> dict[str, Any]:
        """Ask for the consent that goes with a birthday."""
        data = super().clean() or self.cleaned_data
        if data.get("birthday_on") and not data.get("birthday_agreed"):
            self.add_error("birthday_agreed", _("Tick this if we may keep your birthday, or leave the day empty."))
        return data

    def as_values(self) -> dict[str, Any]:
        """Return what was typed, as the operation takes it."""
        names = ("name", "language", "birthday_on", "birthday_agreed")
        return {name: self.cleaned_data[name] for name in names}
