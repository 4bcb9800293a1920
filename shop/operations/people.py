"""People who work here: their roles, and the groups that carry the rights.

Source: reliability reference S2, I17.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group, Permission
from django.db import transaction

from shop.models import User
from shop.operations.events import record_event
from shop.rules import roles


class NotYoursToGive(Exception):
    """The role is above what this person may hand out."""


@dataclass(frozen=True)
class GroupChange:
    """What one group gained and lost, as sorted `app.codename`."""

    group: str
    gained: tuple[str, ...]
    lost: tuple[str, ...]


@dataclass(frozen=True)
class Synced:
    """What a sync did: the groups that changed, in the order of the table, and the rights that do not exist (yet)."""

    changes: tuple[GroupChange, ...]
    unknown: tuple[str, ...]


@transaction.atomic
def sync_roles(*, at: datetime, table: Mapping[str, Collection[str]] = roles.ROLES) -> Synced:
    """Bring the groups to what `table` says.  Running it again changes nothing.

    Groups that `table` does not name are left alone.  A right that no app has is left out and named in the answer:
    a release may know it before its migration has run.
    """
    known = {f"{app}.{code}": pk for pk, app, code in _all_permissions()}
    named = {right for rights in table.values() for right in rights}
    groups = [_sync_group(name, set(rights) & set(known), known) for name, rights in table.items()]
    changes = tuple(change for change in groups if change.gained or change.lost)
    for change in changes:
        record_event(
            name="shop.role.changed",
            subject=f"auth.group:{change.group}",
            at=at,
            payload={"gained": list(change.gained), "lost": list(change.lost)},
        )
    return Synced(changes, tuple(sorted(named - set(known))))


@transaction.atomic
def set_roles(*, user_id: int, names: Collection[str], by: User, at: datetime) -> User:
    """Give a person exactly these roles and note who did it.  Setting the same roles again writes nothing.

    Raises NotYoursToGive when `by` may not hand out what is added, may not take what is removed, or means herself.
    """
    # Not the key: two people who change each other's roles each note the other as the actor.
    person = User.objects.select_for_update(no_key=True).get(pk=user_id)
    before = set(person.groups.values_list("name", flat=True))
    after = set(names)
    if before == after:
        return person
    if not by.is_superuser and (by.pk == person.pk or not before ^ after <= grantable_by(by)):
        raise NotYoursToGive(", ".join(sorted(before ^ after)))
    person.groups.set(Group.objects.filter(name__in=after).order_by("id"))
    record_event(
        name="shop.person.roles-set",
        subject=f"shop.user:{person.pk}",
        at=at,
        payload={"gained": sorted(after - before), "lost": sorted(before - after)},
        actor=by,
    )
    return person


@transaction.atomic
def note_person_changed(*, user_id: int, fields: Collection[str], by: User, at: datetime) -> None:
    """Record who changed which fields of a person; the values stay out of the log."""
    record_event(
        name="shop.person.changed",
        subject=f"shop.user:{user_id}",
        at=at,
        payload={"fields": sorted(fields)},
        actor=by,
    )


@transaction.atomic
def forget_proofs(*, user_id: int) -> None:
    """Take back that addresses of a person were proved: staff gave her another one, which she has to prove herself."""
    EmailAddress.objects.filter(user_id=user_id).delete()


def grantable_by(person: User) -> frozenset[str]:
    """Return the roles `person` may hand out.  One query; a superuser may hand out all of them."""
    if person.is_superuser:
        return frozenset(roles.ROLES)
    return roles.grantable(person.groups.values_list("name", flat=True))


def may_manage(by: User, person: User) -> bool:
    """Say whether `by` may change this account or set its password: nobody above her, and not her own."""
    if by.is_superuser:
        return True
    if person.is_superuser or by.pk == person.pk:
        return False
    return set(person.groups.values_list("name", flat=True)) <= grantable_by(by)


def _all_permissions() -> list[tuple[int, str, str]]:
    rows = Permission.objects.order_by("id").values_list("pk", "content_type__app_label", "codename")
    return list(rows)


def _sync_group(name: str, wanted: set[str], known: Mapping[str, int]) -> GroupChange:
    group, _created = Group.objects.get_or_create(name=name)
    rows = group.permissions.values_list("content_type__app_label", "codename")
    has = {f"{app}.{code}" for app, code in rows}
    if has != wanted:
        group.permissions.set([known[right] for right in wanted])
    return GroupChange(name, tuple(sorted(wanted - has)), tuple(sorted(has - wanted)))
