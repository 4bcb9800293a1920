"""Tables of orders: bag, order, money, promise, parcel."""

from orders.models.arrival import ArrivalQuestion
from orders.models.bank import BankLine
from orders.models.cart import Cart, CartLine, Sending
from orders.models.change import OrderChange
from orders.models.credit import CreditCode, CreditEntry, StoreCredit
from orders.models.delivery import DeliveryTable, ServiceLevel, TaxRate, Workshop
from orders.models.document import Document, DocumentFile, DocumentSeries
from orders.models.draft import OrderDraft
from orders.models.incident import Incident, IncidentNotice, IncidentVersion
from orders.models.note import OrderNote
from orders.models.order import Order, OrderAccess, OrderLine, Submission
from orders.models.parcel import Parcel, ParcelLine, ParcelPlan, TrackingEvent
from orders.models.payment import Payment, PaymentEvent, RefundGrant, RefundItem
from orders.models.promise import DelayCase, Promise, PromiseOutcome
from orders.models.promotion import CartVoucher, Promotion, Redemption, Voucher
from orders.models.saved_address import SavedAddress
from orders.models.stuck import StuckLook, StuckParcel
from orders.models.test_card import TestCardEntry
from orders.models.unavailability import Unavailability
from orders.models.wishlist import Wishlist, WishlistLine

__all__ = [
    "ArrivalQuestion",
    "BankLine",
    "Cart",
    "CartLine",
    "CartVoucher",
    "CreditCode",
    "CreditEntry",
    "DelayCase",
    "DeliveryTable",
    "Document",
    "DocumentFile",
    "DocumentSeries",
    "Incident",
    "IncidentNotice",
    "IncidentVersion",
    "Order",
    "OrderAccess",
    "OrderChange",
    "OrderDraft",
    "OrderLine",
    "OrderNote",
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
    "RefundItem",
    "SavedAddress",
    "Sending",
    "ServiceLevel",
    "StoreCredit",
    "StuckLook",
    "StuckParcel",
    "Submission",
    "TaxRate",
    "TestCardEntry",
    "TrackingEvent",
    "Unavailability",
    "Voucher",
    "Wishlist",
    "WishlistLine",
    "Workshop",
]
