"""Pages of somebody's own account: signed in, kept by nobody, listed nowhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse

from shop.models import User

View = Callable[..., HttpResponse]


def private(view: View) -> View:
    """Let nobody keep, list or pass on a page."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.headers["Cache-Control"] = "private, no-store"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return guarded


def own_page(view: View) -> View:
    """Let only somebody who is signed in see a page; whose rows it shows is for the view's queries to say."""
    return login_required(private(view))


def owner(request: HttpRequest) -> User:
    """Return who is signed in."""
    assert isinstance(request.user, User)  # noqa: S101 -- own_page let nobody else through
    return request.user
