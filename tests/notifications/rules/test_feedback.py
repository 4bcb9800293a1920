"""What a provider's later word means for an address."""

from __future__ import annotations

import pytest

from notifications.rules.feedback import Meaning, meaning, of_status


@pytest.mark.parametrize(
    ("event", "reason", "expected"),
    [
        ("delivered", "", Meaning()),
        ("deferred", "", Meaning()),
        ("opened", "", Meaning()),
        ("bounced", "bounced", Meaning(came_back=True, cause="bounced")),
        ("rejected", "invalid", Meaning(came_back=True, cause="bounced")),
        ("bounced", "timed_out", Meaning(came_back=True)),
        ("bounced", "blocked", Meaning(came_back=True)),
        ("bounced", "", Meaning(came_back=True)),
        ("rejected", "spam", Meaning(came_back=True, cause="complained")),
        ("complained", "", Meaning(cause="complained")),
        ("unsubscribed", "", Meaning(cause="unsubscribed")),
    ],
)
def test_each_word_has_its_meaning(event: str, reason: str, expected: Meaning) -> None:
    assert meaning(event=event, reject_reason=reason) == expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("5.1.1", Meaning(came_back=True, cause="bounced")),
        ("5.2.1", Meaning(came_back=True, cause="bounced")),
        ("5.4.4", Meaning(came_back=True, cause="bounced")),
        ("5.2.2", Meaning(came_back=True)),
        ("5.7.1", Meaning(came_back=True)),
        ("4.4.1", Meaning()),
        ("2.0.0", Meaning()),
        ("", Meaning()),
    ],
)
def test_a_full_mailbox_is_not_an_address_that_is_gone(status: str, expected: Meaning) -> None:
    assert of_status(status) == expected
