"""What every answer carries, and what a production start refuses.

Source: reliability reference S7, S25, S26.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone

from tests.addresses import every_address
from tests.role_matrix import Row, expected
from tests.shop.test_role_matrix import World, address_url, all_rows, name_of, rolled_back, tokens

# Whoever adds a directive that loosens one of these must say so here.
POLICY = {
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
}
CLOSED = {"default-src 'none'", "sandbox"}  # downloads of what strangers sent

# Only these may be kept by anybody but the browser that asked: anonymous catalogue pages, the same for everyone.
SHARED = {"shop:home", "shop:category", "shop:product"}


@pytest.mark.django_db
def test_every_page_carries_the_headers() -> None:
    world = World(timezone.now())
    faults: list[str] = []

    for address in every_address():
        row = all_rows().get(name_of(address))
        for role in ("anonymous", "auditor", "lead") if row else ():
            with rolled_back():
                answer = ask(world, address, row, role)
            if answer is not None:
                faults += [f"{name_of(address)} as {role}: {fault}" for fault in faults_of(answer)]
                faults += shared_faults(name_of(address), role, answer)

    assert not faults, "\n" + "\n".join(faults)


def ask(world: World, address: Any, row: Row, role: str) -> HttpResponse | None:
    if expected(row.get, role) == "method":
        return None
    return world.clients[role].get(address_url(address, {**tokens(world, address, role), **row.with_()}))


def faults_of(answer: HttpResponse) -> list[str]:
    """Name every header that is missing or weaker than it must be."""
    headers = answer.headers
    policy = {part.strip() for part in headers.get("Content-Security-Policy", "").split(";") if part.strip()}
    checks = {
        f"Content-Security-Policy {policy}": policy == POLICY or policy >= CLOSED,
        "X-Content-Type-Options": headers.get("X-Content-Type-Options") == "nosniff",
        "X-Frame-Options": headers.get("X-Frame-Options") == "DENY",
        "Referrer-Policy": headers.get("Referrer-Policy") in {"strict-origin", "same-origin", "no-referrer"},
        "Permissions-Policy": "camera=()" in headers.get("Permissions-Policy", ""),
        "Cross-Origin-Opener-Policy": headers.get("Cross-Origin-Opener-Policy") == "same-origin",
        "Cache-Control": bool(headers.get("Cache-Control")),
    }
    return [name for name, kept in checks.items() if not kept]


def shared_faults(name: str, role: str, answer: HttpResponse) -> list[str]:
    """A page that others may keep sets no cookie, and only anonymous catalogue pages are such pages."""
    if "public" not in answer.headers.get("Cache-Control", ""):
        return []
    if name not in SHARED or role != "anonymous":
        return [f"{name} as {role}: others may keep it"]
    return [f"{name}: kept by others although it sets a cookie"] if answer.cookies else []


def test_header_check_sees_a_bare_answer() -> None:
    assert len(faults_of(HttpResponse("bare"))) == 7


# -- Production -------------------------------------------------------------------------------------------------------

PRODUCTION = {
    "SECRET_KEY": "a-long-random-key-of-the-kind-production-has-0123456789-abcdefghij",
    "SITE_URL": "https://shop.example",
    "ALLOWED_HOSTS": "shop.example",
}


def run(code_or_verb: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a fresh process with production's environment and nothing of ours."""
    keep = {name: os.environ[name] for name in ("PATH", "DATABASE_URL", "REDIS_URL", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, *code_or_verb],
        cwd=Path(settings.BASE_DIR),
        env=keep | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def setting(expression: str, **environment: str) -> str:
    lines = f"import django; django.setup(); from django.conf import settings; print({expression})"
    done = run(["-c", lines], DJANGO_SETTINGS_MODULE="shop.settings", **environment)
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


def test_deployment_check_is_clean_under_production_settings() -> None:
    done = run(["manage.py", "check", "--deploy", "--fail-level", "WARNING"], **PRODUCTION)

    assert (done.returncode, done.stdout) == (0, "System check identified no issues (0 silenced).\n")


def test_start_is_refused_without_a_secret_key() -> None:
    without = {name: value for name, value in PRODUCTION.items() if name != "SECRET_KEY"}

    said = setting("settings.SECRET_KEY", **without)

    assert said.startswith("django.core.exceptions.ImproperlyConfigured: SECRET_KEY is not set.")


def test_production_knows_no_test_card_no_webhook_secret_and_no_debug() -> None:
    told = setting(
        "settings.TEST_CARD, settings.DEMO, settings.DEBUG, settings.CARRIER_WEBHOOK_SECRETS,"
        " settings.INBOUND_MAIL_SECRETS, settings.SESSION_COOKIE_SECURE, settings.SECURE_HSTS_SECONDS",
        **PRODUCTION,
    )

    assert told == "False False False [] [] True 31536000"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["orders:courier-hook", "support:mail-hook"])
def test_a_webhook_without_a_secret_takes_nothing(name: str, settings: Any, client: Any) -> None:
    settings.CARRIER_WEBHOOK_SECRETS = []
    settings.INBOUND_MAIL_SECRETS = []
    rows = [(address, all_rows()[address.name]) for address in every_address() if address.name == name]
    if not rows:
        pytest.skip(f"{name} has no row in tests/role_matrix.py yet")
    for address, row in rows:
        answer = client.post(address_url(address, dict(row.with_())), b"{}", content_type="application/json")
        assert answer.status_code in {400, 401, 403, 503}
