"""A file of the catalogue, chosen in the admin."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

MOST_BYTES = 5 * 1024 * 1024


class CatalogueFileForm(forms.Form):
    """A CSV or XLSX file that a web request can take; longer ones go through the command."""

    file = forms.FileField(
        label=_("CSV or XLSX file"),
        error_messages={
            "required": _("Choose the file"),
            "empty": _("The file is empty. Choose another one"),
        },
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,text/csv"}),
    )

    def clean_file(self) -> bytes:
        """Return the bytes of a file that is not too large."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(
                _("The file is larger than 5 MB. Split it, or ask ops to run manage.py import_catalogue."), code="large"
            )
        read: bytes = file.read()
        return read
