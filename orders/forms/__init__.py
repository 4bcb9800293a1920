"""Forms of orders: one module a side of the counter."""

from orders.forms.buying import (
    WEEKDAYS,
    BagAddForm,
    BagQuantityForm,
    CheckoutForm,
    GiftForm,
    SendingForm,
    VoucherForm,
    WishForm,
)
from orders.forms.fulfilment import (
    FindOrderForm,
    HandOverForm,
    PaymentForm,
    PutAwayForm,
    ScanFileForm,
    ScanForm,
    SplitForm,
)
from orders.forms.missing import ChoiceForm, OtherForm, ShortPickForm, TakingForm

__all__ = [
    "WEEKDAYS",
    "BagAddForm",
    "BagQuantityForm",
    "CheckoutForm",
    "ChoiceForm",
    "FindOrderForm",
    "GiftForm",
    "HandOverForm",
    "OtherForm",
    "PaymentForm",
    "PutAwayForm",
    "ScanFileForm",
    "ScanForm",
    "SendingForm",
    "ShortPickForm",
    "SplitForm",
    "TakingForm",
    "VoucherForm",
    "WishForm",
]
