"""System checks: what an owner can break without noticing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.contrib.staticfiles import finders
from django.core import checks
from django.core.checks import CheckMessage

from shop.rules.contrast import READABLE, contrast

BRAND_CSS = "css/brand.css"
PAIRS = (("ink", "paper"), ("brand", "paper"), ("accent", "paper"), ("on-brand", "brand"))
_HEX = r"#[0-9a-fA-F]{6}"
_PLAIN = re.compile(rf"--([a-z-]+):\s*({_HEX})\s*;")
_BOTH = re.compile(rf"--([a-z-]+):\s*light-dark\(\s*({_HEX})\s*,\s*({_HEX})\s*\)\s*;")


def brand_is_readable(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Warn when colours of brand.css are too close to read (WCAG 1.4.3); says nothing where there is no such file."""
    path = finders.find(BRAND_CSS)
    if not path:
        return []
    with open(path, encoding="utf-8") as file:
        return list(unreadable(file.read()))


def unreadable(css: str) -> Iterator[CheckMessage]:
    """Yield a warning for each pair below 4.5 to 1, in the plain, the light and the dark set of colours."""
    sets = {
        "without light-dark()": dict(_PLAIN.findall(css)),
        "light": {name: light for name, light, _ in _BOTH.findall(css)},
        "dark": {name: dark for name, _, dark in _BOTH.findall(css)},
    }
    for theme, colours in sets.items():
        for text, ground in PAIRS:
            if text not in colours or ground not in colours:
                continue
            ratio = contrast(colours[text], colours[ground])
            if ratio < READABLE:
                yield checks.Warning(
                    f"--{text} on --{ground} has a contrast of {ratio:.1f} to 1 ({theme}).",
                    hint=f"Make one of them darker or lighter in static/{BRAND_CSS}: readable text needs 4.5 to 1.",
                    id="shop.W001",
                )
