"""What search engines read about a product, in schema.org's words.

A piece with sizes is a ProductGroup with one Product a size, anything else a Product.  Who delivers it adds
`shippingDetails` to every offer (`{% with_delivery %}` of orders).  The tests hold every word against the published
vocabulary.  Source: schema.org Product, ProductGroup, Offer, MerchantReturnPolicy; delivery reference 5.2.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings

from shop.pictures import picture_url
from shop.queries.product import Choice, ProductView
from shop.rules.availability import Availability
from shop.rules.money import Money, plain_amount

_IS = "https://schema.org/"
_STOCK = {
    Availability.IN_STOCK: f"{_IS}InStock",
    Availability.FEW_LEFT: f"{_IS}LimitedAvailability",
    Availability.MADE_TO_ORDER: f"{_IS}MadeToOrder",
    Availability.ON_ORDER: f"{_IS}BackOrder",
    Availability.PREORDER: f"{_IS}PreOrder",
    Availability.SOLD_OUT: f"{_IS}OutOfStock",
}


def product_data(view: ProductView, *, address: str, countries: list[str]) -> dict[str, Any]:
    """Return the product of a page as JSON-LD; `address` is the page's own, `countries` are those we deliver to."""
    common = _common(view)
    offers = [_offer(choice, address, countries) for choice in view.choices]
    if not view.has_sizes:
        return {"@context": "https://schema.org", "@type": "Product", **common, **_form(view.choices[0], offers[0])}
    return {
        "@context": "https://schema.org",
        "@type": "ProductGroup",
        **common,
        "productGroupID": view.product.slug,
        "variesBy": [f"{_IS}size"],
        "hasVariant": [
            {
                "@type": "Product",
                "name": f"{view.product.name}, {choice.size}",
                **_form(choice, offer),
                **_elsewhere(view, choice),
            }
            for choice, offer in zip(view.choices, offers, strict=True)
        ],
    }


def _common(view: ProductView) -> dict[str, Any]:
    product = view.product
    tone = next((tone for tone in view.tones if tone.chosen), None)
    said = {
        "name": product.name,
        "description": product.summary,
        "image": [settings.SITE_URL + picture_url(picture.path) for picture in view.pictures],
        "material": product.material,
        "color": tone.label if tone else "",
        "brand": {"@type": "Brand", "name": settings.SHOP_NAME},
        "manufacturer": {"@type": "Organization", "name": product.maker} if product.maker else "",
    }
    return {name: value for name, value in said.items() if value}


def _form(choice: Choice, offer: dict[str, Any]) -> dict[str, Any]:
    variant = choice.variant
    said = {
        "sku": variant.sku,
        "size": choice.size,
        "weight": {"@type": "QuantitativeValue", "value": variant.weight_g, "unitCode": "GRM"}
        if variant.weight_g
        else "",
        "offers": offer,
    }
    return {name: value for name, value in said.items() if value}


_SYSTEM = {
    "eu": f"{_IS}WearableSizeSystemEurope",
    "uk": f"{_IS}WearableSizeSystemUK",
    "us": f"{_IS}WearableSizeSystemUS",
}


def _elsewhere(view: ProductView, choice: Choice) -> dict[str, Any]:
    """Return the size with its names in other systems; nothing when it has none, so that our own name stays."""
    names = view.facts.names.get(choice.size)
    if not names:
        return {}
    known = [
        {"@type": "SizeSpecification", "name": name, "sizeSystem": _SYSTEM[system]} for system, name in names.items()
    ]
    return {"size": [choice.size, *known]}


_UNIT_CODES = {"g": "KGM", "ml": "LTR", "mm": "MTR", "piece": "C62"}  # UN/CEFACT codes of the whole unit


def _more_prices(choice: Choice) -> dict[str, Any]:
    """Return the former price of what is reduced and the price of a unit of what is sold by content, if any."""
    found = []
    if choice.was:
        found.append(_price(choice.was) | {"priceType": f"{_IS}StrikethroughPrice"})
    if unit := choice.unit_price:
        quantity = {"@type": "QuantitativeValue", "value": 1, "unitCode": _UNIT_CODES[unit.unit]}
        found.append(_price(unit.price) | {"referenceQuantity": quantity})
    return {"priceSpecification": found[0] if len(found) == 1 else found} if found else {}


def _price(amount: Money) -> dict[str, Any]:
    return {"@type": "UnitPriceSpecification", "price": plain_amount(amount), "priceCurrency": amount.currency}


def _offer(choice: Choice, address: str, countries: list[str]) -> dict[str, Any]:
    return {
        "@type": "Offer",
        "url": address,
        "price": plain_amount(choice.price),
        "priceCurrency": choice.price.currency,
        "availability": _STOCK[choice.state],
        **({"availabilityStarts": choice.goods_on.isoformat()} if choice.goods_on else {}),
        "itemCondition": f"{_IS}NewCondition",
        **_more_prices(choice),
        "hasMerchantReturnPolicy": {
            "@type": "MerchantReturnPolicy",
            "applicableCountry": countries,
            "returnPolicyCategory": f"{_IS}MerchantReturnFiniteReturnWindow",
            "merchantReturnDays": settings.RETURN_WINDOW_DAYS,
            "returnMethod": f"{_IS}ReturnByMail",
        },
    }
