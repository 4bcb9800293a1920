"""Forms of the shop's own pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shop.operations.limits import TooOften, spend
from shop.visitors import visitor

LOGINS_PER_ACCOUNT, LOGINS_PER_VISITOR, LOGIN_WINDOW = 10, 60, timedelta(minutes=15)
THEMES = [
    ("auto", _("As my device says")),
    ("light", _("Light")),
    ("dark", _("Dark")),
]


class PreferencesForm(forms.Form):
    """How the shop looks and where it delivers; kept in two cookies, nothing else."""

    use_required_attribute = False

    country = forms.ChoiceField(
        label=_("Where should we deliver?"),
        help_text=_("Dates, delivery prices and taxes are shown for this country."),
        error_messages={"invalid_choice": _("Choose a country from the list.")},
        widget=forms.Select(attrs={"autocomplete": "country"}),
    )
    theme = forms.ChoiceField(label=_("Colours"), choices=THEMES, widget=forms.RadioSelect)

    def __init__(self, *args: Any, countries: list[tuple[str, str]], **kwargs: Any) -> None:
        """Offer the countries we deliver to, as (code, name)."""
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = countries  # type: ignore[attr-defined]


class StaffLoginForm(AdminAuthenticationForm):
    """The staff's login, with a budget of tries: for one account from one network, and for one network at all.

    A password is not even looked at when the budget is used up.  Tries from elsewhere do not lock anybody out.
    """

    refused_for_now = False

    def clean(self) -> dict[str, Any]:
        """Use one try, then ask for the password.  Raises ValidationError."""
        email, at = str(self.cleaned_data.get("username", "")).casefold(), timezone.now()
        who = visitor(self.request) if self.request else "unknown"
        try:
            spend(purpose="login-visitor", who=who, budget=LOGINS_PER_VISITOR, window=LOGIN_WINDOW, at=at)
            spend(purpose="login", who=f"{email} {who}", budget=LOGINS_PER_ACCOUNT, window=LOGIN_WINDOW, at=at)
        except TooOften as limit:
            self.refused_for_now = True
            sentence = gettext("That was tried often. From %(time)s you can try again, or ask a colleague for help.")
            raise ValidationError(sentence % {"time": f"{timezone.localtime(limit.retry_at):%H:%M}"}) from None
        return super().clean()
