"""One field for every code: a voucher takes something off, store credit pays.

Both are random (80 bit) and kept as hashes; whoever types one need not know which of the two it is.
"""

from __future__ import annotations

from datetime import datetime

from orders.models import StoreCredit, Voucher
from orders.operations import credit, vouchers


def use_code(*, cart_id: int, code: str, at: datetime) -> Voucher | StoreCredit:
    """Put what a typed code stands for into a bag, and return it.

    Raises credit.UnknownCode for a code that is neither, and what `add_voucher` and `open_credit` refuse with.
    """
    try:
        return vouchers.add_voucher(cart_id=cart_id, code=code, at=at)
    except vouchers.UnknownCode:
        return credit.open_credit(cart_id=cart_id, code=code, at=at)
