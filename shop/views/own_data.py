"""The pages about somebody's own data: a copy of it, and its erasure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shop.messages.languages import known_language
from shop.models import DataFile, DataRequest
from shop.operations.data_requests import (
    AskedAlready,
    LinkUnknown,
    LossNotAgreed,
    NotOpen,
    NotProved,
    WorksHere,
    ask_copy,
    ask_erasure,
    confirm_erasure,
    copy_of_link,
    erasure_of_link,
    take_back_erasure,
)
from shop.queries.data_requests import fates_of, holds_of, latest, losses_of, person_of
from shop.views.own import own_page, owner, private

Kind, State = DataRequest.Kind, DataRequest.State
# The day before its end: one promised day in words, whatever hour it is.
_ONE_DAY = timedelta(days=1)


def by_link(
    find: Callable[..., DataRequest],
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Give a view the request its token opens, in its language; a stranger gets a 404."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @private
        @wraps(view)
        def guarded(request: HttpRequest, token: str) -> HttpResponse:
            try:
                asked = find(token=token, at=timezone.now())
            except LinkUnknown:
                raise Http404("No such link") from None
            if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
                translation.activate(known_language(asked.locale))
            return view(request, token, asked)

        return guarded

    return decorate


@require_safe
@own_page
def data(request: HttpRequest) -> HttpResponse:
    """Show what she can ask for, and how far it is."""
    person = owner(request)
    copy, erasure = latest(person.pk, Kind.EXPORT), latest(person.pk, Kind.ERASURE)
    context = {
        "copy": copy,
        "copy_ends": copy.expires_at - _ONE_DAY if copy and copy.state == State.READY and copy.expires_at else None,
        "erasure": erasure,
        "holds": holds_of(person_of(erasure)) if erasure and erasure.held_since else [],
        "works_here": person.is_staff,
    }
    return render(request, "account/data.html", context)


@require_POST
@own_page
def copy(request: HttpRequest) -> HttpResponse:
    """Ask for a copy."""
    try:
        ask_copy(user_id=owner(request).pk, locale=_language(), at=timezone.now())
    except NotProved:
        messages.error(request, _("First prove that your e-mail address is yours: sign in once with a code by mail."))
    except AskedAlready:
        messages.info(request, _("We are putting it together already. A mail tells you when it is there."))
    else:
        messages.success(request, _("We put it together now. A mail tells you when it is there."))
    return redirect("account:data")


@require_safe
@own_page
def own_file(request: HttpRequest) -> HttpResponse:
    """Hand her copy to who is signed in.  Raises Http404 when there is none (any more)."""
    return _zip(latest(owner(request).pk, Kind.EXPORT), timezone.now())


@require_safe
@by_link(copy_of_link)
def linked_copy(request: HttpRequest, token: str, asked: DataRequest) -> HttpResponse:
    """Show what lies behind the mailed link: programs that look at links in mails fetch nothing."""
    return render(request, "account/data_copy.html", {"token": token})


@require_safe
@by_link(copy_of_link)
def linked_file(request: HttpRequest, token: str, asked: DataRequest) -> HttpResponse:
    """Hand out the copy behind a mailed link."""
    return _zip(asked, timezone.now())


def _zip(asked: DataRequest | None, at: datetime) -> HttpResponse:
    kept = DataFile.objects.filter(request=asked, request__expires_at__gt=at).order_by("pk").first()
    if asked is None or kept is None:
        raise Http404("No copy")
    answer = HttpResponse(bytes(kept.content), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="my-data-{kept.made_at:%Y-%m-%d}.zip"'
    return answer


@require_POST
@own_page
def erasure(request: HttpRequest) -> HttpResponse:
    """Mail her the link on which she confirms."""
    try:
        ask_erasure(user_id=owner(request).pk, locale=_language(), at=timezone.now())
    except NotProved:
        messages.error(request, _("First prove that your e-mail address is yours: sign in once with a code by mail."))
    except WorksHere:
        messages.error(request, _("You work here. Let a colleague take your roles away first."))
    except AskedAlready:
        messages.info(request, _("You have asked for this already. Please look into your mailbox."))
    else:
        messages.success(request, _("We have mailed you a link. Nothing goes before you confirm it there."))
    return redirect("account:data")


@require_POST
@own_page
def erasure_back(request: HttpRequest) -> HttpResponse:
    """Let her erasure be."""
    try:
        take_back_erasure(user_id=owner(request).pk, at=timezone.now())
    except NotOpen:
        messages.info(request, _("There is nothing to take back."))
    else:
        messages.success(request, _("Everything stays as it is."))
    return redirect("account:data")


@require_http_methods(["GET", "HEAD", "POST"])
@by_link(erasure_of_link)
def linked_erasure(request: HttpRequest, token: str, asked: DataRequest) -> HttpResponse:
    """Show what goes, what stays and why, and take her word for it."""
    missing = False
    if request.method == "POST":
        try:
            confirm_erasure(
                token=token,
                agrees=request.POST.get("agrees") == "on",
                refuses_mail=request.POST.get("refuses_mail") == "on",
                at=timezone.now(),
            )
        except LossNotAgreed:
            missing = True
        else:
            return redirect("account:linked-erasure", token)
    return render(request, "account/data_erasure.html", _erasure(asked, missing), status=422 if missing else 200)


def _erasure(asked: DataRequest, missing: bool) -> dict[str, Any]:
    person = person_of(asked)
    waits = asked.state == State.ASKED
    return {
        "asked": asked,
        "waits": waits,
        "missing": missing,
        "goes": [fate for fate in fates_of(person) if not fate.stays] if waits else [],
        "stays": [fate for fate in fates_of(person) if fate.stays] if waits else [],
        "losses": losses_of(person) if waits else [],
        "holds": holds_of(person) if asked.state in (State.ASKED, State.DUE) and asked.begun_at is None else [],
    }


def _language() -> str:
    return translation.get_language() or settings.LANGUAGE_CODE
