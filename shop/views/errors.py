"""Pages for when things go wrong.  They stand without a database, a session or a request's context."""

from __future__ import annotations

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template.loader import render_to_string

RETRY_SECONDS = 120
_LAST_RESORT = "<!doctype html><title>Error</title><h1>That went wrong on our side.</h1><p>Try again in a minute.</p>"


def server_error(request: HttpRequest) -> HttpResponse:
    """Say sorry: 503 with a time to come back when the database is away, else 500."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        response = HttpResponse(_rendered("503.html"), status=503)
        response.headers["Retry-After"] = str(RETRY_SECONDS)
        return response
    return HttpResponseServerError(_rendered("500.html"))


def _rendered(template: str) -> str:
    try:
        return render_to_string(template)
    except Exception:  # whatever broke the first page must not break the apology
        return _LAST_RESORT
