"""System checks: what an owner can break without noticing."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
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


WEAK_BELOW = 16  # signs; a secret of a webhook is guessed at leisure, by whoever has kept one delivery


def fit_for_the_public(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Complain, with `check --deploy`, about what belongs into a demo or a workbench only."""
    return [*_demo(), *_embedded_servers(), *_webhook_secrets()]


def _demo() -> Iterator[CheckMessage]:
    if settings.DEMO or settings.TESTING:
        yield checks.Error(
            "The demo is switched on: a pretend card buys real things, secrets and staff passwords are known.",
            hint="Unset KINGPOST_DEMO and KINGPOST_TESTING.",
            id="shop.E001",
        )


def _embedded_servers() -> Iterator[CheckMessage]:
    for name in ("DATABASE_URL", "REDIS_URL"):
        url = os.environ.get(name, "")
        if not url or str(settings.DATA_DIR / "embedded") in url.replace("%2F", "/").replace("%2f", "/"):
            yield checks.Warning(
                f"{name} names no server, so commands would start an embedded one, made for demo and tests.",
                hint=f"Name a server of your own in {name}.",
                id="shop.W002",
            )


def _webhook_secrets() -> Iterator[CheckMessage]:
    vendors = ("EASYPOST_WEBHOOK_SECRETS", "AFTERSHIP_WEBHOOK_SECRETS", "SHIPPO_WEBHOOK_SECRETS")
    for name in ("CARRIER_WEBHOOK_SECRETS", "INBOUND_MAIL_SECRETS", *vendors):
        secrets = getattr(settings, name)
        if not secrets and name in vendors:
            continue
        if not secrets:
            yield checks.Info(f"{name} is empty, so nothing is accepted there.", id="shop.I001")
        elif any(len(secret) < WEAK_BELOW for secret in secrets):
            yield checks.Warning(
                f"{name} holds a secret of fewer than {WEAK_BELOW} signs.",
                hint="python3 -c 'import secrets; print(secrets.token_urlsafe(32))'",
                id="shop.W003",
            )
