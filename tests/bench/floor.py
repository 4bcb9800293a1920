"""The floor of a page: what the same rows cost when nothing is done with them.

The page is rendered once per process and its statements are kept; from then on the floor runs exactly these
statements on a raw cursor and writes the first column of every row through a template of four lines.  Whatever the
page does besides (objects, rules, its own template) is the difference.
"""

from __future__ import annotations

from functools import cache

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import Context, Engine
from django.test import Client
from django.test.utils import CaptureQueriesContext

TEMPLATE = Engine().from_string(
    "<!doctype html><html lang='en'><title>floor</title><ul>"
    "{% for cell in cells %}<li>{{ cell }}</li>{% endfor %}"
    "</ul></html>"
)


@cache
def statements_of(page: str) -> tuple[str, ...]:
    """Return what `page` asks the database when its caches are warm, values filled in."""
    browser = Client()
    browser.get(f"/{page}")
    with CaptureQueriesContext(connection) as asked:
        answer = browser.get(f"/{page}")
    assert answer.status_code == 200, f"/{page} answers {answer.status_code}"  # noqa: S101 -- a bench, not the shop
    return tuple(query["sql"] for query in asked.captured_queries)


def floor(request: HttpRequest, page: str) -> HttpResponse:
    """Run the page's statements and write one cell of each row."""
    cells: list[object] = []
    with connection.cursor() as cursor:
        for statement in statements_of(page):
            cursor.execute(statement)
            cells += [row[0] for row in cursor.fetchall()]
    return HttpResponse(TEMPLATE.render(Context({"cells": cells})))


def queries(request: HttpRequest, page: str) -> JsonResponse:
    """Tell how many statements the page runs."""
    return JsonResponse({"queries": len(statements_of(page))})
