"""Journeys in the machine's own Chromium; skipped where there is none."""

from __future__ import annotations

import os
import shutil
from typing import Any

import pytest

CHROMIUM = next(filter(None, (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))), None)

# Playwright's synchronous API runs an event loop in this thread, which Django takes for an asynchronous caller.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a browser when the machine has none."""
    if CHROMIUM is None:
        skip = pytest.mark.skip(reason="no Chromium on this machine: apt-get install chromium")
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(skip)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Use the system's Chromium; the sandbox needs rights a container does not have."""
    return {"executable_path": CHROMIUM, "args": ["--no-sandbox", "--disable-gpu"]}
