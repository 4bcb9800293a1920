"""The demo's staff: one person for each role and one who sets the shop up.  Never outside the demo and the tests."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction

from shop.models import User
from shop.operations.accounts import trust_address
from shop.operations.people import sync_roles
from shop.rules import roles

DEMO_PASSWORD = "warm-clay-and-wool"  # noqa: S105 -- printed on the demo's first screen, refused everywhere else

_NAMES = {
    "agent": "Dilini Perera",
    "lead": "Nuwan Silva",
    "warehouse": "Marta Pinto",
    "catalogue": "Ines Carvalho",
    "ops": "Tomas Reis",
    "auditor": "Helena Braga",
}
_SETUP = ("setup", "Set-up account")


def demo_email(role: str) -> str:
    """Return the address the demo person of a role logs in with, such as dilini.agent@hearth-and-thread.example."""
    first = _NAMES[role].partition(" ")[0].lower()
    return f"{first}.{role}@{_domain()}"


def setup_email() -> str:
    """Return the address of the demo's superuser."""
    return f"{_SETUP[0]}@{_domain()}"


@transaction.atomic
def seed_staff(at: datetime) -> str:
    """Sync the groups; in the demo also add the people that are missing.  Passwords somebody changed stay."""
    sync_roles(at=at)
    if not (settings.DEMO or settings.TESTING):
        return f"{len(roles.ROLES)} roles; staff accounts are made by `manage.py createsuperuser` outside the demo"
    for role, name in _NAMES.items():
        person, created = _person(demo_email(role), name)
        if created:
            person.groups.add(Group.objects.get(name=role))
    _person(setup_email(), _SETUP[1], is_superuser=True)
    return f"{len(roles.ROLES)} roles, {len(_NAMES) + 1} demo staff"


def _person(email: str, name: str, *, is_superuser: bool = False) -> tuple[User, bool]:
    person = User.objects.filter(email__iexact=email).first()
    if person is not None:
        return person, False
    made = User.objects.create_user(email, DEMO_PASSWORD, name=name, is_staff=True, is_superuser=is_superuser)
    trust_address(user_id=made.pk)
    return made, True


def _domain() -> str:
    return str(settings.CARE_EMAIL).partition("@")[2]
