"""Lengths as people write them, and the two forms that ask for some."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from shop.queries.own_size import GuideSizes, OwnSize
from shop.rules.lengths import CENTIMETRES, INCHES, in_unit, millimetres

SHORTEST_MM, LONGEST_MM = 10, 3000
UNITS = ((CENTIMETRES, gettext_lazy("cm")), (INCHES, gettext_lazy("inches")))


class LengthField(forms.DecimalField):
    """A length as people write it: "96", "96.5", "96,5", "96 cm"."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "class": "short"})
        super().__init__(widget=widget, error_messages={"invalid": self.NOT_A_LENGTH}, **kwargs)

    NOT_A_LENGTH = gettext_lazy("Enter a length in numbers, such as 96 or 96.5.")

    def to_python(self, value: Any) -> Any:
        """Take a comma for a point, and leave a unit away."""
        return super().to_python(re.sub(r"\s*(cm|in|″|\")\.?\s*$", "", str(value or "")).replace(",", "."))


class LengthsForm(forms.Form):
    """Some lengths in one unit; each may be left out.

    `asked` holds (code, label, how to measure) of each, `some` asks for at least one.  `lengths` of a valid form are
    whole millimetres by code.
    """

    use_required_attribute = False

    unit = forms.ChoiceField(label=gettext_lazy("Units"), choices=UNITS, initial=CENTIMETRES)

    def __init__(
        self,
        *args: Any,
        asked: Iterable[tuple[str, str, str]],
        known_mm: Mapping[str, int],
        unit: str,
        some: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.some = some
        self.fields["unit"].initial = unit
        self.codes = []
        for code, label, how_to in asked:
            self.codes.append(code)
            known = in_unit(known_mm[code], unit) if code in known_mm else None
            self.fields[code] = LengthField(label=label, help_text=how_to, required=False, initial=known)

    @property
    def length_fields(self) -> list[forms.BoundField]:
        """Return the fields that ask for a length."""
        return [self[code] for code in self.codes]

    def clean(self) -> dict[str, Any]:
        """Turn lengths into millimetres, and refuse those nobody can have."""
        data = super().clean() or self.cleaned_data
        self.lengths: dict[str, int] = {}
        unit = str(data.get("unit") or "")
        for code in self.codes if unit else ():
            if (length := data.get(code)) is None:
                continue
            mm = millimetres(length, unit) if abs(length) < LONGEST_MM else LONGEST_MM + 1
            if SHORTEST_MM <= mm <= LONGEST_MM:
                self.lengths[code] = mm
            else:
                limits = {"low": in_unit(SHORTEST_MM, unit), "high": in_unit(LONGEST_MM, unit)}
                self.add_error(code, _("Enter a length from %(low)s to %(high)s. Is the unit right?") % limits)
        if self.some and not self.lengths and not self.errors:
            self.add_error(self.codes[0], _("Enter at least one measure."))
        return data


class OwnSizeForm(LengthsForm):
    """Measures of a body, and the usual size by guide."""

    def __init__(self, *args: Any, guides: Iterable[GuideSizes], known: OwnSize, **kwargs: Any) -> None:
        super().__init__(*args, known_mm=known.measures, **kwargs)
        self.guides = {f"usual-{guide.code}": guide for guide in guides}
        for name, guide in self.guides.items():
            nothing = [("", pgettext_lazy("no usual size", "I do not know"))]
            self.fields[name] = forms.ChoiceField(
                label=guide.name,
                required=False,
                choices=[*nothing, *((size, size) for size in guide.sizes)],
                initial=known.usual.get(guide.code, ""),
                error_messages={"invalid_choice": _("Choose a size from the list.")},
            )

    @property
    def size_fields(self) -> list[forms.BoundField]:
        """Return the fields that ask for a usual size."""
        return [self[name] for name in self.guides]

    @property
    def usual(self) -> dict[str, str]:
        """Return the sizes that were chosen, by guide."""
        chosen = {guide.code: self.cleaned_data[name] for name, guide in self.guides.items()}
        return {code: size for code, size in chosen.items() if size}
