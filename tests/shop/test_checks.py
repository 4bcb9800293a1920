from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from shop.checks import brand_is_readable, fit_for_the_public, unreadable


def test_the_brand_we_ship_is_readable_in_both_themes() -> None:
    assert brand_is_readable(None) == []


def test_pale_text_is_warned_of_in_the_theme_it_is_in() -> None:
    css = ":root { --paper: light-dark(#ffffff, #000000); --ink: light-dark(#cccccc, #eeeeee); }"

    [warning] = unreadable(css)

    assert warning.id == "shop.W001"
    assert warning.msg == "--ink on --paper has a contrast of 1.6 to 1 (light)."


def test_plain_values_are_checked_too() -> None:
    assert [found.msg for found in unreadable(":root { --brand: #ffff00; --on-brand: #ffffff; }")] == [
        "--on-brand on --brand has a contrast of 1.1 to 1 (without light-dark())."
    ]


@pytest.fixture
def real(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A shop as it should be."""
    monkeypatch.setenv("DATABASE_URL", "postgres://kingpost@database.internal/kingpost")
    monkeypatch.setenv("REDIS_URL", "redis://broker.internal:6379/0")
    settings.DEMO = settings.TESTING = False
    settings.DATA_DIR = Path("/srv/kingpost")
    settings.CARRIER_WEBHOOK_SECRETS = settings.INBOUND_MAIL_SECRETS = ["x" * 32]
    return settings


def found() -> list[str]:
    return [str(message.id) for message in fit_for_the_public(None)]


def test_a_real_shop_is_fit_for_the_public(real: Settings) -> None:
    assert found() == []


def test_the_demo_is_not_fit_for_the_public(real: Settings) -> None:
    real.DEMO = True

    assert found() == ["shop.E001"]


@pytest.mark.parametrize("url", ["", "postgres://kingpost@%2Fsrv%2Fkingpost%2Fembedded%2Fpg/kingpost"])
def test_embedded_servers_are_complained_about(real: Settings, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)

    assert found() == ["shop.W002"]


def test_weak_secrets_are_complained_about_and_missing_ones_mentioned(real: Settings) -> None:
    real.CARRIER_WEBHOOK_SECRETS, real.INBOUND_MAIL_SECRETS = ["demo-secret"], []

    assert found() == ["shop.W003", "shop.I001"]
