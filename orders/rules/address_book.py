"""How many addresses somebody keeps, and what one is made of."""

from __future__ import annotations

from dataclasses import asdict, dataclass

MOST_ADDRESSES = 20


@dataclass(frozen=True)
class Address:
    """Where something goes; `country` is a code of ISO 3166, `phone` E.164 or empty."""

    full_name: str
    street: str
    extra: str
    postcode: str
    city: str
    country: str
    phone: str

    def values(self) -> dict[str, str]:
        """Return the parts by name, as columns and form fields are called."""
        return asdict(self)
