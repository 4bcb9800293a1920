"""Names of places in the page's language."""

from __future__ import annotations

from babel import Locale
from django import template
from django.conf import settings
from django.utils.translation import get_language

register = template.Library()


@register.simple_tag
def country_name(code: str) -> str:
    """Write a country: `{% country_name order.country %}`; the code itself when it is no country."""
    names = Locale.parse(get_language() or settings.LANGUAGE_CODE, sep="-").territories
    return str(names.get(code, code))
