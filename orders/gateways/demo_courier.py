"""The demo courier's side of the wire: signed webhooks over real HTTP."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request

from shop.rules.signatures import HEADER, sign

TIMEOUT_SECONDS = 10


class ShopAway(Exception):
    """The shop did not answer, or answered with a fault of its own: try again later."""


class ShopRefused(Exception):
    """The shop understood and said no; the words are its own."""


def post_news(*, url: str, secret: str, news: dict[str, str]) -> bool:
    """Post one scan; return whether it was news to the shop.  Raises ShopAway, ShopRefused."""
    body = json.dumps(news).encode()
    request = urllib.request.Request(  # noqa: S310 -- the address is the operator's own
        url,
        data=body,
        headers={
            "Content-Type": "application/json",
            HEADER: sign(body=body, secret=secret, unix_seconds=int(time.time())),
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 -- as above
            return bool(json.load(answer)["new"])
    except urllib.error.HTTPError as problem:
        if problem.code >= 500:
            raise ShopAway(f"answered {problem.code}") from None
        raise ShopRefused(f"{problem.code} {problem.read(300).decode(errors='replace')}") from None
    except (OSError, ValueError, KeyError) as problem:
        raise ShopAway(type(problem).__name__) from None
