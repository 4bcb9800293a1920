"""When a provider is left alone, and for how long.

A provider that is away is left alone at once: whatever we tried would wait in vain, and each try costs a message one
of its own.  Answers such as "come back later" count up to five in a row.  Afterwards one message is the probe.
Source: reliability reference T23 (breaker per provider, everything out within ten minutes after an outage).
"""

from __future__ import annotations

FIRST_REST_SECONDS = 10
LONGEST_REST_SECONDS = 120
PUT_OFFS_IN_A_ROW = 5


def rest_seconds(*, failures: int, away: bool, jitter: float) -> int:
    """Return how long to leave a provider alone after its `failures`-th failure in a row; 0 means not yet.

    `failures` counts from 1; it doubles from 10 s to two minutes, with up to a quarter more by `jitter` (0 to 1).
    """
    over = failures if away else failures - PUT_OFFS_IN_A_ROW + 1
    if over < 1:
        return 0
    return int(min(FIRST_REST_SECONDS * 2 ** min(over - 1, 10), LONGEST_REST_SECONDS) * (1 + jitter / 4))
