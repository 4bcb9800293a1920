"""What Stripe sends and takes, held against the official SDK: its classes say which fields an object has, its typed
dictionaries which parameters a call takes.  A field or a parameter the SDK does not know is found here.

Source: stripe-python (generated from Stripe's OpenAPI description); docs.stripe.com/api.
"""

from __future__ import annotations

import re
import sys
import types
from typing import Any, Union, get_args, get_origin, get_type_hints

import stripe

CREATED = 1_772_443_800  # 2 March 2026, 9:30 UTC


def intent(
    ident: str,
    *,
    metadata: dict[str, str],
    amount: int,
    status: str = "requires_payment_method",
    error: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A PaymentIntent as the API tells it, after a try that failed (`error`), while one goes on, or when it is paid."""
    return {
        "id": ident, "object": "payment_intent", "amount": amount, "amount_capturable": 0,
        "amount_received": amount if status == "succeeded" else 0, "capture_method": "automatic_async",
        "client_secret": None, "confirmation_method": "automatic", "created": CREATED, "currency": "eur",
        "last_payment_error": error, "latest_charge": error["charge"] if error else None, "livemode": False,
        "metadata": metadata, "next_action": _asked(status), "payment_method": None,
        "payment_method_types": ["card"], "status": status,
    }  # fmt: skip


def _asked(status: str) -> dict[str, Any] | None:
    """What she is asked by her bank while it checks that it is her."""
    if status != "requires_action":
        return None
    page = {"return_url": "https://checkout.stripe.com/c/pay/back", "url": "https://hooks.stripe.com/3d_secure_2/x"}
    return {"type": "redirect_to_url", "redirect_to_url": page}


def declined(decline_code: str, *, code: str = "card_declined") -> dict[str, Any]:
    """Her bank said no."""
    return {
        "type": "card_error", "code": code, "decline_code": decline_code, "charge": "ch_1",
        "advice_code": "try_again_later",
        "doc_url": f"https://docs.stripe.com/error-codes/{code}", "message": "Your card was declined.",
        "network_decline_code": "05", "payment_method_type": "card",
    }  # fmt: skip


def not_confirmed() -> dict[str, Any]:
    """She, or her bank's app, did not confirm that it is her: no charge was tried."""
    code = "payment_intent_authentication_failure"
    return {
        "type": "invalid_request_error", "code": code, "charge": None, "decline_code": None,
        "doc_url": f"https://docs.stripe.com/error-codes/{code}",
        "message": "The provided PaymentMethod has failed authentication.", "payment_method_type": "card",
    }  # fmt: skip


def event(kind: str, thing: dict[str, Any], *, ident: str, created: int = CREATED) -> dict[str, Any]:
    """What is posted to a webhook."""
    return {
        "id": ident, "object": "event", "api_version": stripe.api_version, "created": created, "livemode": False,
        "pending_webhooks": 1, "request": {"id": None, "idempotency_key": None}, "type": kind,
        "data": {"object": thing},
    }  # fmt: skip


def strange_fields(kind: type[Any], told: dict[str, Any], path: str = "") -> list[str]:
    """Return the fields of an object that the SDK's class does not have, however deep."""
    inner = getattr(kind, "_inner_class_types", {})
    strange = [f"{path}{name}" for name in told if name not in kind.__annotations__]
    for name, value in told.items():
        if isinstance(value, dict) and name in inner:
            strange += strange_fields(inner[name], value, f"{path}{name}.")
    return strange


def strange_parameters(kind: type[Any], form: dict[str, str]) -> list[str]:
    """Return the parameters of a call, as its form writes them, that the SDK's typed dictionary does not have."""
    return [name for name in form if not _takes(kind, re.findall(r"[^\[\]]+", name))]


def _takes(hint: Any, path: list[str]) -> bool:
    if not path:
        return True
    origin, inside = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        return any(_takes(one, path) for one in inside)
    if origin is list:
        return path[0].isdigit() and _takes(inside[0], path[1:])
    if origin is dict:
        return _takes(inside[1], path[1:])
    if not isinstance(hint, type) or not hasattr(hint, "__total__"):
        return False
    known = hint.__annotations__
    return path[0] in known and _takes(_resolved(known[path[0]], hint), path[1:])


def _resolved(annotation: Any, of: type[Any]) -> Any:
    """Evaluate what stands beside one parameter, where it stands; the SDK writes names of its own in quotes."""
    one = type("One", (), {"__annotations__": {"it": annotation}})
    return get_type_hints(one, vars(sys.modules[of.__module__]))["it"]
