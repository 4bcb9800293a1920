"""Pictures in a form: several files in one field, each drawn anew or refused with a sentence that names it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import IO, Any, Generic, TypeVar

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shop.gateways.pictures import NotAPicture
from shop.gateways.product_pictures import draw_upload
from shop.models import OptionValue, PhotoModel, ProductImage
from shop.operations.pictures import Caption
from shop.rules.pictures import MOST_AT_ONCE

Taken = TypeVar("Taken")

_WHY_NOT = {
    "kind": _("%(name)s is no picture we can take. Choose a JPEG, PNG or WebP file."),
    "bytes": _("%(name)s is larger than 10 MB. Choose a smaller picture."),
    "pixels": _("%(name)s has too many pixels. Choose a picture of at most 12,000 pixels a side."),
    "broken": _("%(name)s cannot be opened. Save the picture anew and choose it again."),
    "narrow": _("%(name)s is too small to look sharp. Choose a picture at least 800 pixels wide."),
}


class ManyFiles(forms.ClearableFileInput):
    """Several files in one field."""

    allow_multiple_selected = True


class PicturesField(forms.FileField, Generic[Taken]):
    """Up to `most` pictures; cleans to a list of what `take` makes of each file.  `take` raises NotAPicture."""

    widget = ManyFiles

    def __init__(self, *, most: int, take: Callable[[IO[bytes]], Taken], **kwargs: Any) -> None:
        """Keep how many files there may be and what is made of each."""
        super().__init__(**kwargs)
        self.most, self.take = most, take

    def clean(self, data: Any, initial: Any = None) -> list[Taken]:
        """Draw every picture anew.  Raises ValidationError with one sentence for each that cannot be taken."""
        files: Sequence[UploadedFile[Any]] = [
            file for file in (data if isinstance(data, list | tuple) else [data]) if file
        ]
        if self.required and not files:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        if len(files) > self.most:
            raise forms.ValidationError(gettext("Choose at most %(most)d pictures.") % {"most": self.most})
        taken, problems = [], []
        for file in files:
            try:
                taken.append(self.take(file))
            except NotAPicture as problem:
                problems.append(str(_WHY_NOT[problem.why]) % {"name": file.name})
        if problems and taken:
            problems.append(gettext("The other pictures were not kept either: choose them again."))
        if problems:
            raise forms.ValidationError(problems)
        return taken


class UploadForm(forms.Form):
    """Pictures of a piece, as a photographer delivers them."""

    use_required_attribute = False

    pictures = PicturesField(
        label=_("Pictures"),
        most=MOST_AT_ONCE,
        take=draw_upload,
        widget=ManyFiles(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        help_text=_(
            "Up to twelve at once: JPEG, PNG or WebP, at least 800 pixels wide. Place and camera are taken out."
        ),
        error_messages={"required": _("Choose the pictures")},
    )


class CaptionForm(forms.Form):
    """What a picture shows, in words and facts."""

    use_required_attribute = False

    alt = forms.CharField(
        label=_("What it shows"),
        max_length=250,
        required=False,
        widget=forms.TextInput(attrs={"size": 60}),
        help_text=_("For whoever cannot see it: “Sage tee on Marta, seen from the side”."),
    )
    role = forms.ChoiceField(label=_("Role"), choices=ProductImage.Role.choices)
    option = forms.ModelChoiceField(OptionValue.objects.none(), label=_("Shows"), required=False)
    worn_by = forms.ModelChoiceField(PhotoModel.objects.none(), label=_("Worn by"), required=False)
    worn_size = forms.ModelChoiceField(OptionValue.objects.none(), label=_("Size worn"), required=False)
    decorative = forms.BooleanField(
        label=_("Only decoration: a detail that tells nothing new and goes without words"), required=False
    )

    def __init__(self, *args: Any, options: Sequence[OptionValue], models: Sequence[PhotoModel], **kwargs: Any) -> None:
        """Offer what the piece comes in and who wears our pieces; read once for all forms of a page."""
        super().__init__(*args, **kwargs)
        for name, rows in (("option", options), ("worn_size", options), ("worn_by", models)):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 -- declared above
            field.queryset = type(rows[0]).objects.filter(pk__in=[row.pk for row in rows]) if rows else field.queryset
            nobody = _("every variant") if name == "option" else _("nobody") if name == "worn_by" else "–"
            field.choices = [("", nobody), *((row.pk, str(row)) for row in rows)]

    def clean(self) -> dict[str, Any]:
        """Ask for words, and for model and size together.  Raises ValidationError."""
        told: dict[str, Any] = super().clean() or {}
        if not told.get("decorative"):
            if not told.get("alt") and "alt" not in self.errors:
                self.add_error("alt", _("Say what it shows. Without words it is not shown."))
        elif told.get("alt"):
            self.add_error("decorative", _("You said what it shows, so it is no decoration. Untick this, or empty it."))
        elif told.get("role") != ProductImage.Role.DETAIL:
            self.add_error(
                "decorative", _("Only a detail may be decoration. Choose the role “detail”, or say what it shows.")
            )
        if bool(told.get("worn_by")) != bool(told.get("worn_size")):
            self.add_error("worn_size", _("Say who wears it and in which size, or neither."))
        return told

    @property
    def caption(self) -> Caption:
        """Return what was said."""
        return Caption(**self.cleaned_data)
