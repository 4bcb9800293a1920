"""Forms of orders: one module a side of the counter."""

from orders.forms.buying import WEEKDAYS, BagAddForm, BagQuantityForm, CheckoutForm
from orders.forms.fulfilment import FindOrderForm, HandOverForm, PaymentForm, ScanFileForm, ScanForm, SplitForm

__all__ = [
    "WEEKDAYS",
    "BagAddForm",
    "BagQuantityForm",
    "CheckoutForm",
    "FindOrderForm",
    "HandOverForm",
    "PaymentForm",
    "ScanFileForm",
    "ScanForm",
    "SplitForm",
]
