"""No personal data and no secret in logs.  Every journey and fault test is searched (tests/conftest.py); here is the
control, and what blots a line that says too much.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from django.test import Client

from shop import subscriptions
from shop.logs import DiscreetFormatter
from shop.models import Event
from shop.operations.events import record_event, relay_events
from shop.rules.secrecy import blotted
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


TOKEN = "Zm9yZ2VkLXRva2VuLW9mLTMy"


@contextmanager
def written() -> Iterator[io.StringIO]:
    """Collect what the configured handler writes, through every logger that leads to it."""
    handler = next(h for h in logging.getLogger().handlers if isinstance(h.formatter, DiscreetFormatter))
    assert isinstance(handler, logging.StreamHandler)
    lines = io.StringIO()
    before = handler.setStream(lines)
    yield lines
    handler.setStream(before)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "/orders/{}/",
        "/orders/{}/thanks/",
        "/orders/{}/return/KP-1-R1/",
        "/help/contact/sent/{}/",
        "/nowhere/?order={}",
        "/orders/{}",
    ],
)
def test_secret_links_never_reach_the_log(address: str) -> None:
    with written() as lines:
        Client().get(address.format(TOKEN), follow=True)

    assert "WARNING django.request" in lines.getvalue()
    assert TOKEN not in lines.getvalue()


def test_addresses_in_errors_and_their_tracebacks_never_reach_the_log() -> None:
    with written() as lines:
        try:
            raise ValueError("550 no mailbox <ana@example.com>")
        except ValueError:
            logging.getLogger("notifications.anything").exception("sending to %s failed", "rui.lopes@mail.example.org")

    assert "Traceback" in lines.getvalue()
    assert "550 no mailbox <[...]>" in lines.getvalue()
    assert personal_data_in([lines.getvalue()]) == []
    assert "rui" not in lines.getvalue()


def test_without_the_formatter_both_would_be_there() -> None:
    """The negative control: the record itself says too much."""
    record = logging.LogRecord(
        "x", logging.INFO, "", 1, "Not Found: %s by %s", (f"/orders/{TOKEN}/", "a@b.example"), None
    )

    assert logging.Formatter().format(record) == f"Not Found: /orders/{TOKEN}/ by a@b.example"
    assert DiscreetFormatter().format(record) == "Not Found: /orders/[...]/ by [...]"


@pytest.mark.parametrize(
    "line",
    [
        "inbound 12 from courier:demo failed: KeyError",
        "GET /orders/find/ 200",
        "GET /admin/shop/event/?q=parcel 200",
        "POST /hooks/mail/ 202",
        "celery@3f2a ready",
    ],
)
def test_ordinary_lines_stay_as_they_are(line: str) -> None:
    assert blotted(line) == line
