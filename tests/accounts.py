"""Signing in as a browser does, for tests of accounts."""

from __future__ import annotations

import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth
from django.core.cache import cache
from django.test import Client

from shop.models import AccountLetter, User
from tests.factories.shop import PASSWORD

AGAIN = "/account/again/"
SIGN_IN, SIGN_UP = "/account/login/", "/account/signup/"
CODE, CODE_CONFIRM = "/account/login/code/", "/account/login/code/confirm/"
ADDRESS_CONFIRM = "/account/address/confirm/"
RESET, RESET_CONFIRM, RESET_COMPLETE = (f"/account/password/reset/{step}" for step in ("", "confirm/", "complete/"))


def sign_in(client: Client, email: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post(SIGN_IN, {"login": email, "password": password, **more})


def signed_in(client: Client) -> User | None:
    """Who the browser's session belongs to."""
    return User.objects.filter(pk=client.session.get("_auth_user_id")).first()


def said_again(client: Client) -> Client:
    """Let the person of a browser have said who they are once more just now."""
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session.save()
    return client


def newest_letter() -> AccountLetter:
    return AccountLetter.objects.latest("id")


def newest_code() -> str:
    return str(newest_letter().values["code"])


def with_app(user: User) -> str:
    """Give somebody an authenticator app and recovery codes; return the app's secret."""
    secret = auth.generate_totp_secret()
    auth.TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return secret


def app_code(secret: str) -> str:
    """What the app shows now."""
    return auth.format_hotp_value(auth.hotp_value(secret, next(auth.yield_hotp_counters_from_time())))


def recovery_code(user: User) -> str:
    return str(Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()[0])


def forget_used_codes() -> None:
    cache.clear()
