"""What is typed to make codes."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from orders.operations.vouchers import MOST_AT_ONCE


class BatchForm(forms.Form):
    """How many codes, each for how many orders, under which name."""

    use_required_attribute = False

    how_many = forms.IntegerField(
        label=_("How many codes"),
        min_value=1,
        max_value=MOST_AT_ONCE,
        initial=50,
        error_messages={"required": _("Enter how many codes to make.")},
    )
    max_uses = forms.IntegerField(
        label=_("Each for so many orders"),
        min_value=1,
        max_value=1_000_000,
        initial=1,
        error_messages={"required": _("Enter for how many orders each code is good.")},
    )
    batch = forms.CharField(
        label=_("Name of the batch"),
        max_length=80,
        help_text=_("Such as: thank-you cards, March."),
        error_messages={"required": _("Enter a name to find these codes again.")},
    )
