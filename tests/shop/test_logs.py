"""No personal data in logs.  Every journey and fault test is searched (tests/conftest.py); here is the control."""

from __future__ import annotations

import logging
from datetime import datetime

import pytest

from shop import subscriptions
from shop.models import Event
from shop.operations.events import record_event, relay_events
from tests.conftest import personal_data_in


def test_search_sees_what_must_not_be_logged() -> None:
    lines = ["order 12 placed", "mail to ana@example.com failed", "Ana Costa, Rua das Flores 12"]

    assert personal_data_in(lines) == lines[1:]


@pytest.mark.django_db
def test_a_consumer_that_fails_with_an_address_does_not_log_it(
    now: datetime, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spill(event: Event) -> None:
        raise ValueError("no mail server for ana@example.com")

    monkeypatch.setattr(subscriptions, "_consumers", {})
    monkeypatch.setattr(subscriptions, "_listeners", subscriptions.defaultdict(list))
    subscriptions.subscribe("tests.spiller", "shop.tea.spilt", call=spill)
    record_event(name="shop.tea.spilt", subject="shop.tea:1", at=now)

    with caplog.at_level(logging.DEBUG, logger="shop"):
        relay_events(now)

    lines = [record.getMessage() for record in caplog.records if record.name.startswith("shop")]
    assert len(lines) == 1
    assert lines[0].endswith("to tests.spiller failed: ValueError")
    assert personal_data_in(lines) == []
