"""How an offer is delivered, in schema.org's words, for search engines.

Source: schema.org OfferShippingDetails, ShippingDeliveryTime; delivery reference 5.2.
"""

from __future__ import annotations

from typing import Any

from orders.models import ServiceLevel
from orders.queries.quotes import days_of, delivery_price
from shop.rules.money import Money, plain_amount


def shipped(data: dict[str, Any], service: ServiceLevel) -> dict[str, Any]:
    """Return a Product or ProductGroup with `shippingDetails` on each of its offers, as `service` brings them.

    The price is what one piece alone costs to deliver.
    """
    if "hasVariant" in data:
        return data | {"hasVariant": [shipped(variant, service) for variant in data["hasVariant"]]}
    offer = data["offers"]
    return data | {"offers": offer | {"shippingDetails": _details(service, offer["price"])}}


def _details(service: ServiceLevel, price: str) -> dict[str, Any]:
    costs = delivery_price(service, goods_minor=int(price.replace(".", "")))
    return {
        "@type": "OfferShippingDetails",
        "shippingRate": {
            "@type": "MonetaryAmount",
            "value": plain_amount(Money(costs, service.currency)),
            "currency": service.currency,
        },
        "shippingDestination": {"@type": "DefinedRegion", "addressCountry": service.country},
        "deliveryTime": {
            "@type": "ShippingDeliveryTime",
            "handlingTime": _days(0, service.workshop.handling_days),
            "transitTime": _days(*days_of(service)[:2]),
        },
    }


def _days(least: int, most: int) -> dict[str, Any]:
    return {"@type": "QuantitativeValue", "minValue": least, "maxValue": most, "unitCode": "DAY"}
