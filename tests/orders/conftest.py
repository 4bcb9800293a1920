from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from orders.gateways import payments
from orders.gateways.payments.stripe_checkout import StripeCheckout
from tests.stripe_peer import SECRET, StripePeer


@pytest.fixture
def peer(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[StripePeer]:
    """Stripe, and a shop that has its keys."""
    with StripePeer() as stripe:
        settings.STRIPE_SECRET_KEY, settings.STRIPE_API = "sk_test_1", stripe.url
        settings.STRIPE_WEBHOOK_SECRETS = ["whsec_old", SECRET]
        monkeypatch.setitem(payments._GATEWAYS, "stripe", StripeCheckout())  # with these keys
        yield stripe
