"""Hearing which texts a language does not know while a page or a mail is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from django.conf import settings
from django.utils.translation import trans_real


@contextmanager
def unknown_texts(language: str) -> Iterator[set[str]]:
    """Collect every text asked for in `language` that none of its catalogues has.  Everybody is answered as always."""
    unknown: set[str] = set()
    spoken: Any = trans_real.translation(language)
    names = {name for _, name in settings.LANGUAGES}  # a language is called by its own name in every language

    def heard(function: Callable[..., str]) -> Callable[..., str]:
        def ask(text: str, *more: Any) -> str:
            if text not in names and spoken._catalog.get(text) is None and spoken._catalog.get((text, 0)) is None:
                unknown.add(text.rpartition("\x04")[2])
            return function(text, *more)

        return ask

    with patch.multiple(spoken, gettext=heard(spoken.gettext), ngettext=heard(spoken.ngettext)):
        yield unknown
