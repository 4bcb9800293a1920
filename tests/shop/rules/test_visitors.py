"""Whose budget is it?"""

from __future__ import annotations

import pytest

from shop.rules.visitors import visitor_of


@pytest.mark.parametrize(
    ("remote", "said", "trusted", "who"),
    [
        ("203.0.113.7", "", False, "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", False, "203.0.113.7"),  # nobody asked for the header
        ("10.0.0.1", "198.51.100.1", True, "198.51.100.1"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.1", True, "198.51.100.1"),  # the visitor wrote the first one herself
        ("10.0.0.1", "1.2.3.4, nonsense", True, "10.0.0.1"),
        ("10.0.0.1", "", True, "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "", False, "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "", False, "203.0.113.7"),
        ("", "", False, "unknown"),
    ],
)
def test_visitor_is_who_the_proxy_of_ours_says(remote: str, said: str, trusted: bool, who: str) -> None:
    assert visitor_of(remote_address=remote, forwarded_for=said, trusted_proxy=trusted) == who
