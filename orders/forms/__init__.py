"""Forms of orders: one module a page."""

from orders.forms.fulfilment import FindOrderForm, HandOverForm, PaymentForm

__all__ = ["FindOrderForm", "HandOverForm", "PaymentForm"]
