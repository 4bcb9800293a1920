"""The couriers' webhook: check, keep, acknowledge.  Understanding it is the sweep's work."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from orders.queries.couriers import secrets_of
from orders.rules.courier_news import Malformed
from orders.rules.couriers import PROVIDERS, seal_of
from shop.operations.inbound import receive_inbound
from shop.views.signed_body import NotTaken, read_signed


@csrf_exempt  # machines have no cookie; the signature is the proof
@require_POST
def courier_hook(request: HttpRequest, provider: str) -> JsonResponse:
    """Keep one delivery of a provider we know.

    202 {"kept": true, "new": bool} once it is committed; 400, 401, 404, 413 or 415 with {"error": sentence}, nothing
    kept.
    """
    sender = PROVIDERS.get(provider)
    if sender is None:
        return NotTaken(404, "No courier of that name knocks here.").answer()
    claims = {seal: seal.claim(request.headers, request.GET.dict()) for seal in sender.seals}
    try:
        body = read_signed(
            request,
            content_type="application/json",
            most_bytes=settings.WEBHOOK_MAX_BYTES,
            secrets=secrets_of(provider),
            seal=seal_of(sender, claims),
        )
        delivery = sender.read(body)
    except NotTaken as refusal:
        return refusal.answer()
    except Malformed as problem:
        return NotTaken(400, str(problem)).answer()
    _, new = receive_inbound(
        source=f"courier:{provider}", source_key=delivery.key, raw=body, content_type="application/json"
    )
    return JsonResponse({"kept": True, "new": new}, status=202)
