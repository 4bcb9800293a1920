"""Tables of orders: bag, order, money, promise, parcel."""

from orders.models.cart import Cart, CartLine, Sending
from orders.models.delivery import ServiceLevel, TaxRate, Workshop
from orders.models.order import Order, OrderAccess, OrderLine, Submission
from orders.models.parcel import Parcel, ParcelLine, ParcelPlan, TrackingEvent
from orders.models.payment import Payment, PaymentEvent, RefundGrant
from orders.models.promise import DelayCase, Promise, PromiseOutcome
from orders.models.promotion import CartVoucher, Promotion, Redemption, Voucher
from orders.models.test_card import TestCardEntry
from orders.models.unavailability import Unavailability

__all__ = [
    "Cart",
    "CartLine",
    "CartVoucher",
    "DelayCase",
    "Order",
    "OrderAccess",
    "OrderLine",
    "Parcel",
    "ParcelLine",
    "ParcelPlan",
    "Payment",
    "PaymentEvent",
    "Promise",
    "PromiseOutcome",
    "Promotion",
    "Redemption",
    "RefundGrant",
    "Sending",
    "ServiceLevel",
    "Submission",
    "TaxRate",
    "TestCardEntry",
    "TrackingEvent",
    "Unavailability",
    "Voucher",
    "Workshop",
]
