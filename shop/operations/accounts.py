"""What happens to an account: its address is proved, its sign-ins ended, its second factor taken away.

Source: reliability reference S13 to S16, S28.
"""

from __future__ import annotations

from datetime import date, datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import F

from shop.models import AccountLetter, User
from shop.operations.events import record_event
from shop.operations.letters import ask_letter
from shop.rules.accounts import password_proves_nothing


class NoSecondFactor(Exception):
    """This account has no second factor to take away."""


@transaction.atomic
def note_address_proved(*, user_id: int, signed_up_here: bool, at: datetime) -> User:
    """Record that somebody proved her address, so that orders she placed as a guest become hers.

    A password that somebody else may have chosen before is taken out of the account.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    if password_proves_nothing(first_sign_in=user.last_login is None, signed_up_here=signed_up_here):
        user.set_unusable_password()
        user.save(update_fields=["password"])
    record_event(
        name="shop.account.address-proved",
        subject=f"shop.user:{user.pk}",
        customer=user,
        actor_kind="customer",
        payload={"user_id": user.pk},
        at=at,
    )
    return user


@transaction.atomic
def trust_address(*, user_id: int) -> None:
    """Take an address as proved: the shop made the account itself.  Doing it twice changes nothing."""
    user = User.objects.get(pk=user_id)
    EmailAddress.objects.get_or_create(
        user=user, email=user.email.lower(), defaults={"verified": True, "primary": True}
    )


@transaction.atomic
def end_sign_ins(*, user_id: int, at: datetime) -> User:
    """End every session of a person, wherever it is; return her, with the new epoch."""
    User.objects.filter(pk=user_id).update(session_epoch=F("session_epoch") + 1)
    user = User.objects.get(pk=user_id)
    record_event(
        name="shop.account.sign-ins-ended",
        subject=f"shop.user:{user.pk}",
        customer=user,
        actor_kind="customer",
        at=at,
    )
    return user


@transaction.atomic
def change_profile(
    *, user_id: int, name: str, language: str, birthday_on: date | None, birthday_agreed: bool, at: datetime
) -> User:
    """Write what somebody says about herself.  A birthday without her consent is not kept."""
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    kept = birthday_on if birthday_agreed else None
    if kept is None:
        user.birthday_agreed_at = None
    elif kept != user.birthday_on or user.birthday_agreed_at is None:
        user.birthday_agreed_at = at
    user.name, user.language, user.birthday_on = name, language, kept
    user.save(update_fields=["name", "language", "birthday_on", "birthday_agreed_at"])
    record_event(
        name="shop.account.profile-changed",
        subject=f"shop.user:{user.pk}",
        customer=user,
        actor_kind="customer",
        payload={"birthday_agreed": kept is not None},
        at=at,
    )
    return user


def change_language(*, user_id: int, language: str) -> None:
    """Remember in which language somebody reads pages and mails.  One statement; an order keeps the one it has."""
    User.objects.filter(pk=user_id).update(language=language)


@transaction.atomic
def remove_second_factor(*, user_id: int, by: User | None, at: datetime) -> None:
    """Take a lost second factor out of an account, end its sign-ins and tell its owner.  Raises NoSecondFactor."""
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    if not Authenticator.objects.filter(user=user).delete()[0]:
        raise NoSecondFactor
    end_sign_ins(user_id=user.pk, at=at)
    record_event(
        name="shop.account.second-factor-removed", subject=f"shop.user:{user.pk}", customer=user, actor=by, at=at
    )
    ask_letter(
        kind=AccountLetter.Kind.NOTICE,
        email=user.email,
        user=user,
        locale=user.language,
        values={"about": "second-factor-removed"},
        at=at,
    )
