"""Tables of orders: bag, order, money, promise, parcel."""

from orders.models.cart import Cart, CartLine
from orders.models.delivery import ServiceLevel, TaxRate, Workshop
from orders.models.order import Order, OrderAccess, OrderLine, Submission
from orders.models.parcel import Parcel, ParcelLine, TrackingEvent
from orders.models.payment import Payment, PaymentEvent, RefundGrant
from orders.models.promise import DelayCase, Promise
from orders.models.test_card import TestCardEntry

__all__ = [
    "Cart",
    "CartLine",
    "DelayCase",
    "Order",
    "OrderAccess",
    "OrderLine",
    "Parcel",
    "ParcelLine",
    "Payment",
    "PaymentEvent",
    "Promise",
    "RefundGrant",
    "ServiceLevel",
    "Submission",
    "TaxRate",
    "TestCardEntry",
    "TrackingEvent",
    "Workshop",
]
