"""Stripe's webhook: check the signature over the raw bytes, keep them, acknowledge.  The sweep understands it."""

from __future__ import annotations

import json

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from orders.gateways.payments.stripe_checkout import BadNotice, check_notice
from shop.operations.inbound import receive_inbound
from shop.views.signed_body import NotTaken


@csrf_exempt  # machines have no cookie; the signature is the proof
@require_POST
def stripe_hook(request: HttpRequest) -> JsonResponse:
    """Keep one notice of Stripe, once for each of its ids.

    202 {"kept": true, "new": bool} once it is committed; 400, 401 or 413 with {"error": sentence}, nothing kept.
    """
    try:
        body = _signed_body(request)
        key = _id_of(body)
    except NotTaken as refusal:
        return refusal.answer()
    _, new = receive_inbound(source="stripe", source_key=key, raw=body, content_type="application/json")
    return JsonResponse({"kept": True, "new": new}, status=202)


def _signed_body(request: HttpRequest) -> bytes:
    header = request.headers.get("Stripe-Signature", "")
    if not header:
        raise NotTaken(401, "The header Stripe-Signature is missing.")
    body = request.read(settings.WEBHOOK_MAX_BYTES + 1)
    if len(body) > settings.WEBHOOK_MAX_BYTES:
        raise NotTaken(413, f"The body is larger than {settings.WEBHOOK_MAX_BYTES} bytes.")
    try:
        check_notice(body, header)
    except BadNotice:
        raise NotTaken(401, "The signature does not fit the body, or is older than five minutes.") from None
    return body


def _id_of(body: bytes) -> str:
    try:
        notice = json.loads(body)
        if isinstance(notice["data"]["object"], dict) and isinstance(notice["type"], str):
            return str(notice["id"])
    except (ValueError, KeyError, TypeError):
        pass
    raise NotTaken(400, "This is no event of Stripe.")
