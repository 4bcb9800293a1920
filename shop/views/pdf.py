"""A PDF as an answer."""

from __future__ import annotations

from django.http import HttpResponse


def pdf_answer(pdf: bytes | memoryview, name: str, *, show: bool = False) -> HttpResponse:
    """Return a PDF to keep under a name, or to `show` in the browser."""
    response = HttpResponse(bytes(pdf), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'{"inline" if show else "attachment"}; filename="{name}.pdf"'
    return response
