"""What `manage.py` does besides Django's commands: the tests and the checks."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Callable

from shop.bootstrap import chromium
from shop.bootstrap.local import CHECKOUT

APPS = ("shop", "orders", "returns", "support", "notifications")


def test(arguments: list[str]) -> int:
    """Run pytest with `arguments`; without any the whole suite, first what may share the machine, then what may not."""
    if browser := chromium.find_or_install():
        os.environ["KINGPOST_CHROMIUM"] = browser
    sys.stdout.flush()
    if arguments:
        os.chdir(CHECKOUT)
        os.execv(sys.executable, [*_module("pytest"), *arguments])  # noqa: S606 - our own interpreter
    ran = [_run([*_module("pytest"), "-q", "-m", marked, *extra]) for marked, extra in _suites()]
    return next((status for status in ran if status != 0), 0)


def _suites() -> list[tuple[str, list[str]]]:
    """The suite in two goes.  Two workers at the most: each runs races of fifty threads on the same small server."""
    shared = ["-n", "2", "--dist", "worksteal"] if (os.cpu_count() or 1) > 1 else []
    return [("not browser and not faults and not bench", shared), ("browser or faults", [])]


def check_all(arguments: list[str]) -> int:
    """Run every check of `make check`, all of them even if one fails; return 1 when any did."""
    failed = [title for title, command, extra in _checks() if not _passes(title, command, extra)]
    if failed:
        print(f"Not in order: {', '.join(failed)}.", file=sys.stderr)
    return 1 if failed else 0


def format_all(arguments: list[str]) -> int:
    """Put code and templates into the one form the checks ask for."""
    ran = [_run([*_module("ruff"), "check", "--fix", "."]), _run([*_module("ruff"), "format", "."])]
    if templates := _templates():
        ran.append(_run([_program("djangofmt"), "check", "--fix", *templates]))
        ran.append(_run([_program("djangofmt"), *templates]))
    return max(ran)


VERBS: dict[str, Callable[[list[str]], int]] = {"test": test, "check_all": check_all, "format_all": format_all}

HELP = {
    "setup": """usage: manage.py setup

Build .venv/ in the checkout from requirements.txt, or do nothing when it is up to date.

example: python3 manage.py setup
""",
    "test": """usage: manage.py test [what pytest takes]

Set up and run the whole suite, browser journeys included; with arguments, pytest with those alone.

examples: python3 manage.py test
          python3 manage.py test tests/orders -q -k promise
          python3 manage.py test --co -q        list the tests
          .venv/bin/pytest --help               what pytest takes
""",
    "check_all": """usage: manage.py check_all

Run every check of `make check`, all of them even if one fails; exit 1 when any did.

example: python3 manage.py check_all
""",
    "format_all": """usage: manage.py format_all

Put code and templates into the one form the checks ask for.

example: python3 manage.py format_all
""",
}


def _checks() -> list[tuple[str, list[str], dict[str, str]]]:
    manage = [sys.executable, "manage.py"]
    checks: list[tuple[str, list[str], dict[str, str]]] = [
        ("ruff", [*_module("ruff"), "check", "."], {}),
        ("format", [*_module("ruff"), "format", "--check", "."], {}),
        ("import direction", [_program("lint-imports")], {}),
        ("types", [*_module("mypy"), *APPS], _workbench()),
        ("texts", [*manage, "translate_texts", "--check"], _workbench()),
        ("migrations", [*manage, "makemigrations", "--check", "--dry-run"], {}),
        ("deployment", [*manage, "check", "--deploy", "--fail-level", "WARNING"], _production()),
    ]
    if templates := _templates():
        checks[3:3] = [
            ("template format", [_program("djangofmt"), "--check", *templates], {}),
            ("template lint", [_program("djangofmt"), "check", *templates], {}),
        ]
    return checks


def _passes(title: str, command: list[str], extra: dict[str, str]) -> bool:
    ran = subprocess.run(
        command,
        cwd=CHECKOUT,
        env=os.environ | extra,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    print(f"{title:18} {'ok' if ran.returncode == 0 else 'NOT IN ORDER'}", flush=True)
    if ran.returncode != 0:
        print(ran.stdout + ran.stderr, flush=True)
    return ran.returncode == 0


def _run(command: list[str]) -> int:
    return subprocess.run(command, cwd=CHECKOUT, stdin=subprocess.DEVNULL, check=False).returncode


def _module(name: str) -> list[str]:
    return [sys.executable, "-m", name]


def _program(name: str) -> str:
    """A program that came with the packages: beside the interpreter we run in."""
    return str(os.path.join(os.path.dirname(sys.executable), name))


def _templates() -> list[str]:
    return sorted(str(page.relative_to(CHECKOUT)) for page in (CHECKOUT / "templates").rglob("*.html"))


def _workbench() -> dict[str, str]:
    """mypy's Django plugin reads the settings, so they need what settings insist on."""
    return {
        "SECRET_KEY": os.environ.get("SECRET_KEY") or secrets.token_urlsafe(50),
        "DATABASE_URL": os.environ.get("DATABASE_URL") or "postgres://nobody@127.0.0.1:1/nowhere",
    }


def _production() -> dict[str, str]:
    """Settings as a real shop has them."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "DATABASE_URL": "postgres://kingpost@database.internal/kingpost",
        "REDIS_URL": "redis://broker.internal:6379/0",
        "EMAIL_URL": "smtp+tls://kingpost@mail.internal:587",
        "ALLOWED_HOSTS": "shop.example",
        "CARRIER_WEBHOOK_SECRETS": secrets.token_urlsafe(32),
        "INBOUND_MAIL_SECRETS": secrets.token_urlsafe(32),
        "SITE_URL": "https://shop.example",
        "DEBUG": "off",
        "KINGPOST_DEMO": "",
    }
