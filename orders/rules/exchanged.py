"""How many pieces still have to be paid back when some of what was sent was sent in exchange.

Source: commerce reference b-13 (exactly what was paid), d.6 (an exchange moves no money).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tally:
    """Pieces of one bought line and of everything that was sent for it.

    returned   came back to us, whatever for
    exchanged  were or will be sent in exchange, at no price: for each of them one piece has to come back
    refunded   came back and were paid back
    """

    returned: int = 0
    exchanged: int = 0
    refunded: int = 0


def still_paid(tally: Tally, *, left: int) -> int:
    """Return for how many pieces that came back their money is due: no more than the `left` ones it was not given for.

    What comes back makes up for what was sent in exchange first, whichever of the two it is.
    """
    return min(max(tally.returned - tally.exchanged - tally.refunded, 0), left)
