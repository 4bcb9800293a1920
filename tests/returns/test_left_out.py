"""A piece that was left out takes nothing away from the one she has and sends back.

Source: commerce reference b-13 (exactly what was paid); Directive 2011/83/EU art. 13 (delivery fee with everything).
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from orders.models import Order, OrderLine, Payment
from orders.operations.paying import note_payment_received
from orders.operations.refunding import grant_refund
from orders.rules.shares import Amount
from returns.operations.seed_reasons import seed_reasons
from returns.queries.refunds import preview_of
from shop.queries.audit import breaches
from tests.factories.bags import ordered
from tests.factories.returns import asked, deliver, requested
from tests.factories.shop import StaffFactory, VariantFactory
from tests.orders.test_missing_money import BY_TRANSFER, leave_out

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("paid", "back", "worth"), [(5290, 2400, 1200), (3000, 1490, 1655)])
def test_the_piece_she_has_comes_back_with_what_is_left_of_its_price_and_the_fee(
    now: datetime, paid: int, back: int, worth: int
) -> None:
    """Of two pieces something went back by hand, then one was missing, paid or not; she sends back the other one."""
    seed_reasons(now)
    order = ordered((VariantFactory(stock=9), 2), at=now, **BY_TRANSFER)
    line, staff = OrderLine.objects.get(), StaffFactory()
    note_payment_received(order_id=order.pk, amount_minor=paid, reference="T1", by=staff, at=now)
    what = Amount(back, line.pk)
    grant_refund(order_id=order.pk, amount_minor=back, reason="Sorry", origin="t:1", by=None, at=now, what=what)
    leave_out(line, at=now)
    if open_minor := Payment.objects.get().open_minor:
        note_payment_received(order_id=order.pk, amount_minor=open_minor, reference="T2", by=staff, at=now)

    deliver(order, number=1, at=now)
    case = requested(Order.objects.get(), asked(OrderLine.objects.get()), at=now + timedelta(days=5))

    assert preview_of(case).total_minor == worth + 490
    assert breaches() == []
