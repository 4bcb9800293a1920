"""The form for a review: stars are asked for, everything else is a gift."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shop.forms.pictures import PicturesField
from shop.gateways.pictures import draw_anew
from shop.messages.reviews import band_words
from shop.models import Area
from shop.rules.reviews import MOST_PHOTOS, bands

_STARS = [
    ("5", _("5 stars: I love it")),
    ("4", _("4 stars: good")),
    ("3", _("3 stars: it will do")),
    ("2", _("2 stars: not what I hoped for")),
    ("1", _("1 star: bad")),
]
_VERDICTS = [("small", _("Too small")), ("fit", _("It fits")), ("large", _("Too large"))]


class ReviewForm(forms.Form):
    """What a buyer says of one piece; questions about the fit only for what has sizes."""

    use_required_attribute = False

    stars = forms.ChoiceField(
        label=_("How is it?"),
        choices=_STARS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how many stars you give."), "invalid_choice": _("Choose 1 to 5 stars.")},
    )
    verdict = forms.ChoiceField(
        label=_("How does it fit?"), choices=_VERDICTS, widget=forms.RadioSelect, required=False
    )
    area = forms.ChoiceField(label=_("If it does not fit: where?"), required=False)
    usual_size = forms.ChoiceField(label=_("Which size do you usually wear?"), required=False)
    height_band = forms.TypedChoiceField(label=_("How tall are you?"), required=False, coerce=int, empty_value=None)
    title = forms.CharField(label=_("In a few words"), max_length=120, required=False)
    text = forms.CharField(
        label=_("What should others know?"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 6})
    )
    photos = PicturesField(
        most=MOST_PHOTOS,
        take=draw_anew,
        label=_("Pictures"),
        required=False,
        help_text=_("Up to four. We draw them anew, so that no place or device travels with them."),
    )
    author = forms.CharField(
        label=_("The name below it"),
        max_length=60,
        help_text=_("A first name is enough."),
        error_messages={"required": _("Enter a name, such as your first name.")},
    )

    def __init__(self, *args: Any, sizes: Sequence[str], **kwargs: Any) -> None:
        """Offer the sizes of the piece; without any, nothing about the fit is asked."""
        super().__init__(*args, **kwargs)
        nothing = ("", _("I would rather not say"))
        if not sizes:
            for name in ("verdict", "area", "usual_size", "height_band"):
                del self.fields[name]
            return
        self._choose("area", [nothing, *Area.choices])
        self._choose("usual_size", [nothing, *((size, size) for size in sizes)])
        self._choose("height_band", [nothing, *((str(band), band_words(band)) for band in bands())])

    def _choose(self, name: str, choices: Sequence[tuple[Any, Any]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]
