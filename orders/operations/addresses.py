"""The address book of an account: keep, change, choose, throw away.  Source: ux reference 2.10."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from orders.models import SavedAddress
from orders.rules.address_book import MOST_ADDRESSES, Address
from shop.models import User


class TooMany(Exception):
    """So many addresses nobody needs; throw one away first."""


@transaction.atomic
def keep_address(*, user_id: int, address: Address, first: bool, at: datetime) -> SavedAddress:
    """Keep a new address; `first` makes it the one that is used first, as the only one always is.  Raises TooMany."""
    _lock(user_id)
    mine = SavedAddress.objects.filter(user_id=user_id)
    if mine.count() >= MOST_ADDRESSES:
        raise TooMany
    row = SavedAddress.objects.create(user_id=user_id, kept_at=at, **address.values())
    if first or not mine.filter(is_default=True).exists():
        _use_first(row)
    return row


@transaction.atomic
def change_address(*, user_id: int, address_id: int, address: Address, first: bool) -> SavedAddress:
    """Change an address of this person.  Orders keep the one they were placed with.

    Raises SavedAddress.DoesNotExist for somebody else's.
    """
    _lock(user_id)
    row = SavedAddress.objects.get(pk=address_id, user_id=user_id)
    SavedAddress.objects.filter(pk=row.pk).update(**address.values())
    if first:
        _use_first(row)
    return SavedAddress.objects.get(pk=row.pk)


@transaction.atomic
def drop_address(*, user_id: int, address_id: int) -> None:
    """Throw an address away; then the newest one left is used first.

    Raises SavedAddress.DoesNotExist for somebody else's.
    """
    _lock(user_id)
    row = SavedAddress.objects.get(pk=address_id, user_id=user_id)
    row.delete()
    left = SavedAddress.objects.filter(user_id=user_id).order_by("-kept_at", "-id").first()
    if row.is_default and left:
        _use_first(left)


def _lock(user_id: int) -> None:
    """Let one person's address book be changed by one request at a time."""
    User.objects.select_for_update(no_key=True).get(pk=user_id)


def _use_first(row: SavedAddress) -> None:
    SavedAddress.objects.filter(user_id=row.user_id, is_default=True).exclude(pk=row.pk).update(is_default=False)
    SavedAddress.objects.filter(pk=row.pk).update(is_default=True)
