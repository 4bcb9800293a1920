"""A letter's HTML in a page of its own that may do nothing: no script, no form, no picture from anywhere.

Shown inside a sandboxed frame.  Source: reliability reference B13.
"""

from __future__ import annotations

from django.http import HttpResponse

_NOTHING = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"


def letter_frame(html: str, *, links: bool = False) -> HttpResponse:
    """Return the letter as a sandboxed page; with `links` a click opens a new window, else it does nothing."""
    response = HttpResponse(_with_new_windows(html) if links else html)
    sandbox = "sandbox allow-popups allow-popups-to-escape-sandbox" if links else "sandbox"
    response.headers["Content-Security-Policy"] = f"{sandbox}; {_NOTHING}"
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response._csp_exempt = True  # type: ignore[attr-defined]
    return response


def _with_new_windows(html: str) -> str:
    return html.replace("<head>", '<head><base target="_blank">', 1)
