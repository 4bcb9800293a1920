"""The form for a review: stars are asked for, everything else is a gift."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shop.gateways.pictures import Drawn, NotAPicture, draw_anew
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
_WHY_NOT = {
    "kind": _("%(name)s is no picture we can take. Choose a JPEG, PNG or WebP file."),
    "bytes": _("%(name)s is larger than 10 MB. Choose a smaller picture."),
    "pixels": _("%(name)s has too many pixels. Choose a picture of at most 12,000 pixels a side."),
    "broken": _("%(name)s cannot be opened. Save the picture anew and choose it again."),
}


class _ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Up to four pictures, drawn anew; cleans to a list of Drawn."""

    widget = _ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[Drawn]:
        """Draw every picture anew.  Raises ValidationError with one sentence for each that cannot be taken."""
        files: Sequence[UploadedFile[Any]] = [
            file for file in (data if isinstance(data, list | tuple) else [data]) if file
        ]
        if len(files) > MOST_PHOTOS:
            raise forms.ValidationError(gettext("Choose at most %(most)d pictures.") % {"most": MOST_PHOTOS})
        drawn, problems = [], []
        for file in files:
            try:
                drawn.append(draw_anew(file))
            except NotAPicture as problem:
                problems.append(str(_WHY_NOT[problem.why]) % {"name": file.name})
        if problems:
            raise forms.ValidationError(problems)
        return drawn


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
    photos = PhotosField(
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
