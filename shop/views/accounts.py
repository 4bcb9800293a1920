"""The library's pages about signing in, with our status codes, one transaction each, and nothing kept by anybody."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp import views as totp
from django.contrib.auth import update_session_auth_hash
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from shop.operations.accounts import end_sign_ins
from shop.views.own import owner

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


@in_house
def set_up_second_factor(request: HttpRequest) -> HttpResponse:
    """Set up an authenticator app, and end every sign-in that went without it, in the same transaction."""
    had_one = _has_second_factor(request)
    response: HttpResponse = totp.activate_totp(request)
    if request.method == "POST" and not had_one and _has_second_factor(request):
        update_session_auth_hash(request, end_sign_ins(user_id=owner(request).pk, at=timezone.now()))
    return response


def _has_second_factor(request: HttpRequest) -> bool:
    return bool(Authenticator.objects.filter(user_id=request.user.pk, type=Authenticator.Type.TOTP).exists())


def _status(response: TemplateResponse) -> int:
    form = (response.context_data or {}).get("form")
    if form is None or not form.is_bound or not form.errors:
        return response.status_code
    return 429 if getattr(form, "refused_for_now", False) else 422
