"""Ask the web server in this container whether it runs: `python -m shop.bootstrap.alive`, exit 1 when it does not."""

from __future__ import annotations

import http.client
import os
import sys


def visitors_host(allowed_hosts: list[str]) -> str:
    """A host name the shop answers to, out of Django's ALLOWED_HOSTS with its stars and leading dots."""
    return next((host.strip().lstrip(".") for host in allowed_hosts if host.strip(". *")), "localhost")


def main() -> int:
    """Ask as a visitor would."""
    host = visitors_host(os.environ.get("ALLOWED_HOSTS", "").split(","))
    try:
        wire = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT") or 8000), timeout=4)
        wire.request("GET", "/healthz", headers={"Host": host})
        return 0 if wire.getresponse().status == 200 else 1
    except (OSError, http.client.HTTPException):
        return 1


if __name__ == "__main__":
    sys.exit(main())
