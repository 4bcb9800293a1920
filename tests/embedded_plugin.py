"""Loaded with -p: gives the tests their own servers and settings before Django reads any.

The cluster is apart from the demo's and trades safety for speed. DATABASE_URL and REDIS_URL name others;
KINGPOST_TEST_HOME another folder, for two runs at the same time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from shop import embedded
from shop.bootstrap import bytecode, chromium, local

NOT_RUN = "no Chromium here: `apt install chromium`, or name one in KINGPOST_CHROMIUM"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Set the environment; parallel workers inherit it."""
    bytecode.keep_compiled_code()
    local.read_env_file()
    os.environ["KINGPOST_TESTING"] = "1"
    os.environ.pop("KINGPOST_DEMO", None)
    asks_only = early_config.known_args_namespace.help or early_config.known_args_namespace.version
    if not asks_only:
        home = os.environ.get("KINGPOST_TEST_HOME") or local.data_dir() / "embedded-test"
        try:
            embedded.fill_urls(Path(home), durable=False)
        except embedded.EmbeddedError as refusal:
            raise pytest.UsageError(str(refusal)) from None
    return (yield)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tell that browser journeys cannot run, instead of failing each of them."""
    if chromium.find():
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=NOT_RUN))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say it once more where nobody overlooks it."""
    skipped = terminalreporter.stats.get("skipped", [])
    count = sum(1 for report in skipped if NOT_RUN in str(report.longrepr))
    if count:
        terminalreporter.write_line(f"{count} browser journeys were NOT RUN: {NOT_RUN}", yellow=True)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    """Playwright drives the browser we found; Chromium's sandbox does not work for root."""
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {"executable_path": chromium.find(), "args": ["--disable-gpu", *arguments]}
