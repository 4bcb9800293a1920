"""Forms of the account: the library's own, each with a budget of tries in Postgres and with our words.

The budget is spent before anything is looked up, and by what was typed alone, so that a refusal says nothing about who
has an account.  Source: reliability reference S13, S14.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from allauth.account import forms as account
from allauth.core import context
from allauth.mfa.base import forms as second
from allauth.mfa.totp import forms as totp
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shop.adapters import set_session_age
from shop.models import User
from shop.operations.limits import TooOften, spend
from shop.rules import accounts as rules
from shop.visitors import visitor

EMAIL = _("E-mail address")
CODE_HELP = _("Eight letters, as they stand in the mail. Small or large and the dash do not matter.")
PASSWORD_HELP = _("At least ten signs. A sentence you remember is better than a riddle.")


class Guarded(forms.Form):
    """A form whose every try is counted, with labels in the house's words and no text inside its fields."""

    use_required_attribute = False
    refused_for_now = False
    labels: dict[str, Any] = {}
    helps: dict[str, Any] = {}
    missing: dict[str, Any] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say every field in our words."""
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = self.helps.get(name, "")
            if name in self.missing:
                field.error_messages["required"] = self.missing[name]
            if isinstance(field, forms.EmailField):
                field.error_messages["invalid"] = _("Enter an e-mail address like ana@example.com.")

    def full_clean(self) -> None:
        """Spend the tries this form costs, then check it."""
        self.refused_for_now = False
        if self.is_bound:
            try:
                for purpose, who, budget in self.costs():
                    at = timezone.now()
                    spend(purpose=purpose, who=who, budget=budget.tries, window=budget.window, at=at)
            except TooOften as limit:
                self._refuse(limit)
                return
        super().full_clean()

    def costs(self) -> Iterable[tuple[str, str, rules.Budget]]:
        """Return what one try is counted for: purpose, who, budget."""
        return ()

    def typed(self, name: str) -> str:
        """Return what was typed into a field, as a key: small letters, no room around it."""
        return str(self.data.get(self.add_prefix(name), "")).strip().casefold()[:254]

    def _refuse(self, limit: TooOften) -> None:
        self.refused_for_now = True
        self._errors = forms.utils.ErrorDict()
        self.cleaned_data: dict[str, Any] = {}
        sentence = gettext("That was tried often. From %(time)s you can try again, or write to us.")
        told = {"time": f"{timezone.localtime(limit.retry_at):%H:%M}"}
        self.add_error(None, ValidationError(sentence % told, code="too_often"))


def here() -> str:
    """Return the network the present request comes from."""
    return visitor(context.request)


def _letter(email: str) -> list[tuple[str, str, rules.Budget]]:
    return [
        ("letter-visitor", here(), rules.LETTERS_FROM_ONE),
        ("letter", email, rules.LETTERS_TO_ONE),
    ]


class SignInForm(Guarded, account.LoginForm):
    """Address and password."""

    labels = {"login": EMAIL, "password": _("Password")}
    missing = {
        "login": _("Enter your e-mail address."),
        "password": _("Enter your password, or let us mail you a code."),
    }

    def costs(self) -> Iterable[tuple[str, str, rules.Budget]]:
        """Count the network, the account from this network, and the account from anywhere."""
        who, where = self.typed("login"), here()
        return (
            ("sign-in-visitor", where, rules.SIGN_IN_NETWORK),
            ("sign-in", f"{who} {where}", rules.SIGN_IN_HERE),
            ("sign-in-account", who, rules.SIGN_IN_ACCOUNT),
        )

    def login(self, request: Any, redirect_url: str | None = None) -> Any:
        """Sign in; the library sets one length of sessions for everybody, so it is set again."""
        answer = super().login(request, redirect_url)
        if request.user.is_authenticated:
            set_session_age(request, request.user)
        return answer


class CodeRequestForm(Guarded, account.RequestLoginCodeForm):
    """An address to mail a code to; the sign-in page sends it under its own field's name."""

    labels = {"email": EMAIL}
    missing = {"email": _("Enter your e-mail address, and we mail you a code.")}

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        """Take the address from the sign-in page, too."""
        if data is not None and "email" not in data and data.get("login"):
            data = data.copy()
            data["email"] = data["login"]
        super().__init__(data, *args, **kwargs)

    def costs(self) -> Iterable[tuple[str, str, rules.Budget]]:
        """Count letters to one address and from one network."""
        return _letter(self.typed("email"))


class SignUpForm(Guarded, account.SignupForm):
    """A new account: an address, and a password for those who like one."""

    labels = {"email": EMAIL, "password1": _("Password")}
    helps = {"password1": PASSWORD_HELP}
    missing = {"email": _("Enter the e-mail address you want to sign in with.")}

    def costs(self) -> Iterable[tuple[str, str, rules.Budget]]:
        """Count letters to one address and from one network."""
        return _letter(self.typed("email"))

    def try_save(self, request: Any) -> Any:
        """Make the account, or take as long as making one when the address has one already."""
        if self.account_already_exists and self.cleaned_data.get("password1"):
            User().set_password(self.cleaned_data["password1"])
        return super().try_save(request)


class _Code(Guarded):
    labels = {"code": _("Code")}
    helps = {"code": CODE_HELP}
    missing = {"code": _("Enter the code from our mail.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= {"class": "code", "autocapitalize": "characters", "spellcheck": "false"}

    def costs(self) -> Iterable[tuple[str, str, rules.Budget]]:
        """Count codes typed from one network; each code by itself bears three tries."""
        return (("code-visitor", here(), rules.CODE_TRIES_HERE),)


class SignInCodeForm(_Code, account.ConfirmLoginCodeForm):
    """The code that signs in."""


class AddressCodeForm(_Code, account.ConfirmEmailVerificationCodeForm):
    """The code that proves an address."""


class ResetCodeForm(_Code, account.ConfirmPasswordResetCodeForm):
    """The code that lets a new password be set."""


class ResetForm(Guarded, account.ResetPasswordForm):
    """An address whose password was forgotten."""

    labels = {"email": EMAIL}
    missing = {"email": _("Enter the e-mail address you sign in with.")}

    def costs(self) -> Iterable[tuple[str, str, rules.Budget]]:
        """Count letters to one address and from one network."""
        return _letter(self.typed("email"))


class _NewPassword(Guarded):
    labels = {
        "oldpassword": _("Present password"),
        "password1": _("New password"),
        "password2": _("New password, once more"),
    }
    helps = {"password1": PASSWORD_HELP}
    missing = {
        "oldpassword": _("Enter your present password."),
        "password1": _("Enter the new password."),
        "password2": _("Enter the new password once more."),
    }

    def costs(self) -> Iterable[tuple[str, str, rules.Budget]]:
        """Count passwords tried in one session's account."""
        user = getattr(self, "user", None)
        return (("password", str(user.pk), rules.SIGN_IN_HERE),) if user else ()


class NewPasswordForm(_NewPassword, account.ResetPasswordKeyForm):
    """A new password after a code."""


class ChangePasswordForm(_NewPassword, account.ChangePasswordForm):
    """A new password for an old one."""


class SetPasswordForm(_NewPassword, account.SetPasswordForm):
    """A first password."""


class NewAddressForm(Guarded, account.AddEmailForm):
    """Another address to sign in with."""

    labels = {"email": _("New e-mail address")}
    missing = {"email": _("Enter the new address.")}

    def costs(self) -> Iterable[tuple[str, str, rules.Budget]]:
        """Count letters to one address and from one network."""
        return _letter(self.typed("email"))


class PasswordAgainForm(Guarded, account.ReauthenticateForm):
    """The password once more, before something delicate."""

    labels = {"password": _("Password")}
    missing = {"password": _("Enter your password.")}

    def costs(self) -> Iterable[tuple[str, str, rules.Budget]]:
        """Count passwords tried for one account."""
        return (("password", str(self.user.pk), rules.SIGN_IN_HERE),)


class _AppCode(Guarded):
    labels = {"code": _("Code from your app, or a recovery code")}
    missing = {"code": _("Enter the six digits your app shows, or one of your recovery codes.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= {"class": "code", "inputmode": "numeric"}

    def costs(self) -> Iterable[tuple[str, str, rules.Budget]]:
        """Count codes tried for one account, from wherever."""
        user = getattr(self, "user", None)
        return (("second-factor", str(user.pk), rules.SECOND_FACTOR),) if user else ()


class SecondFactorForm(_AppCode, second.AuthenticateForm):
    """The second factor at sign-in."""


class SecondFactorAgainForm(_AppCode, second.ReauthenticateForm):
    """The second factor once more, before something delicate."""


class SecondFactorSetupForm(_AppCode, totp.ActivateTOTPForm):
    """The first code of a new app."""

    labels = {"code": _("Code your app shows")}
    missing = {"code": _("Enter the six digits your app shows.")}
