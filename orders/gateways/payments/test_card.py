"""The test card: a pretend bank that remembers idempotency keys like a real one.  Demo and tests only.

4242 4242 4242 4242 pays, 4000 0000 0000 0002 is declined, 4000 0000 0000 0341 pays but its first answer gets lost.
"""

from __future__ import annotations

from typing import NamedTuple

from django.conf import settings
from django.db import connection

from orders.gateways.payments.protocol import Answer, Bill, Declined, NoPage, OutcomeUnknown, Paid
from orders.models import TestCardEntry
from shop.rules.money import Money

PAYS, DECLINES, ANSWERS_LATE = "test:pays", "test:declines", "test:answers-late"
_CARDS = {"4242424242424242": PAYS, "4000000000000002": DECLINES, "4000000000000341": ANSWERS_LATE}


class UnknownCard(ValueError):
    """Not one of the numbers the pretend bank knows."""


def read_card(number: str) -> str:
    """Return the token that stands for a card number, so that the number itself is never kept.  Raises UnknownCard."""
    try:
        return _CARDS["".join(sign for sign in number if sign.isdigit())]
    except KeyError:
        raise UnknownCard from None


class TestCard(NoPage):
    """The pretend bank."""

    __test__ = False

    def charge(self, bill: Bill) -> Answer:
        """Charge once per key.  Raises Declined, OutcomeUnknown (the late card's first answer)."""
        entry = _ask(bill.key, TestCardEntry.Kind.CHARGE, bill.amount, accepted=bill.token in {PAYS, ANSWERS_LATE})
        if not entry.accepted:
            raise Declined
        if bill.token == ANSWERS_LATE and entry.asked == 1:
            raise OutcomeUnknown
        return Paid(f"test-charge-{entry.pk}")

    def refund(self, *, key: str, charge_reference: str, amount: Money) -> str:
        """Refund once per key.  Raises Declined for money the bank never had, or more than the charge still holds."""
        charge = _charge(charge_reference)
        entry = _ask(key, TestCardEntry.Kind.REFUND, amount, accepted=charge is not None, charge=charge)
        if not entry.accepted:
            raise Declined
        return f"test-refund-{entry.pk}"


class _Entry(NamedTuple):
    """What the pretend bank keeps of one question: its number, whether it was taken, how often it was asked."""

    pk: int
    accepted: bool
    asked: int


def _charge(reference: str) -> TestCardEntry | None:
    number = reference.removeprefix("test-charge-")
    known = TestCardEntry.objects.filter(kind=TestCardEntry.Kind.CHARGE, accepted=True)
    return known.filter(pk=int(number)).first() if number.isdigit() else None


def _ask(
    key: str, kind: TestCardEntry.Kind, amount: Money, *, accepted: bool, charge: TestCardEntry | None = None
) -> _Entry:
    """Keep the first question under this key and count how often it is asked.

    The pretend bank is another house: what it wrote must stand even when our transaction falls, so there may be none.
    """
    if connection.in_atomic_block and not settings.TESTING:
        raise RuntimeError("A gateway was called inside a transaction")
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH charge AS (SELECT id, amount_minor FROM orders_testcardentry WHERE id = %s FOR UPDATE)
            INSERT INTO orders_testcardentry (key, kind, amount_minor, currency, charge_id, accepted, asked)
            SELECT %s, %s, %s, %s, c.id, %s AND (c.id IS NULL OR %s <= c.amount_minor - coalesce((
                SELECT sum(r.amount_minor) FROM orders_testcardentry r WHERE r.charge_id = c.id AND r.accepted), 0)), 1
            FROM (SELECT 1) one LEFT JOIN charge c ON true
            ON CONFLICT (key) DO UPDATE SET asked = orders_testcardentry.asked + 1
            RETURNING id, accepted, asked
            """,
            [charge.pk if charge else None, key, kind, amount.minor, amount.currency, accepted, amount.minor],
        )
        return _Entry(*cursor.fetchone())
