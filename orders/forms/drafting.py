"""What staff type while somebody is on the phone: who she is, where it goes, what she wants, what was agreed."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from orders.forms.buying import CheckoutForm
from orders.messages import words
from orders.models import ServiceLevel
from orders.rules.hours import choice_of
from orders.rules.totals import MAX_QUANTITY
from shop.forms.money import MoneyField
from shop.models import Variant
from shop.rules import wording
from shop.rules.money import Money

ROWS = 6
_KEPT = (
    *("email", "full_name", "street", "extra", "postcode", "city", "region", "country", "phone"),
    *("courier_note", "service"),
)
_NOT_ASKED = (  # she answers these herself
    *("payment", "card_number", "card_expiry", "card_cvc", "key", "shown"),
    *("home_weekdays", "home_part_of_day", "when_nobody_home"),
)


class DraftForm(CheckoutForm):
    """The checkout without its payment, and the pieces by article number."""

    locale = forms.ChoiceField(label=_lazy("Language of her mails"))
    discount = forms.DecimalField(
        label=_lazy("Agreed discount (per cent)"),
        required=False,
        min_value=Decimal(0),
        max_digits=4,
        decimal_places=2,
        initial=0,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "short"}),
    )

    def __init__(self, data: Any, *, services: Sequence[ServiceLevel], languages: Sequence[tuple[str, str]]) -> None:
        """Offer every delivery there is; the country of the chosen one is the country it goes to."""
        self.known = {service.code: service for service in services}
        chosen = self.known.get((data or {}).get("service", ""))
        first = next(iter(services), None)
        country = chosen.country if chosen else (first.country if first else settings.SHOP_COUNTRY)
        super().__init__(
            _with_country(data, country),
            countries=[(country, country)],
            country=country,
            services=[choice for service in services for choice in _choices(service)],
            payments=[],
            pickups=frozenset(service.code for service in services if service.kind == ServiceLevel.Kind.PICKUP),
        )
        for name in _NOT_ASKED:
            del self.fields[name]
        self.fields["service"].widget = forms.Select(choices=self.fields["service"].choices)  # type: ignore[attr-defined]
        self.fields["country"].widget = forms.HiddenInput()
        self.fields["locale"].choices = list(languages)  # type: ignore[attr-defined]
        for number in range(1, ROWS + 1):
            self.fields[f"sku_{number}"] = _article(number)
            self.fields[f"pieces_{number}"] = _pieces(number)
            self.fields[f"price_{number}"] = _price(number)

    def rows(self) -> list[tuple[forms.BoundField, ...]]:
        """Return the fields for the pieces, row by row."""
        return [(self[f"sku_{n}"], self[f"pieces_{n}"], self[f"price_{n}"]) for n in range(1, ROWS + 1)]

    def clean(self) -> dict[str, Any]:
        """Check the address as the checkout does, and that every article number is one of ours."""
        data = super().clean()
        self.wanted: list[tuple[int, int]] = []
        self.prices: dict[int, int] = {}
        for number in range(1, ROWS + 1):
            sku = (data.get(f"sku_{number}") or "").strip().upper()
            if not sku:
                continue
            variant = Variant.objects.filter(sku__iexact=sku, active=True).order_by("id").first()
            if variant is None:
                self.add_error(f"sku_{number}", _("There is no article %(sku)s on sale.") % {"sku": sku})
            else:
                self.wanted.append((variant.pk, data.get(f"pieces_{number}") or 1))
                self._agree(number, variant, data.get(f"price_{number}"))
        if (data.get("discount") or 0) * 100 > settings.DRAFT_DISCOUNT_MOST_BP:
            most = f"{settings.DRAFT_DISCOUNT_MOST_BP / 100:g}"
            self.add_error("discount", _("At most %(most)s per cent can be agreed on the phone.") % {"most": most})
        return data

    def _agree(self, number: int, variant: Variant, price_minor: int | None) -> None:
        """Take a price below the catalogue's; a piece that stands in two rows has one."""
        if price_minor is None:
            return
        if price_minor > variant.price_minor:
            costs = wording.money(Money(variant.price_minor, variant.currency), get_language() or "en")
            self.add_error(f"price_{number}", _("It costs %(price)s. Agree on that or on less.") % {"price": costs})
        elif self.prices.setdefault(variant.pk, price_minor) != price_minor:
            self.add_error(f"price_{number}", _("Agree on one price for %(sku)s.") % {"sku": variant.sku})

    @property
    def discount_bp(self) -> int:
        """Return the agreed discount in basis points; the form must be valid."""
        return int((self.cleaned_data.get("discount") or 0) * 100)

    def details(self) -> dict[str, str]:
        """Return what the checkout begins with, by the names of its fields; the form must be valid."""
        return {name: str(self.cleaned_data.get(name) or "") for name in _KEPT}


def _with_country(data: Any, country: str) -> Any:
    """Return what was posted, with the country of the chosen delivery."""
    if data is None:
        return None
    posted = data.copy()
    posted["country"] = country
    return posted


def _article(number: int) -> forms.CharField:
    return forms.CharField(
        label=_("Article number %(n)d") % {"n": number},
        required=number == 1,
        max_length=40,
        error_messages={"required": _lazy("Enter the article number of at least one piece.")},
    )


def _pieces(number: int) -> forms.IntegerField:
    return forms.IntegerField(
        label=_("Pieces of %(n)d") % {"n": number},
        required=False,
        min_value=1,
        max_value=MAX_QUANTITY,
        initial=1,
        widget=forms.NumberInput(attrs={"class": "short"}),
    )


def _price(number: int) -> MoneyField:
    return MoneyField(
        label=_("Agreed price of each %(n)d") % {"n": number},
        currency=settings.SHOP_CURRENCY,
        required=False,
        min_value=1,
    )


def _choices(service: ServiceLevel) -> list[tuple[str, str]]:
    """Return a service and the hours it keeps, each a choice."""
    name = f"{service.country}: {service.name}"
    hours = [(choice_of(service.code, window), f"{name}, {words.hours(window)}") for window in service.windows]
    return [(service.code, name), *hours]
