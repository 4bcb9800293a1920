"""Who owns which address, as far as it was proved."""

from __future__ import annotations

from allauth.account.models import EmailAddress

from shop.models import User


def proved_addresses(user_id: int) -> list[str]:
    """Return the addresses a person proved, in small letters, sorted.  One query."""
    rows = EmailAddress.objects.filter(user_id=user_id, verified=True, user__is_active=True)
    return sorted(email.lower() for email in rows.order_by("id").values_list("email", flat=True))


def owner_of_address(email: str) -> User | None:
    """Return the shopper who proved an address; None when nobody did, or a member of staff.  One query."""
    rows = EmailAddress.objects.filter(email=email.lower(), verified=True, user__is_active=True, user__is_staff=False)
    found = rows.select_related("user").order_by("id").first()
    return found.user if found else None
