"""The headers a bare answer lacks are named, and what a production start refuses.

That every page carries them is asked on the walk of test_role_matrix.py.  Source: reliability reference S7, S25, S26.
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

from tests.addresses import every_address
from tests.headers import faults_of, shared_faults
from tests.shop.test_role_matrix import address_url, all_rows


def test_header_check_sees_a_bare_answer() -> None:
    assert len(faults_of(HttpResponse("bare"))) == 7


def test_header_check_sees_a_page_that_others_would_keep() -> None:
    answer = HttpResponse("Ana's order", headers={"Cache-Control": "public, max-age=60"})

    assert shared_faults("orders:track", "customer", answer) == ["others may keep it"]
    answer.set_cookie("bag", "1")
    assert shared_faults("shop:home", "anonymous", answer) == ["others may keep it although it sets a cookie"]


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
    around = {
        "DATABASE_URL": "postgres://kingpost@database.internal/kingpost",
        "REDIS_URL": "redis://broker.internal:6379/0",
        "CARRIER_WEBHOOK_SECRETS": "the-courier-and-we-share-this-long-one",
        "INBOUND_MAIL_SECRETS": "the-mail-room-and-we-share-this-long-one",
    }

    done = run(["manage.py", "check", "--deploy", "--fail-level", "INFO"], **PRODUCTION, **around)

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
