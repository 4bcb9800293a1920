"""The sign of life the containers of worker and beat are judged by."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from shop.bootstrap.alive import visitors_host
from shop.operations.heartbeats import beat_heard


@pytest.mark.django_db
def test_silence_and_old_beats_are_refused_and_a_fresh_one_accepted() -> None:
    with pytest.raises(CommandError, match=r"^no sweep has run yet$"):
        call_command("heartbeat")
    beat_heard(name="shop.relay_events", at=timezone.now() - timedelta(seconds=500))
    with pytest.raises(CommandError, match=r"^the last sweep ran 50\d s ago$"):
        call_command("heartbeat", within=120)
    out = StringIO()
    call_command("heartbeat", within=600, stdout=out)
    assert out.getvalue().startswith("The last sweep ran 50")


@pytest.mark.parametrize(
    ("allowed", "host"),
    [([], "localhost"), (["*"], "localhost"), ([".shop.example"], "shop.example"), (["", "a.example"], "a.example")],
)
def test_probe_asks_by_a_name_the_shop_answers_to(allowed: list[str], host: str) -> None:
    assert visitors_host(allowed) == host
