"""The demo seeds once for each state of the code, and again when anything changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from shop.models import Event
from shop.operations import seed_memory
from shop.operations.seed_memory import is_laid, note_laid, state_of_the_code


@pytest.mark.django_db
def test_what_was_laid_is_remembered_once_and_only_for_that_state(now: datetime) -> None:
    note_laid(state="today", at=now)
    note_laid(state="today", at=now)

    assert (is_laid(state="today"), is_laid(state="tomorrow")) == (True, False)
    assert Event.objects.filter(name="shop.demo.laid").count() == 1


def test_another_line_or_another_month_is_another_state(
    now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = tmp_path / "shop"
    app.mkdir()
    (app / "seed.py").write_text("PIECES = 30\n")
    monkeypatch.setattr(seed_memory, "settings", SimpleNamespace(BASE_DIR=tmp_path))
    monkeypatch.setattr(seed_memory.apps, "get_app_configs", lambda: [SimpleNamespace(path=str(app))])
    before = state_of_the_code(now)

    assert state_of_the_code(now + timedelta(days=1)) == before
    assert state_of_the_code(now + timedelta(days=31)) != before
    (app / "seed.py").write_text("PIECES = 31\n")
    assert state_of_the_code(now) != before
