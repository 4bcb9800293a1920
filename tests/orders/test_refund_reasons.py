"""Why money goes back is kept in the language of who ordered, whatever language the one who decides reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import uuid4

import pytest
from django.utils import translation

from orders.models import RefundGrant
from orders.operations.cancelling import cancel_order
from orders.operations.placing import place_order
from tests.factories.bags import ANA, filled_bag, shown_to


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("hers", "staffs", "reason"),
    [("de", "en", "Die Bestellung wurde storniert."), ("en", "de", "The order was cancelled.")],
)
def test_a_cancelled_order_says_so_in_her_language(now: datetime, hers: str, staffs: str, reason: str) -> None:
    cart, _token = filled_bag(at=now)
    request = replace(ANA, locale=hers)
    order = place_order(key=uuid4(), cart_id=cart.pk, request=request, shown=shown_to(cart, request, at=now), at=now)

    with translation.override(staffs):
        cancel_order(order_id=order.pk, by=None, at=now)

    assert RefundGrant.objects.get().reason == reason
