"""A peer that answers like Stripe's API, over real HTTP: payment pages, refunds, idempotency keys, signed notices.

Its answers have the shapes of docs.stripe.com/api (Checkout Session, Refund, Dispute, Event, Error).  Like Stripe it
keeps the first answer under an idempotency key, refuses the key with other parameters, and signs what it tells.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

SECRET = "whsec_peer"


class StripePeer:
    """Stripe in a thread.  `trouble` may change at any time: "" none, "lost" acts and never answers, "500" acts and
    answers an error, "down" refuses everything, "busy" answers 429.
    """

    def __init__(self) -> None:
        self.trouble = ""
        self.sessions: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.asked: list[tuple[str, str]] = []
        self._answers: dict[str, tuple[str, int, dict[str, Any]]] = {}
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> StripePeer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """The address of the API."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def pay(self, reference: str) -> None:
        """The shopper pays on the page; a card that is declined or a 3-D Secure she breaks off leave it open."""
        page = self.sessions[reference]
        assert page["status"] == "open", page["status"]
        page |= {"status": "complete", "payment_status": "paid", "payment_intent": f"pi_{reference}", "url": None}

    def let_expire(self, reference: str) -> None:
        """The page's time is over."""
        self.sessions[reference] |= {"status": "expired", "url": None}

    def notice(self, kind: str, thing: dict[str, Any], *, ident: str = "evt_1") -> bytes:
        """What Stripe tells by itself."""
        return json.dumps({"id": ident, "object": "event", "type": kind, "data": {"object": thing}}).encode()

    def answer(self, method: str, path: str, form: dict[str, str], key: str) -> tuple[int, dict[str, Any]]:
        """Answer one call; the same key gets the same answer."""
        with self._lock:
            self.asked.append((method, path))
            print_of = json.dumps([path, form], sort_keys=True)
            if key and key in self._answers:
                first, status, said = self._answers[key]
                if first != print_of:
                    return 400, _error("idempotency_error", "Keys can only be used with the same parameters.")
                return status, said
            status, said = self._act(method, path, form)
            if key:
                self._answers[key] = (print_of, status, json.loads(json.dumps(said)))
            return status, said

    def _act(self, method: str, path: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        parts = path.strip("/").split("/")
        if parts[1:3] == ["checkout", "sessions"] and method == "POST" and len(parts) == 3:
            return 200, self._open(form)
        if parts[1:3] == ["checkout", "sessions"]:
            page = self.sessions.get(parts[3])
            if page is None:
                return 404, _error("invalid_request_error", "No such checkout session", code="resource_missing")
            if parts[-1] == "expire":
                if page["status"] != "open":
                    return 400, _error("invalid_request_error", "Only open sessions can be expired.")
                self.let_expire(parts[3])
            return 200, page
        if parts[1:] == ["refunds"]:
            return self._give_back(form)
        return 404, _error("invalid_request_error", "Unrecognized request URL")

    def _open(self, form: dict[str, str]) -> dict[str, Any]:
        ident = f"cs_test_{len(self.sessions) + 1}"
        amount = int(form["line_items[0][price_data][unit_amount]"])
        self.sessions[ident] = {
            "id": ident, "object": "checkout.session", "status": "open", "payment_status": "unpaid",
            "amount_total": amount, "currency": form["line_items[0][price_data][currency]"],
            "client_reference_id": form["client_reference_id"], "payment_intent": None,
            "url": f"https://checkout.stripe.com/c/pay/{ident}", "expires_at": int(form["expires_at"]),
            "success_url": form["success_url"], "cancel_url": form["cancel_url"],
        }  # fmt: skip
        return self.sessions[ident]

    def _give_back(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        page = next((p for p in self.sessions.values() if p["payment_intent"] == form["payment_intent"]), None)
        gone = sum(r["amount"] for r in self.refunds.values() if r["payment_intent"] == form["payment_intent"])
        if page is None or gone + int(form["amount"]) > page["amount_total"]:
            return 400, _error("invalid_request_error", "Refund amount is greater than unrefunded amount on charge.")
        ident = f"re_{len(self.refunds) + 1}"
        self.refunds[ident] = {
            "id": ident, "object": "refund", "amount": int(form["amount"]), "status": "pending",
            "payment_intent": form["payment_intent"],
        }  # fmt: skip
        return 200, self.refunds[ident]


def signed(body: bytes, *, secret: str = SECRET, at: float | None = None) -> str:
    """The header Stripe-Signature for a body."""
    stamp = int(time.time() if at is None else at)
    mac = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={mac}"


def _error(kind: str, words: str, code: str = "") -> dict[str, Any]:
    return {"error": {"type": kind, "message": words, "code": code or None}}


def _handler(peer: StripePeer) -> type[BaseHTTPRequestHandler]:  # noqa: C901 -- four small methods
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._reply("GET", {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            self._reply("POST", dict(parse_qsl(body)))

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the library's name
            """Say nothing."""

        def _reply(self, method: str, form: dict[str, str]) -> None:
            if not self.headers.get("Authorization", "").startswith(("Bearer sk_test_", "Basic ")):
                return self._send(401, _error("invalid_request_error", "No API key."))
            if peer.trouble in {"down", "busy"}:
                return self._send(503 if peer.trouble == "down" else 429, _error("api_error", peer.trouble))
            status, said = peer.answer(method, self.path, form, self.headers.get("Idempotency-Key", ""))
            if peer.trouble == "lost":
                self.close_connection = True
                return None
            return self._send(*((500, _error("api_error", "x")) if peer.trouble == "500" else (status, said)))

        def _send(self, status: int, said: dict[str, Any]) -> None:
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
