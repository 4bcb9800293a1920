"""Orders in the admin: the desk, the order page, its parcels."""

from orders.admin import desk, parcels

__all__ = ["desk", "parcels"]
