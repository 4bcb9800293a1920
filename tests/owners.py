"""The browser of whoever ordered: it has typed the code that was mailed to her, within the hour."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client
from django.utils import timezone

from orders.models import Order, OrderAccess
from orders.operations.proving import add_proof
from orders.rules.tokens import hash_token
from orders.views.proof import PROOF_COOKIE


def know(client: Client, order: Order) -> Client:
    """Let a browser be known to belong to whoever ordered."""
    client.cookies[PROOF_COOKIE] = add_proof("", order=order, at=timezone.now())
    return client


class OwnersClient(Client):
    """Is known for every order it opens by its link, as after typing the code each time."""

    def request(self, **asked: Any) -> Any:
        """Send a request behind a link as its owner."""
        found = re.match(r"/orders/([^/]+)/", asked.get("PATH_INFO", ""))
        if found:
            for link in OrderAccess.objects.filter(token_hash=hash_token(found[1])).select_related("order"):
                know(self, link.order)
        return super().request(**asked)
