"""A peer that answers like Stripe's API, over real HTTP: payment pages, refunds, idempotency keys, signed notices.

Its answers have the shapes of docs.stripe.com/api (Checkout Session, PaymentIntent, Refund, Dispute, Event, Error),
held against the official SDK by tests/stripe_shapes.py.  Like Stripe it keeps the first answer under a key, refuses the
key with other parameters and any parameter it does not know, and signs what it tells.

It is the peer of every test of Stripe (tests/orders/test_stripe*.py).  localstripe is the peer of none: it knows
neither payment pages nor disputes.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from stripe.params import RefundCreateParams
from stripe.params.checkout import SessionCreateParams

from tests.stripe_shapes import CREATED, event, intent, strange_parameters

SECRET = "whsec_peer"


class StripePeer:
    """Stripe in a thread.  `trouble` may change at any time: "" none, "lost" acts and hangs up, "slow" acts and never
    answers while it lives, "500" acts and answers an error, "down" refuses everything, "busy" answers 429.
    """

    def __init__(self) -> None:
        self.trouble = ""
        self.sessions: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.intents: dict[str, dict[str, Any]] = {}
        self.over = threading.Event()
        self.asked: list[tuple[str, str]] = []
        self._said: dict[str, dict[str, str]] = {}  # what we had it note on each page's intent
        self._answers: dict[str, tuple[str, int, dict[str, Any]]] = {}
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> StripePeer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """The address of the API."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def pay(self, reference: str) -> None:
        """The shopper pays on the page."""
        self._tried(reference, "succeeded")
        self.sessions[reference] |= {"status": "complete", "payment_status": "paid", "url": None}

    def refuse(self, reference: str, error: dict[str, Any]) -> dict[str, Any]:
        """Her bank declines the card, or does not see that it is her; the page stays open.  Return the intent."""
        return self._tried(reference, "requires_payment_method", error)

    def challenge(self, reference: str) -> dict[str, Any]:
        """Her bank asks her to confirm that it is her (3-D Secure), and she has not yet.  The page stays open."""
        return self._tried(reference, "requires_action")

    def debit(self, reference: str) -> None:
        """She finishes the page with a way to pay that settles days later."""
        self._tried(reference, "processing")
        self.sessions[reference] |= {"status": "complete", "url": None}

    def settle(self, reference: str, *, arrived: bool) -> None:
        """Days later: the money of a debit arrived, or it did not."""
        page = self.sessions[reference]
        self.intents[page["payment_intent"]]["status"] = "succeeded" if arrived else "requires_payment_method"
        page["payment_status"] = "paid" if arrived else "unpaid"

    def _tried(self, reference: str, status: str, error: dict[str, Any] | None = None) -> dict[str, Any]:
        page, ident = self.sessions[reference], f"pi_{reference}"
        assert page["status"] == "open", page["status"]
        page["payment_intent"] = ident
        said, amount = self._said[reference], page["amount_total"]
        self.intents[ident] = intent(ident, metadata=said, amount=amount, status=status, error=error)
        return self.intents[ident]

    def let_expire(self, reference: str) -> None:
        """The page's time is over."""
        self.sessions[reference] |= {"status": "expired", "url": None}

    def notice(self, kind: str, thing: dict[str, Any], *, ident: str = "evt_1", created: int = CREATED) -> bytes:
        """What Stripe tells by itself."""
        return json.dumps(event(kind, thing, ident=ident, created=created)).encode()

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
        path, _, asked = path.partition("?")
        parts = path.strip("/").split("/")
        if parts[1:3] == ["checkout", "sessions"] and method == "POST" and len(parts) == 3:
            return _unknown(SessionCreateParams, form) or (200, self._open(form))
        if parts[1:3] == ["checkout", "sessions"]:
            page = self.sessions.get(parts[3])
            if page is None:
                return 404, _error("invalid_request_error", "No such checkout session", code="resource_missing")
            if parts[-1] == "expire":
                if page["status"] != "open":
                    return 400, _error("invalid_request_error", "Only open sessions can be expired.")
                self.let_expire(parts[3])
            expanded = ("expand[0]", "payment_intent") in parse_qsl(asked)
            return 200, page | {"payment_intent": self.intents.get(page["payment_intent"])} if expanded else page
        if parts[1:] == ["refunds"]:
            return _unknown(RefundCreateParams, form) or self._give_back(form)
        return 404, _error("invalid_request_error", "Unrecognized request URL")

    def _open(self, form: dict[str, str]) -> dict[str, Any]:
        ident = f"cs_test_{len(self.sessions) + 1}"
        amount, noted = int(form["line_items[0][price_data][unit_amount]"]), "payment_intent_data[metadata]["
        self._said[ident] = {name[len(noted) : -1]: text for name, text in form.items() if name.startswith(noted)}
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


def _unknown(kind: type[Any], form: dict[str, str]) -> tuple[int, dict[str, Any]] | None:
    strange = strange_parameters(kind, form)
    words = f"Received unknown parameter: {', '.join(strange)}"
    return (400, _error("invalid_request_error", words, code="parameter_unknown")) if strange else None


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
            if peer.trouble == "slow":
                peer.over.wait(20)
            if peer.trouble in {"lost", "slow"}:
                self.close_connection = True
                return None
            return self._send(*((500, _error("api_error", "x")) if peer.trouble == "500" else (status, said)))

        def _send(self, status: int, said: dict[str, Any]) -> None:
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(BrokenPipeError):
                self.wfile.write(body)

    return Handler
