"""Who asks about her data, what is known of her, and what the copy and the erasure would do.  Nothing is written."""

from __future__ import annotations

from collections.abc import Collection

from allauth.account.models import EmailAddress

from shop import personal
from shop.models import DataRequest, ForgottenAddress, User
from shop.personal import Fate, Person, Words
from shop.queries.people import owner_of_address
from shop.rules.personal import as_kept, digest


def proved(user_id: int) -> list[str]:
    """Return the addresses a person proved, in small letters, sorted; she may be switched off.  One query."""
    rows = EmailAddress.objects.filter(user_id=user_id, verified=True).order_by("id")
    return sorted({email.lower() for email in rows.values_list("email", flat=True)})


def person_of(request: DataRequest) -> Person:
    """Return whom a request is about."""
    return Person(personal.with_numbers(request.addresses), request.user_id)


def person_at(email: str) -> Person:
    """Return whom an address belongs to: the account that proved it with all its addresses, else a guest.

    It may be a telephone number as well.  Three queries.  For staff at the shell, who made sure who is asking.
    """
    owner = owner_of_address(email)
    if owner is None:
        return Person(personal.with_numbers({as_kept(email)}), None)
    return Person(personal.with_numbers(proved(owner.pk)), owner.pk)


def is_staff_address(addresses: Collection[str]) -> bool:
    """Tell whether one of these addresses, in small letters, is that of a member of staff.  One query."""
    staff = User.objects.filter(is_staff=True).values_list("email", flat=True)
    return any(email.lower() in addresses for email in staff.order_by("id"))


def holds_of(person: Person) -> list[Words]:
    """Return in sentences to her what has to be settled before her data can go."""
    return [words for keeper in personal.registered() for words in keeper.holds(person)]


def losses_of(person: Person) -> list[Words]:
    """Return in sentences to her what she gives up with the erasure."""
    return [words for keeper in personal.registered() for words in keeper.losses(person)]


def fates_of(person: Person) -> list[Fate]:
    """Return what becomes of her rows, without what there is none of; what stays comes last."""
    fates = [fate for keeper in reversed(personal.registered()) for fate in keeper.fates(person) if fate.count]
    return sorted(fates, key=lambda fate: bool(fate.stays))


def refuses_offers(address: str) -> bool:
    """Tell whether somebody with this address had her data erased and wanted no offers ever again.  One query."""
    rows = ForgottenAddress.objects.filter(refuses_mail=True).order_by("id").values_list("salt", "digest")
    return any(digest(salt, address.lower()) == kept for salt, kept in rows)


def latest(user_id: int, kind: str) -> DataRequest | None:
    """Return somebody's newest request of a kind that still says something.  One query."""
    rows = DataRequest.objects.filter(user_id=user_id, kind=kind).exclude(state=DataRequest.State.LAPSED)
    return rows.order_by("-id").first()
