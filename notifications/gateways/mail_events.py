"""What mail providers tell us later about our mails: django-anymail checks who says it and reads what it means.

Only providers of MAIL_EVENT_PROVIDERS are heard, and only with a proof: their own signature, or the user and password
of ANYMAIL's WEBHOOK_SECRET.  Source: reliability reference T43, D9.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from anymail import urls as anymail_urls
from anymail.exceptions import AnymailError, AnymailInsecureWebhookWarning, AnymailWebhookValidationFailure
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest

SOURCE, PROVIDER = "mail-events", "provider"  # of the kept delivery, and the name of its header
_SUFFIX = "_tracking_webhook"


class UnknownProvider(LookupError):
    """Nobody we listen to."""


class NotProven(Exception):
    """The delivery is not from who it says, or nothing is set up to prove it with."""


class Unreadable(ValueError):
    """The provider sent something anymail does not understand."""


@dataclass(frozen=True)
class Feedback:
    """One piece of news about one mail, in anymail's words.  `name` is the Message-ID we gave it, without brackets."""

    event: str
    reject_reason: str
    name: str
    provider_id: str
    words: str


def check(request: HttpRequest, *, provider: str) -> None:
    """Make sure that a delivery is from the provider it says.  Raises UnknownProvider, NotProven."""
    view = _view(provider)
    if getattr(view, "warn_if_no_basic_auth", True) and not view.basic_auth:
        raise NotProven("no secret is set up")
    try:
        view.run_validators(request)
    except (AnymailWebhookValidationFailure, AnymailError) as refusal:
        raise NotProven(type(refusal).__name__) from None


def read(raw: bytes, *, provider: str, content_type: str) -> Iterator[Feedback]:
    """Yield what a kept delivery says.  Raises UnknownProvider, Unreadable."""
    request = WSGIRequest(
        {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/",
            "CONTENT_TYPE": content_type,
            "CONTENT_LENGTH": str(len(raw)),
            "wsgi.input": BytesIO(raw),
        }
    )
    try:
        events = _view(provider).parse_events(request)
    except (AnymailError, LookupError, TypeError, ValueError, AttributeError) as problem:
        raise Unreadable(type(problem).__name__) from problem
    for event in events:
        yield Feedback(
            event=str(event.event_type or ""),
            reject_reason=str(getattr(event, "reject_reason", None) or ""),
            name=str((getattr(event, "metadata", None) or {}).get("message", "")),
            provider_id=str(getattr(event, "message_id", None) or ""),
            words=" ".join(str(event.mta_response or event.description or "").split())[:300],
        )


def _view(provider: str) -> Any:
    """Return anymail's view of one provider, ready to check and to read.  Raises UnknownProvider."""
    views = {
        str(pattern.name).removesuffix(_SUFFIX): pattern.callback
        for pattern in anymail_urls.urlpatterns
        if str(pattern.name).endswith(_SUFFIX)
    }
    if provider not in settings.MAIL_EVENT_PROVIDERS or provider not in views:
        raise UnknownProvider(provider)
    found = views[provider]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", AnymailInsecureWebhookWarning)  # we refuse where anymail warns
            return found.view_class(**found.view_initkwargs)
    except ImproperlyConfigured as missing:
        raise UnknownProvider(provider) from missing
