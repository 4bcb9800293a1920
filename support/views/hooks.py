"""The inbound mail webhook: keep the raw message, then say so; understanding comes later.

Source: reliability reference D9, T43, T44, S11; support reference 0 (findings 1 and 2).
"""

from __future__ import annotations

import logging

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from orders.rules.signatures import HEADER, BadSignature, check
from shop.operations.inbound import receive_inbound
from support.gateways import mail_hook as names
from support.operations.receiving import ENVELOPE_FROM, ENVELOPE_TO
from support.rules.mail import clean, fingerprint

log = logging.getLogger(__name__)

MAX_ENVELOPE = 320


@csrf_exempt
@require_POST
def mail_hook(request: HttpRequest) -> JsonResponse:
    """Take one raw message (message/rfc822), signed over time and body; 202 once it is kept."""
    limit = settings.INBOUND_MAIL_MAX_BYTES
    body = request.read(limit + 1)  # not request.body: that one stops at the size of an ordinary form
    if len(body) > limit:
        return _refuse(413, f"A mail may have {limit} bytes at most.")
    try:
        check(
            header=request.headers.get(HEADER, ""),
            body=body,
            secrets=settings.INBOUND_MAIL_SECRETS,
            unix_seconds=timezone.now().timestamp(),
        )
    except BadSignature as why:
        log.warning("inbound mail refused: %s", why)
        return _refuse(401, "The signature is missing, too old or not ours.")
    if request.content_type != "message/rfc822":
        return _refuse(415, "Send the raw message as message/rfc822.")
    if not body.strip():
        return _refuse(400, "There is no message in the body.")
    row, new = receive_inbound(
        source="mail",
        source_key=fingerprint(body),
        raw=body,
        content_type=request.content_type,
        headers=_envelope(request),
    )
    return JsonResponse({"kept": row.pk, "new": new}, status=202)


def _envelope(request: HttpRequest) -> dict[str, str]:
    """Return the envelope as far as the mail server told it; an empty sender means the null sender."""
    found = {}
    for key, name in ((ENVELOPE_TO, names.TO), (ENVELOPE_FROM, names.FROM)):
        if name in request.headers:
            found[key] = clean(request.headers[name])[:MAX_ENVELOPE].strip().strip("<>")
    return found


def _refuse(status: int, why: str) -> JsonResponse:
    return JsonResponse({"error": why}, status=status)
