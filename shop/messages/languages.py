"""Which of the shop's languages somebody is spoken to in."""

from __future__ import annotations

from django.conf import settings
from django.utils import translation


def known_language(locale: str) -> str:
    """Return the language of an order when the shop speaks it, else the shop's own."""
    try:
        return str(translation.get_supported_language_variant(locale))
    except LookupError:
        return str(settings.LANGUAGE_CODE)
