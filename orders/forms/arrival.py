"""What is not right with what arrived."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from orders.models import ArrivalQuestion


class NotQuiteForm(forms.Form):
    """One choice; words help and are not asked for."""

    what = forms.ChoiceField(
        label=_("What is it?"),
        choices=ArrivalQuestion.What.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what it is."), "invalid_choice": _("Choose what it is.")},
    )
    words = forms.CharField(
        label=_("Tell us more, if you like"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("You can send pictures by answering any mail of ours."),
    )
