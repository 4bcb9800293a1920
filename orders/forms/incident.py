"""A crisis as staff describe it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.models import Incident
from orders.queries.couriers import courier_choices

if TYPE_CHECKING:
    IncidentModelForm = forms.ModelForm[Incident]
else:
    IncidentModelForm = forms.ModelForm


class IncidentForm(IncidentModelForm):
    """Whom it concerns, from when to when, what it does, and what shoppers read."""

    couriers = forms.MultipleChoiceField(
        label=gettext_lazy("Couriers"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Only what is with them already: who carries an order is known at its hand-over."),
    )

    class Meta:
        model = Incident
        fields = (
            "name",
            "public_text",
            "what_we_do",
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

    def clean(self) -> dict[str, Any]:
        """Say in a sentence what the database or the operation would refuse."""
        data = super().clean() or self.cleaned_data
        if data.get("starts_on") and data.get("ends_on") and data["ends_on"] < data["starts_on"]:
            self.add_error("ends_on", _("It ends before it begins."))
        if data.get("review_at") and data["review_at"] <= timezone.now():
            self.add_error("review_at", _("Choose a moment that is still to come: somebody has to look again."))
        return data
