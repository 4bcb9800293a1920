"""Which country the dates are for."""

from __future__ import annotations

from babel import Locale
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from orders.queries.quotes import served_countries

COUNTRY_COOKIE = "country"  # set where the shopper chooses: product page and preferences


def chosen_country(request: HttpRequest) -> str:
    """Return the country of the visitor's cookie, else the shop's own; two capital letters."""
    code = request.COOKIES.get(COUNTRY_COOKIE, "")
    if len(code) == 2 and code.isascii() and code.isalpha() and code.isupper():
        return code
    return settings.SHOP_COUNTRY


def country_names() -> dict[str, str]:
    """Return the name of every country by code, in the page's language."""
    names = Locale.parse(get_language() or settings.LANGUAGE_CODE, sep="-").territories
    return {str(code): str(name) for code, name in names.items()}


def country_choices() -> list[tuple[str, str]]:
    """Return (code, name) of every country somebody delivers to, by name.  One query."""
    names = country_names()
    return sorted(((code, names.get(code, code)) for code in served_countries()), key=lambda pair: pair[1])
