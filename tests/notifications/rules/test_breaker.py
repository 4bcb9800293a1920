"""How long a provider in trouble is left alone."""

from __future__ import annotations

from notifications.rules.breaker import rest_seconds


def test_a_provider_that_is_away_is_left_alone_at_once_and_ever_longer() -> None:
    assert [rest_seconds(failures=n, away=True, jitter=0) for n in (1, 2, 3, 4, 5, 90)] == [10, 20, 40, 80, 120, 120]
    assert rest_seconds(failures=90, away=True, jitter=1) == 150


def test_a_provider_that_puts_us_off_is_left_alone_after_five_times() -> None:
    assert [rest_seconds(failures=n, away=False, jitter=0) for n in (1, 4, 5, 6)] == [0, 0, 10, 20]
