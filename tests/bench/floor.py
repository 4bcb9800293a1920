"""The floor of a page: what the same rows cost when nothing is done with them.

The page is rendered once per process and its statements are kept; from then on the floor runs exactly these
statements on a raw cursor and writes every row through a template of four lines.  Whatever the page does besides
(objects, rules, words, its own template) is the difference.
"""

from __future__ import annotations

from functools import cache

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import Context, Engine
from django.test import Client
from django.test.utils import CaptureQueriesContext

TEMPLATE = Engine().from_string(
    "<!doctype html><html lang='en'><title>floor</title><table>"
    "{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}"
    "</table></html>"
)


AROUND = {"BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"}  # a transaction's own words are no question


@cache
def statements_of(page: str) -> tuple[str, ...]:
    """Return what `page` asks the database when its caches are warm, values filled in."""
    browser = Client(SERVER_NAME="127.0.0.1")
    browser.get(f"/{page}")
    with CaptureQueriesContext(connection) as asked:
        answer = browser.get(f"/{page}")
    assert answer.status_code == 200, f"/{page} answers {answer.status_code}"
    told = (query["sql"].strip() for query in asked.captured_queries)
    return tuple(sql for sql in told if sql.split()[0].upper() not in AROUND)


def floor(request: HttpRequest, page: str) -> HttpResponse:
    """Run the page's statements and write their rows."""
    rows: list[tuple[object, ...]] = []
    asked = statements_of(_with_query(request, page))
    with transaction.atomic(), connection.cursor() as cursor:  # settings of the planner last as long as this
        for statement in asked:
            cursor.execute(statement)
            rows += cursor.fetchall()
    return HttpResponse(TEMPLATE.render(Context({"rows": rows})))


def queries(request: HttpRequest, page: str) -> JsonResponse:
    """Tell how many statements the page runs, and which."""
    asked = statements_of(_with_query(request, page))
    return JsonResponse({"queries": len(asked), "statements": asked})


def _with_query(request: HttpRequest, page: str) -> str:
    query = request.META["QUERY_STRING"]
    return f"{page}?{query}" if query else page
