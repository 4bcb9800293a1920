"""The kinds of holidays the library knows, in the order staff choose them.

Source: delivery reference finding 7 (Carnival is no public holiday in the library, yet nobody works).
"""

from __future__ import annotations

PUBLIC = "public"
CATEGORIES = (
    PUBLIC,
    "optional",
    "bank",
    "government",
    "school",
    "half_day",
    "unofficial",
    "workday",
    "catholic",
    "protestant",
    "orthodox",
    "islamic",
    "hebrew",
    "hindu",
)
