"""What is to change about many pieces."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shop.models import Category
from shop.rules.bulk_prices import EXACT, HALVES, WHOLE


class TogetherForm(forms.Form):
    """One change; what it needs is asked for with it."""

    use_required_attribute = False

    what = forms.ChoiceField(
        label=gettext_lazy("Change"),
        choices=[
            ("prices", gettext_lazy("prices by a percentage")),
            ("publish", gettext_lazy("put on sale")),
            ("hide", gettext_lazy("take off sale")),
            ("move", gettext_lazy("put on another shelf")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what is to change")},
    )
    percent = forms.DecimalField(
        label=gettext_lazy("Percent"),
        required=False,
        min_value=Decimal(-90),
        max_value=Decimal(300),
        decimal_places=1,
        help_text=gettext_lazy(
            "5 raises by five percent, -5 lowers. A reduction to be shown as one is announced under Reductions."
        ),
    )
    step = forms.TypedChoiceField(
        label=gettext_lazy("Rounded to"),
        coerce=int,
        initial=HALVES,
        choices=[
            (EXACT, gettext_lazy("the cent")),
            (HALVES, gettext_lazy("half")),
            (WHOLE, gettext_lazy("whole")),
        ],
    )
    category = forms.ModelChoiceField(
        Category.objects.order_by("position", "id"), label=gettext_lazy("Shelf"), required=False
    )

    def clean(self) -> dict[str, Any]:
        """Ask for what the chosen change needs.  Raises ValidationError."""
        told: dict[str, Any] = super().clean() or {}
        if told.get("what") == "prices" and not told.get("percent") and "percent" not in self.errors:
            self.add_error("percent", _("Say by how much, such as 5 or -5."))
        if told.get("what") == "move" and not told.get("category"):
            self.add_error("category", _("Choose the shelf"))
        return told
