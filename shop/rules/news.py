"""Under which words somebody agrees to hear news of the shop: a short code that stays with her yes.

The words change when their text does (VERSION) and when the shop writes more or less often; the code names both, so
that years later it can be said what she read.  Source: GDPR art. 7(1) (consent has to be shown).
"""

from __future__ import annotations

from dataclasses import dataclass

VERSION = 1
KNOWN = frozenset({VERSION})


@dataclass(frozen=True)
class Words:
    """What the words say: which text, and at most how many mails in how many days."""

    version: int
    most: int
    days: int

    @property
    def code(self) -> str:
        """Return what is kept, such as `1:1/14`."""
        return f"{self.version}:{self.most}/{self.days}"


def words_of(code: str) -> Words:
    """Return what a kept code says.  Raises ValueError for one we never wrote."""
    version, _colon, often = code.partition(":")
    most, _slash, days = often.partition("/")
    words = Words(int(version), int(most), int(days))
    if words.version not in KNOWN:
        raise ValueError(code)
    return words
