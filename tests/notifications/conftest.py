"""What tests of messages share."""

from __future__ import annotations

import pytest
from django.urls import NoReverseMatch, reverse
from pytest_django import Settings


@pytest.fixture(autouse=True)
def _linked_pages(settings: Settings) -> None:
    """Let links of mails be written where the pages themselves are not there yet."""
    try:
        reverse("orders:track", args=["token"])
    except NoReverseMatch:
        settings.ROOT_URLCONF = "tests.notifications.urls"
