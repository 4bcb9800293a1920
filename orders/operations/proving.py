"""Who holds a link is not yet who ordered: a code to the address of the order, before anything is changed.

Mails are forwarded, and a link in one shows an order to whoever reads it.  What cannot be taken back therefore asks for
a code that is mailed to whom the order was placed with.  Nothing of it is stored: the browser that asked brings the
sealed note back, which is worth nothing without the code.  Source: reliability reference S1.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac

from orders.models import Order
from shop.models import AccountLetter
from shop.operations.letters import ask_letter
from shop.operations.limits import spend
from shop.rules.accounts import CODE_LIVES, CODE_TRIES_ORDER, LETTERS_TO_ONE

PROVED_FOR = timedelta(hours=1)
GRACE = timedelta(hours=1)  # for a form that was opened in time and filled in slowly
KEPT = 5  # orders one browser is known for at a time
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"  # no vowels, so no words; as in codes to sign in
_CODE_SALT, _PROOF_SALT = "orders.owner-code", "orders.owner-proof"


class CodeOver(Exception):
    """The code is older than CODE_LIVES, or this browser asked for none."""


def send_code(*, order: Order, at: datetime) -> str:
    """Mail a code to the address of the order, and return the sealed note the browser has to bring back.

    Raises TooOften when five were asked for this order within an hour.
    """
    spend(purpose="owner-letter", who=str(order.pk), budget=LETTERS_TO_ONE.tries, window=LETTERS_TO_ONE.window, at=at)
    code = "".join(secrets.choice(_LETTERS) for _ in range(8))
    ask_letter(
        kind=AccountLetter.Kind.CODE,
        email=order.email,
        user=order.customer,
        locale=order.locale,
        values={"about": "order", "code": f"{code[:4]}-{code[4:]}", "number": order.number},
        at=at,
    )
    issued = int(at.timestamp())
    return signing.dumps([order.pk, issued, _mac(order.pk, issued, code)], salt=_CODE_SALT)


def code_fits(*, order: Order, sealed: str, typed: str, at: datetime) -> bool:
    """Tell whether what was typed is the code that belongs to the sealed note.

    Raises CodeOver; TooOften when ten codes were tried for this order within a quarter of an hour, right or wrong.
    """
    spend(purpose="owner-code", who=str(order.pk), budget=CODE_TRIES_ORDER.tries, window=CODE_TRIES_ORDER.window, at=at)
    try:
        order_id, issued, mac = signing.loads(sealed, salt=_CODE_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise CodeOver from None
    if order_id != order.pk or not 0 <= at.timestamp() - issued <= CODE_LIVES.total_seconds():
        raise CodeOver
    plain = "".join(letter for letter in typed.upper() if letter in _LETTERS)
    return constant_time_compare(_mac(order.pk, issued, plain), mac)


def add_proof(kept: str, *, order: Order, at: datetime) -> str:
    """Return the proofs a browser keeps with this one in front."""
    rest = [row for row in _proofs(kept) if row[0] != order.pk]
    return signing.dumps([[order.pk, int(at.timestamp())], *rest][:KEPT], salt=_PROOF_SALT)


def is_proved(kept: str, *, order: Order, at: datetime, sends: bool) -> bool:
    """Tell whether a browser has proved itself for this order within the hour; `sends` a form: with GRACE on top."""
    lasts = (PROVED_FOR + GRACE if sends else PROVED_FOR).total_seconds()
    return any(order_id == order.pk and 0 <= at.timestamp() - since <= lasts for order_id, since in _proofs(kept))


def _proofs(kept: str) -> list[list[int]]:
    try:
        rows: list[list[int]] = signing.loads(kept, salt=_PROOF_SALT) if kept else []
    except (signing.BadSignature, ValueError, TypeError):
        return []
    return rows


def _mac(order_id: int, issued: int, code: str) -> str:
    return salted_hmac(_CODE_SALT, f"{order_id}:{issued}:{code}", algorithm="sha256").hexdigest()
