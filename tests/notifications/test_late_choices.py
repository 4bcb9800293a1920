"""The letter of a later day offers what her page offers at that moment, and nothing it does not."""

from __future__ import annotations

from datetime import datetime

import pytest

from notifications.messages.order_delayed import context
from orders.models import DelayCase
from orders.operations.packing import pack_parcel
from shop.models import StockLevel
from tests.factories.shop import VariantFactory
from tests.orders.test_choices import add_line, late_in_the_workshop
from tests.orders.test_operations_fulfilment import parcel_of

pytestmark = pytest.mark.django_db

READY = "You can have what is ready sent now; the rest follows, without a second fee."
SWAP = "You can take another colour or size that is here."
DELIVERY = "You can change where and when it comes."


def offered(at: datetime) -> str:
    return context(DelayCase.objects.select_related("order", "broken_promise", "new_promise").get(), at).you_can


def test_the_letter_offers_what_her_page_does(now: datetime) -> None:
    order = late_in_the_workshop(now)
    first = order.lines.get()
    assert offered(now) == DELIVERY

    other = VariantFactory(product=first.variant.product, label="Ochre", price_minor=first.unit_minor)
    assert offered(now) == f"{SWAP} {DELIVERY}"

    add_line(order, now, making_days=5)
    assert offered(now) == f"{READY} {SWAP} {DELIVERY}"

    StockLevel.objects.filter(variant=other).update(on_hand=0)
    order.lines.exclude(pk=first.pk).update(making_days=0)
    pack_parcel(parcel_id=parcel_of(order).pk, by=None, at=now)
    assert offered(now) == DELIVERY
