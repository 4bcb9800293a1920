"""Settings as a real shop has them, read by a fresh interpreter."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

REAL = {
    "SECRET_KEY": "k" * 60,
    "SITE_URL": "https://shop.example",
    "ALLOWED_HOSTS": "shop.example",
    "DATABASE_URL": "postgres://kingpost@database.internal/kingpost",
    "REDIS_URL": "redis://broker.internal:6379/0",
    "DEBUG": "",
    "KINGPOST_DEMO": "",
    "KINGPOST_TESTING": "",
    "CARRIER_WEBHOOK_SECRETS": "",
    "INBOUND_MAIL_SECRETS": "",
}
ASK = """
import json
from shop import settings as s
names = "COOKIE_PREFIX SESSION_COOKIE_NAME CSRF_COOKIE_NAME SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE DEBUG DEMO"
names += " TEST_CARD CARRIER_WEBHOOK_SECRETS INBOUND_MAIL_SECRETS ALLOWED_HOSTS SECURE_SSL_REDIRECT TRUSTED_PROXY"
print(json.dumps({name: getattr(s, name) for name in names.split()}))
"""


@pytest.fixture(scope="module")
def real() -> dict[str, object]:
    said = subprocess.run(
        [sys.executable, "-c", ASK], env=os.environ | REAL, capture_output=True, text=True, check=True, timeout=60
    ).stdout
    answer: dict[str, object] = json.loads(said)
    return answer


def test_a_real_shop_is_closed_until_it_is_opened(real: dict[str, object]) -> None:
    names = ["DEBUG", "DEMO", "TEST_CARD", "TRUSTED_PROXY", "CARRIER_WEBHOOK_SECRETS", "INBOUND_MAIL_SECRETS"]

    assert {name: real[name] for name in names} == {
        "DEBUG": False,
        "DEMO": False,
        "TEST_CARD": False,
        "TRUSTED_PROXY": False,
        "CARRIER_WEBHOOK_SECRETS": [],
        "INBOUND_MAIL_SECRETS": [],
    }
    assert (real["ALLOWED_HOSTS"], real["SECURE_SSL_REDIRECT"]) == (["shop.example"], True)


def test_cookies_of_a_real_shop_come_from_its_own_host_alone(real: dict[str, object]) -> None:
    assert (real["SESSION_COOKIE_NAME"], real["CSRF_COOKIE_NAME"]) == ("__Host-sessionid", "__Host-csrftoken")
    assert (real["SESSION_COOKIE_SECURE"], real["CSRF_COOKIE_SECURE"], real["COOKIE_PREFIX"]) == (True, True, "__Host-")
