"""Orders in the admin: the desk, the order page, its parcels, its money and the ways it travels."""

from orders.admin import delivery, desk, money, parcels

__all__ = ["delivery", "desk", "money", "parcels"]
