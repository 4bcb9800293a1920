"""Ask the web server in this container whether it runs: `python -m shop.bootstrap.alive`, exit 1 when it does not."""

from __future__ import annotations

import http.client
import os
import sys


def main() -> int:
    """Ask as a visitor would: with a host name the shop answers to."""
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip().lstrip(".") or "localhost"
    try:
        wire = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT") or 8000), timeout=4)
        wire.request("GET", "/healthz", headers={"Host": host})
        return 0 if wire.getresponse().status == 200 else 1
    except (OSError, http.client.HTTPException):
        return 1


if __name__ == "__main__":
    sys.exit(main())
