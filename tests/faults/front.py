"""A real web server on the test's own database, and people at its checkout."""

from __future__ import annotations

import http.client
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from urllib.parse import urlencode

from tests.bench.machine import Server
from tests.faults.harness import database_url
from tests.processes import CHECKOUT, clean_environment, free_port, wait_for

FILLED = {
    "action": "place", "email": "ana@example.com", "full_name": "Ana Costa", "street": "Rua das Flores 12",
    "postcode": "4050-262", "city": "Porto", "country": "PT", "service": "door-pt", "payment": "bank_transfer",
}  # fmt: skip
BY_CARD = FILLED | {
    "payment": "test_card", "card_number": "4242 4242 4242 4242", "card_expiry": "04/29", "card_cvc": "123",
}  # fmt: skip


@contextmanager
def web_server(*, workers: int = 2, app: str = "shop.wsgi:application", **extra: str) -> Iterator[Server]:
    """Run web processes with as many hands as in production, that believe the address a visitor names.

    `extra` is environment.
    """
    port = free_port()
    environment = clean_environment(
        KINGPOST_TESTING="1",
        DATABASE_URL=database_url(),
        TRUSTED_PROXY="on",
        SITE_URL=f"http://127.0.0.1:{port}",
        LOG_LEVEL="WARNING",
        **extra,
    )
    web = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    web += ["--workers", str(workers), "--blocking-threads", "4", "--backlog", "256", "--no-ws", "--no-log", app]
    process = subprocess.Popen(web, env=environment, cwd=CHECKOUT)
    try:
        wait_for(lambda: _answers(port), seconds=60, what="the web server")
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _answers(port: int) -> bool:
    try:
        return Browser(port, "", 0).ask("GET")[0] < 500
    except OSError:
        return False


class Browser:
    """One person with a bag and an address of her own.  `led_to` is where an answer last sent her."""

    def __init__(self, port: int, token: str, number: int) -> None:
        self.port = port
        self.secret = "a" * 32
        cookies = f"bag={token}; csrftoken={self.secret}"
        self.headers = {"Cookie": cookies, "X-Forwarded-For": f"10.0.0.{number}"}
        self.led_to = ""

    def ask(self, method: str, path: str = "/checkout/", **fields: str) -> tuple[int, str]:
        """Ask for the checkout (or another page), or send it."""
        body = urlencode({"csrfmiddlewaretoken": self.secret, **fields}) if fields else None
        form = {"Content-Type": "application/x-www-form-urlencoded"} if fields else {}
        wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        wire.request(method, path, body, self.headers | form)
        answer = wire.getresponse()
        self.led_to = answer.getheader("Location") or self.led_to
        return answer.status, answer.read().decode()


def hidden_fields(page: str) -> dict[str, str]:
    """The key and the signed field of a checkout page."""
    found = dict(re.findall(r'name="(key|shown)" value="([^"]+)"', page))
    return {name: unescape(value) for name, value in found.items()}
