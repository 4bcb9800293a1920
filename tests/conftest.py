"""What every test may ask for."""

from __future__ import annotations

import gc
import os
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import gettempdir

import hypothesis
import pytest
from django.conf import settings
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker

from shop.queries import calendars
from shop.queries.audit import breaches
from tests.database import empty_what_was_filled, fresh_database


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take how hard it storms."""
    parser.addoption("--storm", choices=["small", "full"], default="small", help="full: minutes, see make storm")


def pytest_configure() -> None:
    """Leave out what costs time and proves nothing here.  Programs the tests start do not read this."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the real one is slow on purpose
    settings.WHITENOISE_AUTOREFRESH = True  # else every test client begins by looking at each file of static/
    settings.ERASURE_JOURNAL = Path(gettempdir()) / f"kingpost-tests-{os.getuid()}" / "erasures.jsonl"
    TransactionTestCase._fixture_teardown = empty_what_was_filled
    gc.freeze()  # what is loaded by now stays; looking through it again and again is a tenth of the time
    gc.set_threshold(50_000, 20, 100)


# Searches for a counter-example: a few at every run, many with --hypothesis-profile=thorough.
hypothesis.settings.register_profile("quick", max_examples=40, deadline=None)
hypothesis.settings.register_profile("thorough", max_examples=1000, deadline=None)
hypothesis.settings.load_profile("quick")


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker, django_db_modify_db_settings: None
) -> Iterator[None]:
    """Give every worker a copy of the migrated template."""
    with django_db_blocker.unblock(), fresh_database(), django_db_blocker.block():
        yield


# After these tests the database must hold everything it promises, whatever was done to the machine.
AUDITED = {"journeys", "faults", "browser"}

# Shoppers of the tests live at example.com and have these names (reliability reference S24).
PERSONAL = re.compile(r"[\w.+-]+@example\.com|Ana Costa|Rua das Flores|\+351 ?9\d\d")


def personal_data_in(lines: Iterable[str]) -> list[str]:
    """Return the log lines that name somebody."""
    return [line for line in lines if PERSONAL.search(line)]


# One fixed moment: Monday 2 March 2026, 09:30 in Lisbon, before the cut-off.
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    """Monday 2 March 2026, half past nine in Lisbon."""
    return NOW


@pytest.fixture(autouse=True)
def _no_calendar_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every test begin with calendars nobody has read yet, and none run over the end of what is kept of them.

    A process keeps what calendars say for ten minutes of the machine's clock.  Where these ended between two pages of a
    test the second one read them anew: three queries more than it is allowed.
    """
    monkeypatch.setattr(calendars, "_kept", {})
    monkeypatch.setattr(calendars, "monotonic", lambda: 0.0)


@pytest.fixture(autouse=True)
def _audited(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """After every journey and every fault test the audit is clean and no log line names anybody.

    `@pytest.mark.unaudited("why")` leaves one out.
    """
    node = request.node
    folder = Path(str(node.path)).parent.name
    if folder not in AUDITED or not node.get_closest_marker("django_db") or node.get_closest_marker("unaudited"):
        yield
        return
    request.getfixturevalue("db")  # stands before us, so it is emptied after us
    yield
    lines = [record.getMessage() + (record.exc_text or "") for record in caplog.get_records("call")]
    assert personal_data_in(lines) == []
    assert breaches() == []
