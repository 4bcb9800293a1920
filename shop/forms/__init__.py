"""Forms of the shop's own pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shop.models import BusinessCalendar
from shop.operations.calendars import HolidaysUnknown, public_holidays
from shop.rules.holidays import CATEGORIES

if TYPE_CHECKING:
    CalendarModelForm = forms.ModelForm[BusinessCalendar]
else:
    CalendarModelForm = forms.ModelForm

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


CATEGORY_WORDS = {
    "public": _("public"),
    "optional": _("optional, such as Carnival"),
    "bank": _("banks closed"),
    "government": _("offices closed"),
    "school": _("schools closed"),
    "half_day": _("half days"),
    "unofficial": _("unofficial"),
    "workday": _("days to work on"),
    "catholic": _("Catholic"),
    "protestant": _("Protestant"),
    "orthodox": _("Orthodox"),
    "islamic": _("Islamic"),
    "hebrew": _("Hebrew"),
    "hindu": _("Hindu"),
}


class CalendarForm(CalendarModelForm):
    """One calendar: its clock, its country with the holidays that count, how many orders may start a day."""

    holiday_categories = forms.MultipleChoiceField(
        label=_("Kinds of holidays"),
        choices=[(code, CATEGORY_WORDS[code]) for code in CATEGORIES],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Which kinds the holiday library brings; none: public ones alone."),
    )

    class Meta:
        model = BusinessCalendar
        fields = (
            "code",
            "name",
            "kind",
            "time_zone",
            "country",
            "subdivision",
            "holiday_categories",
            "capacity_per_day",
        )

    def clean_time_zone(self) -> str:
        """Take only a clock that exists.  Raises ValidationError."""
        name = str(self.cleaned_data["time_zone"])
        try:
            ZoneInfo(name)
        except (LookupError, ValueError, OSError):  # unknown, or no name at all, such as ../etc
            raise ValidationError(gettext("There is no such time zone. Enter one like Europe/Lisbon.")) from None
        return name

    def clean_country(self) -> str:
        """Write the country as the library does."""
        return str(self.cleaned_data["country"]).upper()

    def clean(self) -> dict[str, Any]:
        """Ask the library whether it knows this country with these kinds of holidays.  Raises ValidationError."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if values.get("country") and not self.errors:
            asked = BusinessCalendar(
                country=values["country"],
                subdivision=values.get("subdivision", ""),
                holiday_categories=values["holiday_categories"],
            )
            try:
                public_holidays(asked, {timezone.now().year})
            except HolidaysUnknown as unknown:
                sentence = gettext("The holiday library does not know this: %(why)s Change it, or leave it empty.")
                raise ValidationError(sentence % {"why": unknown}) from None
        return values
