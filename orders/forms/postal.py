"""The parts of an address, asked for as its country writes them: one way for every form that takes an address.

A form that has the fields `street`, `extra`, `postcode`, `city` and `region` calls `ask_for` when it is made, shows
`parts_of`, and calls `check_place` when it cleans; the latter is `postcode_of` and `region_of`, said in the form.
Source: https://github.com/google/libaddressinput/wiki/AddressValidationMetadata, through `address_formats`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from orders.queries.address_formats import AddressFormat, address_format
from orders.rules.addresses import PostcodeUnlikely, tidy_postcode

PARTS = ("street", "extra", "postcode", "city", "region")
TOKENS = {  # what a browser knows the parts as
    "street": "address-line1",
    "extra": "address-line2",
    "postcode": "postal-code",
    "city": "address-level2",
    "region": "address-level1",
}


def ask_for(form: forms.BaseForm, country: str, *, needed: bool = True, keeps: Iterable[str] = ()) -> AddressFormat:
    """Ask for the parts a country (two letters) writes, under its names; return its format.

    What it does not write is not asked for, nothing is required where no address is `needed`.  `keeps` are regions that
    stand on an address already: one that is not in today's list stays a choice, so that nobody loses it by saving.
    """
    known = address_format(country)
    for name in PARTS:
        field = form.fields[name]
        field.required = name in known.required and needed
        field.widget.attrs["autocomplete"] = TOKENS[name]
        if name in known.labels:
            _call(field, known.labels[name])
    if "region" in known.parts and known.regions:
        form.fields["region"] = _choice_of_region(known, required=form.fields["region"].required, keeps=keeps)
    return known


def _call(field: forms.Field, label: str | Promise) -> None:
    """Call a part by its name in the country, also where it says that it is missing."""
    if str(label) != str(field.label):
        field.label = str(label)
        field.error_messages["required"] = _("Fill in: %(part)s.") % {"part": label}


def _choice_of_region(known: AddressFormat, *, required: bool, keeps: Iterable[str]) -> forms.ChoiceField:
    label = str(known.labels["region"])
    listed = {code for code, _name in known.regions}
    kept = [(region, region) for region in dict.fromkeys(keeps) if region and known.region_code(region) not in listed]
    return forms.ChoiceField(
        label=label,
        required=required,
        choices=[("", _("Choose")), *kept, *known.regions],
        widget=forms.Select(attrs={"autocomplete": TOKENS["region"]}),
        error_messages={
            "required": _("Choose the %(part)s.") % {"part": _inside(label)},
            "invalid_choice": _("Choose one from the list."),
        },
    )


def _inside(label: str) -> str:
    """Return a name as it stands inside a sentence: German writes its nouns with a capital there, too."""
    return label if (get_language() or "").startswith("de") else label.lower()


def parts_of(form: forms.BaseForm, known: AddressFormat) -> list[forms.BoundField]:
    """Return the fields of an address in the order of its country."""
    return [form[name] for name in known.parts]


def check_place(form: forms.Form, known: AddressFormat, data: dict[str, Any]) -> None:
    """Write postcode and region in `data` as we keep them, and say in the form what cannot be."""
    if "region" in data:
        data["region"] = region_of(known, data["region"])
    if "postcode" in data:
        try:
            data["postcode"] = postcode_of(known, data["postcode"])
        except forms.ValidationError as unlikely:
            form.add_error("postcode", unlikely)


def postcode_of(known: AddressFormat, typed: str) -> str:
    """Return a postcode as its country writes it: nothing where it writes none, or none was typed.

    Raises ValidationError with an example.
    """
    if not typed or "postcode" not in known.parts:
        return ""
    try:
        written = tidy_postcode(typed, known.country)
    except PostcodeUnlikely as unlikely:
        raise _unlikely(unlikely.example) from None
    if not known.knows_postcode(written):
        raise _unlikely(known.postcode_example)
    return written


def _unlikely(example: str) -> forms.ValidationError:
    if not example:
        return forms.ValidationError(_("There is no such postcode there. Look at it once more."))
    return forms.ValidationError(_("Enter a postcode like %(example)s.") % {"example": example})


def region_of(known: AddressFormat, typed: str) -> str:
    """Return a region as we keep it: the code of a listed one, and nothing where the country writes none."""
    return known.region_code(typed) if "region" in known.parts else ""
