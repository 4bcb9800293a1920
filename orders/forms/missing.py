"""What is typed when pieces are missing."""

from __future__ import annotations

from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from orders.models import ParcelLine
from orders.rules.unavailability import Act, Choice, Taking

_LOST = _("Something of this page got lost on its way. Go back to the shelf and press its button again.")


class TakingForm(forms.Form):
    """A correction of a shelf that would take promised pieces away."""

    act = forms.ChoiceField(
        choices=[(act.value, act.value) for act in Act], widget=forms.HiddenInput, error_messages={"required": _LOST}
    )
    pieces = forms.IntegerField(
        min_value=0, max_value=100_000, widget=forms.HiddenInput, error_messages={"required": _LOST}
    )
    reason = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
    key = forms.CharField(max_length=60, widget=forms.HiddenInput, error_messages={"required": _LOST})
    agreed = forms.CharField(required=False, max_length=20_000, widget=forms.HiddenInput)

    def taking(self, level_id: int) -> Taking:
        """Return the correction; the form must be valid."""
        data = self.cleaned_data
        return Taking(level_id, Act(data["act"]), data["pieces"], data["reason"], data["key"])

    def listed(self) -> set[tuple[int, int, int]]:
        """Return what the page listed: (parcel, line, pieces); nothing for a text that is not ours."""
        try:
            rows = [tuple(map(int, row.split("-"))) for row in self.cleaned_data["agreed"].split()]
        except ValueError:
            return set()
        return {(row[0], row[1], row[2]) for row in rows if len(row) == 3}


class ShortPickForm(forms.Form):
    """Which pieces of a parcel are not where they should be."""

    use_required_attribute = False

    line = forms.ModelChoiceField(
        label=_("What is missing"), queryset=ParcelLine.objects.none(), empty_label=None, widget=forms.RadioSelect
    )
    missing = forms.IntegerField(
        label=_("Pieces that are missing"),
        min_value=1,
        max_value=1000,
        initial=1,
        error_messages={"required": _("Enter how many are missing.")},
    )
    reason = forms.CharField(
        label=_("What you found"), max_length=200, required=False, help_text=_("Staff read it, the shopper does not.")
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, inside: list[ParcelLine], *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        rows = self.fields["line"]
        rows.queryset = ParcelLine.objects.filter(pk__in=[row.pk for row in inside])  # type: ignore[attr-defined]
        rows.choices = [(row.pk, _label(row)) for row in inside]  # type: ignore[attr-defined]
        if len(inside) == 1:
            rows.initial = inside[0].pk


def _label(row: ParcelLine) -> str:
    options = f", {row.line.options_label}" if row.line.options_label else ""
    return f"{row.quantity} × {row.line.title}{options} ({row.line.sku})"


class ChoiceForm(forms.Form):
    """What she chose; `variant` names another form of the piece."""

    choice = forms.ChoiceField(choices=[(choice.value, choice.value) for choice in Choice])
    variant = forms.IntegerField(required=False, min_value=1, max_value=2**62)


class OtherForm(forms.Form):
    """The other form of the piece the shopper asked for on the phone."""

    use_required_attribute = False

    sku = forms.CharField(
        label=_("Article number of the other one"),
        max_length=40,
        error_messages={"required": _("Enter the article number of the piece she takes instead.")},
    )
