"""Headers every answer carries, the language it is written in, and addresses that can be none."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

GetResponse = Callable[[HttpRequest], HttpResponse]


class HeadersMiddleware:
    """Adds what Django has no setting for: permissions policy and, unless a view said otherwise, no caching.

    Only a view that sets Cache-Control itself may be kept by anybody (reliability reference S25).
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class LanguageMiddleware(LocaleMiddleware):
    """Chooses the language: of the cookie, else of the browser, else the shop's; staff's screens have one alone.

    The cookie holds what somebody chose, in the footer, in her account or by signing in (shop/views/language.py).
    """

    def process_request(self, request: HttpRequest) -> None:
        """Switch the language on for this request."""
        if request.path_info.startswith("/admin/"):
            translation.activate(settings.STAFF_LANGUAGE)
            request.LANGUAGE_CODE = translation.get_language()
        else:
            super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Tell the language, and leave the thread to the next one as it was found."""
        answer = super().process_response(request, response)
        translation.deactivate()
        return answer


class AddressMiddleware:
    """Answers 404 to an address with a NUL in it: PostgreSQL refuses the letter, so nothing can ever be found there.

    The admin's filters hand what is asked for to the database as it is; there such a question is a bad request.
    Stands last, so that the page is written in the reader's language.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info:
            raise Http404("No address has a NUL in it")
        if "%00" in request.META.get("QUERY_STRING", "") and request.path_info.startswith("/admin/"):
            raise BadRequest("No row holds a NUL")
        return self.get_response(request)
