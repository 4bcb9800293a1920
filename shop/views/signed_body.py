"""What webhooks have in common: nothing of a body is believed, or even read, before it had to be.

Source: reliability reference T43, S11.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, JsonResponse, UnreadablePostError
from django.utils import timezone

from shop.rules import signatures


class NotTaken(Exception):
    """The delivery is refused: `status` and a sentence for whoever sent it."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence

    def answer(self) -> JsonResponse:
        """Return the refusal as the sender reads it."""
        return JsonResponse({"error": self.sentence}, status=self.status)


def read_signed(
    request: HttpRequest,
    *,
    content_type: str,
    most_bytes: int,
    secrets: Sequence[str],
    seal: signatures.Seal = signatures.OURS,
) -> bytes:
    """Return the raw body of a delivery that `seal` proves with one of `secrets`.

    The cheap questions come first, so that a stranger cannot make us read megabytes: the announced size, the kind of
    body, a fresh stamp.  Then at most `most_bytes` are read and the signature is checked over exactly these bytes.
    Raises NotTaken with 400, 401, 413 or 415.
    """
    claim, seconds = seal.claim(request.headers, request.GET.dict()), timezone.now().timestamp()
    if _announced(request) > most_bytes:
        raise NotTaken(413, f"The body is larger than {most_bytes} bytes.")
    try:
        seal.check_early(claim=claim, unix_seconds=seconds)
        if request.content_type != content_type:
            raise NotTaken(415, f"Send the body as {content_type}.")
        body = _read(request, most_bytes)
        seal.check(claim=claim, body=body, secrets=secrets, unix_seconds=seconds)
    except signatures.BadSignature as problem:
        raise NotTaken(401, str(problem)) from None
    return body


def _announced(request: HttpRequest) -> int:
    """Return the announced size; one that is missing (a body in chunks) or unreadable announces nothing."""
    said = str(request.META.get("CONTENT_LENGTH") or "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 19 else 0


def _read(request: HttpRequest, most_bytes: int) -> bytes:
    # Not request.body: that one stops at the size of an ordinary form.
    try:
        body = request.read(most_bytes + 1)
    except UnreadablePostError:
        raise NotTaken(400, "The body ended before it was complete.") from None
    if len(body) > most_bytes:
        raise NotTaken(413, f"The body is larger than {most_bytes} bytes.")
    return body
