"""Rules about a person's data: how long a request may take, what stands where her words stood, how an address is kept.

Source: GDPR art. 12 (3), 15, 17, 20; reliability reference 2.6, S1.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

ERASED = "(erased)"  # stands where a name or an address stood and something has to stand
_NOWHERE = "erased.invalid"  # RFC 2606: no mail ever goes there

COPY_LIVES = timedelta(days=7)
CONFIRM_WITHIN = timedelta(days=1)
ASK_AGAIN = timedelta(minutes=10)
LOOK_AGAIN = timedelta(hours=1)  # whether what holds an erasure is settled
WAIT_A_LITTLE = timedelta(minutes=1)  # until a mail that is on its way is out
NEWS_WAIT = timedelta(days=3)  # for mails on their way, before what is unsent stays so


def answer_by(asked_on: date) -> date:
    """Return the last day to answer a request of `asked_on`: the same day of the next month, or that month's last.

    Source: GDPR art. 12 (3); Regulation 1182/71 art. 3.
    """
    year, month = divmod(asked_on.month, 12)
    first = date(asked_on.year + year, month + 1, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(asked_on.day, last.day))


def mention_of(address: str) -> str:
    """Return a regular expression of Postgres that finds this address in small letters, and no longer one around it.

    `ana@example.com` stands neither in `diana@example.com` nor in `ana@example.com.br`.
    """
    if "@" not in address:
        return _mention_of_number(address)
    return rf"(^|[^[:alnum:]._+'-]){re.escape(address)}($|[^[:alnum:].-]|\.($|[^[:alnum:]]))"


def _mention_of_number(number: str) -> str:
    """Return the same for a telephone number; in a form that came in, its plus is written as %2B."""
    country = number.startswith("+")
    before = r"(\+|%2b)" if country else "(^|[^[:alnum:]+])"
    return rf"{before}{re.escape(number.removeprefix('+'))}($|[^[:alnum:]])"


def as_kept(typed: str) -> str:
    """Return an address or a telephone number as it is kept: `+351 912-345 678` is `+351912345678`."""
    said = typed.strip().lower()
    return said if "@" in said else re.sub(r"[\s()./-]", "", re.sub(r"^00", "+", said))


def digest(salt: str, secret: str) -> str:
    """Return what is kept of an address (with a salt) or of a random token (without): SHA-256, in hex."""
    return hashlib.sha256((salt + secret).encode()).hexdigest()


@dataclass(frozen=True)
class Forgotten:
    """What a journal keeps of one erased address: salt, salted hash, whether she wants no offers ever again, when."""

    salt: str
    digest: str
    refuses_mail: bool
    forgotten_at: datetime

    def as_line(self) -> str:
        """Return it as one line of the journal."""
        said = [self.salt, self.digest, self.refuses_mail, self.forgotten_at.isoformat()]
        return json.dumps(said)


def read_forgotten(line: str) -> Forgotten | None:
    """Return what a line of the journal says; None for one that broke off half-way, or says something else."""
    try:
        salt, hashed, refuses, moment = json.loads(line)
        found = Forgotten(str(salt), str(hashed), bool(refuses), datetime.fromisoformat(moment))
    except (ValueError, TypeError):
        return None
    return found if found.forgotten_at.tzinfo else None


def nobody(key: str | int) -> str:
    """Return an address that is nobody's, for a row that needs one."""
    return f"erased-{key}@{_NOWHERE}"


def is_nobody(address: str) -> bool:
    """Tell whether an address stands for somebody whose data was erased."""
    return address.endswith(f"@{_NOWHERE}")
