"""The courier's webhook: check, keep, acknowledge.  Understanding it is the sweep's work."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from orders.rules import courier_news, signatures
from orders.rules.vocabularies import CARRIERS
from shop.operations.inbound import receive_inbound


class _TooBig(Exception):
    """The body is larger than we read."""


@csrf_exempt  # machines have no cookie; the signature is the proof
@require_POST
def courier_hook(request: HttpRequest, provider: str) -> JsonResponse:
    """Keep one delivery of a courier we know.

    202 {"kept": true, "new": bool} once it is committed; 400, 401, 404 or 413 with {"error": sentence}, nothing kept.
    """
    if provider not in CARRIERS:
        return _refuse(404, "No courier of that name knocks here.")
    try:
        body = _read_body(request)
        _check_signature(request, body)
        news = courier_news.read(body)
    except _TooBig:
        return _refuse(413, f"The body is larger than {settings.WEBHOOK_MAX_BYTES} bytes.")
    except signatures.BadSignature as problem:
        return _refuse(401, str(problem))
    except courier_news.Malformed as problem:
        return _refuse(400, str(problem))
    _, new = receive_inbound(
        source=f"courier:{provider}",
        source_key=news.event_id,
        raw=body,
        content_type=request.content_type or "",
    )
    return JsonResponse({"kept": True, "new": new}, status=202)


def _read_body(request: HttpRequest) -> bytes:
    body = request.read(settings.WEBHOOK_MAX_BYTES + 1)
    if len(body) > settings.WEBHOOK_MAX_BYTES:
        raise _TooBig
    return body


def _check_signature(request: HttpRequest, body: bytes) -> None:
    signatures.check(
        header=request.headers.get(signatures.HEADER, ""),
        body=body,
        secrets=settings.CARRIER_WEBHOOK_SECRETS,
        unix_seconds=timezone.now().timestamp(),
    )


def _refuse(status: int, sentence: str) -> JsonResponse:
    answer: dict[str, Any] = {"error": sentence}
    return JsonResponse(answer, status=status)
