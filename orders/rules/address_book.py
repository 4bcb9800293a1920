"""How many addresses somebody keeps, and what one is made of."""

from __future__ import annotations

from dataclasses import asdict, dataclass

MOST_ADDRESSES = 20


@dataclass(frozen=True)
class Address:
    """Where something goes; `country` is a code of ISO 3166, `phone` E.164 or empty.

    `postcode` and `region` are empty where the country writes none, or none is known; a listed region is its code.
    """

    full_name: str
    street: str
    extra: str
    postcode: str
    city: str
    country: str
    phone: str
    region: str = ""

    def values(self) -> dict[str, str]:
        """Return the parts by name, as columns and form fields are called."""
        return asdict(self)
