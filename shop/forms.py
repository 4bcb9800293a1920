"""Forms of the shop's own pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

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
