"""Find orders by number, name, e-mail address, phone, article or tracking number, however many there are.

Two steps, each of bounded cost.  The newest orders are read straight through: whoever calls usually ordered lately, and
a common word (a first name, a mail provider) is found there often enough.  Only a rarer word is looked up in the
trigram index over everything; rare means that sorting what it finds costs little.
Source: commerce reference b-9.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import and_
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

from orders.models import OrderLine, Parcel
from orders.rules.searching import may_be_code, words_of
from shop.models import Variant

SHOWN = 200  # the newest matches; who sees that many adds a word
LATELY = 20_000  # orders that are read straight through
MOST_FOUND = 5_000
SHORTEST_WORD = 3  # a trigram index knows nothing shorter
MOST_ARTICLES = 20

NEWEST = """
    SELECT id FROM (SELECT id, search_text FROM orders_order ORDER BY id DESC LIMIT {lately}) AS newest
    WHERE {all_words} ORDER BY id DESC LIMIT {shown}
"""
EVER = "SELECT id FROM orders_order WHERE {all_words} LIMIT {most}"
WITH_ARTICLE = """
    SELECT newest.order_id FROM unnest(%s::text[]) AS article (sku) CROSS JOIN LATERAL (
        SELECT order_id FROM orders_orderline WHERE upper(sku) = article.sku ORDER BY order_id DESC LIMIT {shown}
    ) AS newest
    GROUP BY newest.order_id ORDER BY newest.order_id DESC LIMIT {shown}
"""
WITH_PARCEL = """
    SELECT order_id FROM orders_parcel WHERE upper(tracking_number) LIKE %s AND tracking_number <> '' LIMIT {shown}
"""


def find_orders(term: str) -> list[int]:
    """Return the ids of the newest orders that match `term`, newest first, at most SHOWN.  At most five queries.

    Every word must be in number, name, address or phone; a single word may also begin an article's or parcel's number.
    """
    words = words_of(term)
    found = _with_words(words) if words else set()
    code = may_be_code(term)
    if code:
        found |= _with_article(code) | ids_of(WITH_PARCEL, [_pattern(code, begins=True)])
    return sorted(found, reverse=True)[:SHOWN]


def matches(term: str) -> Q:
    """Return the same question as a condition, for a list that is short already, such as a view of the desk."""
    code = may_be_code(term)
    wanted = reduce(and_, (Q(search_text__contains=word) for word in words_of(term)), Q())
    if not code:
        return wanted
    line = OrderLine.objects.filter(order=OuterRef("pk"), sku__istartswith=code)
    parcel = Parcel.objects.filter(order=OuterRef("pk"), tracking_number__istartswith=code)
    return wanted | Q(Exists(line)) | Q(Exists(parcel))


def _with_words(words: Sequence[str]) -> set[int]:
    patterns = [_pattern(word) for word in words]
    lately = ids_of(NEWEST, patterns)
    if len(lately) >= SHOWN or max(len(word) for word in words) < SHORTEST_WORD:
        return lately
    with transaction.atomic(), connection.cursor() as cursor:
        # The planner sometimes takes a rare word for a common one, and would then read the whole table.
        cursor.execute("SET LOCAL enable_seqscan = off")
        ever = ids_of(EVER, patterns)
        cursor.execute("SET LOCAL enable_seqscan = on")
    return lately | ever


def _with_article(code: str) -> set[int]:
    skus = Variant.objects.filter(sku__istartswith=code).order_by("sku", "id")
    known = [sku.upper() for sku in skus.values_list("sku", flat=True)[:MOST_ARTICLES]]
    return ids_of(WITH_ARTICLE, [known or [code]])


def _pattern(text: str, *, begins: bool = False) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"{escaped}%" if begins else f"%{escaped}%"


def ids_of(sql: str, values: Sequence[Any]) -> set[int]:
    """Run one of the statements above and return the ids it finds; `values` are its words, its articles or its code."""
    with connection.cursor() as cursor:
        cursor.execute(statement(sql, words=len(values)), values)
        return {row[0] for row in cursor.fetchall()}


def statement(sql: str, *, words: int) -> str:
    """Return one of the statements above with its limits, and room for as many words."""
    all_words = " AND ".join(["search_text LIKE %s"] * words)
    return sql.format(all_words=all_words, lately=LATELY, shown=SHOWN, most=MOST_FOUND)
