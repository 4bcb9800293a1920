"""What never belongs into a log line: the secret part of a link, an address, a signed ticket.

Source: reliability reference S1, S24.
"""

from __future__ import annotations

import re

BLOT = "[...]"

# The ways to a page that is opened by its address alone; what follows up to the next slash is the secret.
_SECRET_PATH = re.compile(
    r"(/orders/|/drafts/|/arrived/|/help/contact/sent/|/messages/(?:stop|wishes)/|/alerts/|/news/"
    r"|/account/data/(?:copy|erasure)/)(?!find/)[^/\s?#\"'<>]+"
)
_SECRET_PARAMETER = re.compile(r"([?&](?:order|token|ticket|password|key)=)[^&\s#\"'<>]+", re.IGNORECASE)
_MAIL_ADDRESS = re.compile(
    r"[^\s@<>\"'(),;:=\[\]]+(?:@|%40)[^\s@<>\"'(),;:/?&\[\]]+\.[^\s@<>\"'(),;:/?&\[\].]+", re.IGNORECASE
)


def blotted(text: str) -> str:
    """Return `text` with secret links, secret parameters and mail addresses blotted out; the rest stays readable."""
    if "/" in text:
        text = _SECRET_PATH.sub(rf"\1{BLOT}", text)
        text = _SECRET_PARAMETER.sub(rf"\1{BLOT}", text)
    if "@" in text or "%40" in text:
        text = _MAIL_ADDRESS.sub(BLOT, text)
    return text
