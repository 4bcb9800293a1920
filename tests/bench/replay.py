"""The floor of placement: the statements of an order that was really placed, run again by a raw cursor for another bag.

Nothing is decided and no object is made: the values are those of the pattern, except what has to be its own (bag, key,
number, tokens) and the ids the database hands out, which take the place of the pattern's in every statement that
follows.  Each run commits as often as the placement does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from secrets import randbelow, token_hex
from uuid import UUID, uuid4

import psycopg
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from orders.models import Cart, Order, OrderAccess, TestCardEntry
from shop.models import Event
from tests.bench.floor import AROUND

_MAKES = re.compile(r'INSERT INTO "?(\w+)"?.*RETURNING', re.DOTALL)
_HASH = re.compile(r"(?<=checkout-bag:)\w{32}|(?<=checkout-visitor:)\w{32}")
# Tables whose ids later statements name, each counted from a number of its own, so that no other number is mistaken.
NUMBERED = (
    "orders_order", "orders_orderline", "orders_parcel", "orders_payment", "orders_promise", "orders_submission",
    "orders_testcardentry", "shop_event",
)  # fmt: skip


@dataclass(frozen=True)
class Pattern:
    """The statements of one placement in order, and what was its own: bag, its token's hash, key, number, ids."""

    statements: tuple[str, ...]
    cart: Cart
    key: UUID
    number: str
    ids: dict[str, tuple[int, ...]]
    hashes: tuple[str, ...]

    @property
    def asked(self) -> int:
        """Return how many statements there are besides those of transactions."""
        return sum(sql.split()[0].upper() not in AROUND for sql in self.statements)


def record(browser: Client, form: dict[str, str], cart: Cart) -> Pattern:
    """Place one order and return how."""
    with connection.cursor() as cursor:
        for place, table in enumerate(NUMBERED, start=1):
            cursor.execute(f"SELECT setval('{table}_id_seq', {place}00000007)")
    browser.get("/checkout/")  # from here on the calendars are known
    with CaptureQueriesContext(connection) as told:
        answer = browser.post("/checkout/", form)
    assert answer.status_code == 302, answer.content.decode()
    order = Order.objects.get(cart=cart)
    statements = tuple(query["sql"] for query in told.captured_queries)
    hashes = {found for sql in statements for found in _HASH.findall(sql)}
    tokens = OrderAccess.objects.filter(order=order).values_list("token_hash", flat=True)
    return Pattern(statements, cart, UUID(form["key"]), order.number, _ids_of(order), (*hashes, *tokens))


def _ids_of(order: Order) -> dict[str, tuple[int, ...]]:
    """Return what the database handed out for an order, by table, in its order."""
    events = Event.objects.filter(order_number=order.number)
    rows = {
        "orders_orderline": order.lines,
        "orders_parcel": order.parcels,
        "orders_promise": order.promises,
        "orders_testcardentry": TestCardEntry.objects.filter(key__contains=str(order.submission.key)),
        "shop_event": events,
    }
    found = {table: tuple(mine.order_by("id").values_list("pk", flat=True)) for table, mine in rows.items()}
    one = {"orders_order": order.pk, "orders_payment": order.payment.pk, "orders_submission": order.submission.pk}
    return found | {table: (pk,) for table, pk in one.items()}


def run(cursor: psycopg.Cursor, pattern: Pattern, cart: Cart) -> None:
    """Run a pattern's statements for another bag: its ids, keys and tokens are its own."""
    own = _own_names(pattern, cart)
    left = {table: iter(ids) for table, ids in pattern.ids.items()}
    for sql in pattern.statements:
        cursor.execute(_with(own, sql))
        made = _MAKES.search(sql)
        if made and made[1] in left:
            for row in cursor.fetchall():
                own[str(next(left[made[1]]))] = str(row[0])


def _own_names(pattern: Pattern, cart: Cart) -> dict[str, str]:
    key = uuid4()
    number = f"KP-{randbelow(10**8):08d}"
    names = {str(pattern.cart.pk): str(cart.pk), pattern.cart.token_hash: cart.token_hash}
    names |= {pattern.key.hex: key.hex, str(pattern.key): str(key), pattern.number: number}
    return names | {hashed: token_hex(len(hashed) // 2) for hashed in pattern.hashes}


def _with(own: dict[str, str], sql: str) -> str:
    """Put our own names in place of the pattern's, each once: what was put in is not looked at again."""
    return _names(tuple(own)).sub(lambda found: own[found[0]], sql)


@cache
def _names(known: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(name) for name in sorted(known, key=len, reverse=True)))
