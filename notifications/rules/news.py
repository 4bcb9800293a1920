"""When an address may be asked whether it wants news of the shop, and how long the question is open.

Source: issue of the one voice (double opt-in; nobody signs up a stranger again and again); GDPR art. 7.
"""

from __future__ import annotations

from datetime import datetime, timedelta

OPEN_FOR = timedelta(days=7)  # a question may be answered so long, and no second one is sent meanwhile
ASKED = "notifications.news.asked"
PURPOSE = "notifications.news"  # what the token of a link opens, and nothing else


def may_ask(*, asked_at: datetime | None, refused: bool, at: datetime) -> bool:
    """Tell whether one more question may go to an address; `asked_at` is when the last one went, if ever.

    At most one in a week whoever typed the address, and none any more to who said that she wants none.
    """
    return not refused and (asked_at is None or asked_at + OPEN_FOR <= at)
