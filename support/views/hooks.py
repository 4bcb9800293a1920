"""The inbound mail webhook: keep the raw message, then say so; understanding comes later.

Source: reliability reference D9, T43, T44, S11; support reference 0 (findings 1 and 2).
"""

from __future__ import annotations

import logging

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from shop.operations.inbound import receive_inbound
from shop.views.signed_body import NotTaken, read_signed
from support.gateways import mail_hook as names
from support.operations.receiving import ENVELOPE_FROM, ENVELOPE_TO
from support.rules.mail import clean, fingerprint

log = logging.getLogger(__name__)

CONTENT_TYPE = "message/rfc822"
MAX_ENVELOPE = 320


@csrf_exempt  # machines have no cookie; the signature is the proof
@require_POST
def mail_hook(request: HttpRequest) -> JsonResponse:
    """Take one raw message (message/rfc822), signed over time and body; 202 once it is kept."""
    try:
        body = read_signed(
            request,
            content_type=CONTENT_TYPE,
            most_bytes=settings.INBOUND_MAIL_MAX_BYTES,
            secrets=settings.INBOUND_MAIL_SECRETS,
        )
    except NotTaken as refusal:
        log.warning("inbound mail refused: %s", refusal)
        return refusal.answer()
    if not body.strip():
        return NotTaken(400, "There is no message in the body.").answer()
    row_id, new = receive_inbound(
        source="mail",
        source_key=fingerprint(body),
        raw=body,
        content_type=CONTENT_TYPE,
        headers=_envelope(request),
    )
    return JsonResponse({"kept": row_id, "new": new}, status=202)


def _envelope(request: HttpRequest) -> dict[str, str]:
    """Return the envelope as far as the mail server told it; an empty sender means the null sender."""
    found = {}
    for key, name in ((ENVELOPE_TO, names.TO), (ENVELOPE_FROM, names.FROM)):
        if name in request.headers:
            found[key] = clean(request.headers[name])[:MAX_ENVELOPE].strip().strip("<>")
    return found
