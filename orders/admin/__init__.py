"""Orders in the admin, one module per subject."""

from orders.admin import delivery, money

__all__ = ["delivery", "money"]
