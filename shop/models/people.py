"""People: one table for shoppers and staff, known by their e-mail address."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from django.apps import apps
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    """Creates people; addresses are compared without case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create a person who can log in with `email`.  Raises ValueError without an address."""
        if not email:
            raise ValueError("A person needs an e-mail address")
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create a person with every right, for setting the shop up; daily work needs a group instead.

        Whoever can do this needs no mail to prove her address: there may be no mail server yet.
        """
        user = self.create_user(email, password, is_staff=True, is_superuser=True, **fields)
        addresses = apps.get_model("account", "EmailAddress").objects  # the library's table refers to ours
        addresses.create(user=user, email=user.email.lower(), verified=True, primary=True)
        return user

    def get_by_natural_key(self, email: str | None) -> User:
        """Find a person by address, whatever its case."""
        return self.get(email__iexact=email)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who can log in: a shopper with an account or a member of staff."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    is_staff = models.BooleanField(_("works here"), default=False)
    is_active = models.BooleanField(_("may log in"), default=True)
    joined_at = models.DateTimeField(_("joined at"), auto_now_add=True)
    language = models.CharField(_("language"), max_length=10, blank=True, help_text=_("Empty: the shop's."))
    birthday_on = models.DateField(_("birthday"), null=True, blank=True)
    birthday_agreed_at = models.DateTimeField(_("agreed to birthday wishes at"), null=True, blank=True)
    session_epoch = models.PositiveIntegerField(
        _("sign-ins ended"), default=0, editable=False, help_text=_("Each step ends every session there is.")
    )

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_once"),
            models.CheckConstraint(
                condition=Q(birthday_on__isnull=True) | Q(birthday_agreed_at__isnull=False), name="birthday_was_agreed"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_session_auth_hash(self) -> str:
        """Tie every session to password and epoch, so that changing either ends the others."""
        return f"{super().get_session_auth_hash()}{self.session_epoch}"

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """Do the same for former secret keys."""
        for former in super().get_session_auth_fallback_hash():
            yield f"{former}{self.session_epoch}"

    def get_short_name(self) -> str:
        """Return the first name, or what stands before the @: what colleagues and shoppers read."""
        return self.name.split(" ")[0] if self.name else self.email.partition("@")[0]

    def get_full_name(self) -> str:
        """Return the name, or the address when there is none."""
        return self.name or self.email


class AccountLetter(models.Model):
    """What somebody has to be told about her account, until the mail is written: a code, a hint, a notice.

    A row of its own, because events keep no codes and no addresses.  Deleted an hour later.
    """

    class Kind(models.TextChoices):
        """Which letter."""

        CODE = "code", _("a code")
        HINT = "hint", _("what to do instead")
        NOTICE = "notice", _("what was changed")
        DATA = "data", _("about her data")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    email = models.EmailField(_("to"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    locale = models.CharField(_("language"), max_length=10)
    values = models.JSONField(_("what it says"), default=dict)
    asked_at = models.DateTimeField(_("asked for at"), db_index=True)

    class Meta:
        verbose_name = _("account letter")
        verbose_name_plural = _("account letters")

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
