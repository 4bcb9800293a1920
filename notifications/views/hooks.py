"""The webhooks of mail and text providers: prove it, keep it, say so; understanding comes later.

Source: reliability reference D9, T43.
"""

from __future__ import annotations

import hashlib
import logging

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from notifications.gateways import text_events
from notifications.gateways.mail_events import PROVIDER, SOURCE, NotProven, UnknownProvider, check
from shop.operations.inbound import receive_inbound

log = logging.getLogger(__name__)


@csrf_exempt  # machines have no cookie; the provider's signature or password is the proof
@require_http_methods(["POST", "HEAD"])
def mail_events(request: HttpRequest, provider: str) -> HttpResponse:
    """Keep one delivery of a mail provider; 202 once it is stored.  HEAD says that somebody listens here."""
    if request.method == "HEAD":
        return HttpResponse()
    body = _body(request)
    if body is None:
        return JsonResponse({"error": f"The body is larger than {settings.WEBHOOK_MAX_BYTES} bytes."}, status=413)
    try:
        check(request, provider=provider)
    except UnknownProvider:
        return JsonResponse({"error": "Nobody listens to this provider."}, status=404)
    except NotProven as refusal:
        log.warning("mail events of %s refused: %s", provider, refusal)
        return JsonResponse({"error": "The delivery could not be proven."}, status=401)
    row_id, new = receive_inbound(
        source=SOURCE,
        source_key=f"{provider}:{hashlib.sha256(body).hexdigest()}",
        raw=body,
        content_type=request.META.get("CONTENT_TYPE", ""),
        headers={PROVIDER: provider},
    )
    return JsonResponse({"kept": row_id, "new": new}, status=202)


@csrf_exempt  # machines have no cookie; the provider's signature is the proof
@require_http_methods(["POST", "HEAD"])
def texts(request: HttpRequest) -> HttpResponse:
    """Keep one text that came in; 204 once it is stored, as its provider wants no words back."""
    if request.method == "HEAD":
        return HttpResponse()
    body = _body(request)
    if body is None:
        return JsonResponse({"error": f"The body is larger than {settings.WEBHOOK_MAX_BYTES} bytes."}, status=413)
    url = f"{settings.SITE_URL}{request.get_full_path()}"  # as the provider wrote it, whatever proxies made of it
    try:
        text_events.check(url=url, body=body, signature=request.headers.get(text_events.HEADER, ""))
    except text_events.NobodyListens:
        return JsonResponse({"error": "Nobody listens to this provider."}, status=404)
    except text_events.NotProven as refusal:
        log.warning("a text was refused: %s", refusal)
        return JsonResponse({"error": "The delivery could not be proven."}, status=403)
    name = text_events.name_of(body) or hashlib.sha256(body).hexdigest()
    receive_inbound(source=text_events.SOURCE, source_key=name, raw=body, content_type=request.content_type or "")
    return HttpResponse(status=204)


def _body(request: HttpRequest) -> bytes | None:
    """Return the body, or None when there is more of it than we take."""
    said = str(request.META.get("CONTENT_LENGTH") or "0")
    if said.isdigit() and int(said) > settings.WEBHOOK_MAX_BYTES:
        return None
    try:
        body = request.read(settings.WEBHOOK_MAX_BYTES + 1)
    except UnreadablePostError:
        return None
    if len(body) > settings.WEBHOOK_MAX_BYTES:
        return None
    request._body = body  # anymail's checks read it once more
    return body
