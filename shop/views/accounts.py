"""The library's pages about signing in, with our status codes, one transaction each, and nothing kept by anybody."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

View = Callable[..., HttpResponse]


def in_house(view: View) -> View:
    """Let a page of the library answer as ours do: 422 for what was wrong, 429 for too often, all or nothing written.

    Nobody outside learns the address of a page in the middle of a sign-in, and no search engine lists one.
    """

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with transaction.atomic():
            response = view(request, *args, **kwargs)
        if isinstance(response, TemplateResponse):
            response.status_code = _status(response)
        response.headers["Cache-Control"] = "private, no-store"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return answered


def _status(response: TemplateResponse) -> int:
    form = (response.context_data or {}).get("form")
    if form is None or not form.is_bound or not form.errors:
        return response.status_code
    return 429 if getattr(form, "refused_for_now", False) else 422
