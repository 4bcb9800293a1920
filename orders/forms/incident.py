"""A crisis as staff describe it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.models import Incident
from orders.queries.address_formats import address_format
from orders.queries.couriers import courier_choices
from orders.queries.quotes import served_countries

if TYPE_CHECKING:
    IncidentModelForm = forms.ModelForm[Incident]
else:
    IncidentModelForm = forms.ModelForm


SAID, _MOST = ("public_text", "what_we_do"), (300, 500)
_ASKED = (gettext_lazy("what shoppers read"), gettext_lazy("what we do"))


class OtherLanguages(forms.MultiWidget):
    """A pair of boxes for each language beside the shop's own."""

    def __init__(self) -> None:
        boxes: dict[str, forms.Widget | type[forms.Widget]] = {}
        for code, name in other_languages():
            for field, asked in zip(SAID, _ASKED, strict=True):
                says = format_lazy("{}: {}", name, asked)
                named = {"rows": 2, "cols": 60, "aria-label": says, "placeholder": says, "lang": code}
                boxes[f"{code}_{field}"] = forms.Textarea(attrs=named)
        super().__init__(widgets=boxes)

    def decompress(self, value: Any) -> list[str]:
        """Return what is kept, box by box."""
        known = value or {}
        return [known.get(code, {}).get(field, "") for code, _name in other_languages() for field in SAID]


class OtherLanguagesField(forms.MultiValueField):
    """What shoppers read in other languages: {"de": {"public_text": ..., "what_we_do": ...}}, without empty ones."""

    def __init__(self, **kwargs: Any) -> None:
        boxes = [forms.CharField(max_length=most, required=False) for _code in other_languages() for most in _MOST]
        super().__init__(fields=boxes, widget=OtherLanguages(), required=False, require_all_fields=False, **kwargs)

    def compress(self, data_list: list[str]) -> dict[str, dict[str, str]]:
        """Return what was typed, by language."""
        typed = iter(data_list)
        said = {code: {field: next(typed, "") for field in SAID} for code, _name in other_languages()}
        return {code: words for code, words in said.items() if any(words.values())}


def other_languages() -> list[tuple[str, str]]:
    """Return the languages beside the shop's own, each with its name."""
    return [(code, name) for code, name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


class IncidentForm(IncidentModelForm):
    """Whom it concerns, from when to when, what it does, and what shoppers read."""

    couriers = forms.MultipleChoiceField(
        label=gettext_lazy("Couriers"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Only what is with them already: who carries an order is known at its hand-over."),
    )

    in_other_languages = OtherLanguagesField(
        label=gettext_lazy("The same in other languages"),
        help_text=gettext_lazy("Who reads another language reads this; where it is empty, what stands above."),
    )

    class Meta:
        model = Incident
        fields = (
            "name",
            "public_text",
            "what_we_do",
            "in_other_languages",
            "hits",
            "extra_days",
            "starts_on",
            "ends_on",
            "review_at",
            "countries",
            "regions",
            "postcodes",
            "services",
            "workshops",
            "couriers",
            "products",
            "longer",
            "places",
        )
        widgets = {
            "public_text": forms.Textarea(attrs={"rows": 3, "cols": 60}),
            "what_we_do": forms.Textarea(attrs={"rows": 3, "cols": 60}),
            "services": forms.CheckboxSelectMultiple,
            "workshops": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "couriers" in self.fields:
            self.fields["couriers"].choices = courier_choices()  # type: ignore[attr-defined] # a field of choices

    def clean_countries(self) -> list[str]:
        """Write them as orders do."""
        return sorted({code.strip().upper() for code in self.cleaned_data["countries"]})

    def clean_regions(self) -> list[str]:
        """Write them as addresses do: the code of a listed one, so that a name finds the same orders.

        Raises ValidationError for one that no address of the countries can say.
        """
        formats = [address_format(country) for country in self.cleaned_data.get("countries") or served_countries()]
        lists = [{code for code, _name in each.regions} for each in formats]
        found = set()
        for typed in self.cleaned_data["regions"]:
            codes = [each.region_code(typed) for each in formats]
            listed = [code for code, known in zip(codes, lists, strict=True) if code in known]
            if not listed and lists and all(lists):
                raise forms.ValidationError(
                    _("No address there says “%(region)s”. Type the name as the checkout offers it, or its code.")
                    % {"region": typed}
                )
            found.add(listed[0] if listed else " ".join(typed.split()))
        return sorted(found)

    def clean(self) -> dict[str, Any]:
        """Say in a sentence what the database or the operation would refuse."""
        data = super().clean() or self.cleaned_data
        if data.get("starts_on") and data.get("ends_on") and data["ends_on"] < data["starts_on"]:
            self.add_error("ends_on", _("It ends before it begins."))
        if data.get("review_at") and data["review_at"] <= timezone.now():
            self.add_error("review_at", _("Choose a moment that is still to come: somebody has to look again."))
        return data
