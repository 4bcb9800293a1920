"""Orders in the admin: the desk, the order page, its parcels, its money and the ways it travels."""

from orders.admin import bank, delivery, desk, documents, drafts, incidents, missing, money, parcels, promotions, stuck

__all__ = [
    "bank",
    "delivery",
    "desk",
    "documents",
    "drafts",
    "incidents",
    "missing",
    "money",
    "parcels",
    "promotions",
    "stuck",
]
