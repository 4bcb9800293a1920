"""Letters about somebody's account: a code, a hint what to do instead, a notice of what was changed.

The texts are whole sentences made here, so that the kinds share one shape.  Source: reliability reference S13, S15.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from notifications.messages import words
from notifications.messages.kind import Kind, Lane, Recipient, Topic
from shop.models import AccountLetter, Event


@dataclass(frozen=True)
class Code:
    """A code, and what it is for."""

    first_name: str
    title: str
    headline: str
    said: str
    code: str
    what_next: str


@dataclass(frozen=True)
class Advice:
    """What happened, and where to go now."""

    first_name: str
    title: str
    headline: str
    said: str
    what_next: str
    label: str
    url: str


def find(event: Event) -> AccountLetter:
    """Return what was asked to be written.  One query."""
    return AccountLetter.objects.select_related("user").get(pk=event.payload["letter_id"])


def to(letter: AccountLetter) -> Recipient:
    """Tell the address itself, whoever owns it."""
    name = letter.user.name if letter.user else ""
    return Recipient(letter.email, name, letter.locale, "", settings.CARE_EMAIL)


def code(letter: AccountLetter, at: datetime) -> Code:
    """Say a code and what it is for."""
    said = {
        "sign-in": _("Enter this code on the page you came from, and you are signed in."),
        "address": _("Enter this code on the page you came from, and we know that this address is yours."),
        "password": _("Enter this code on the page you came from, then choose a new password."),
        "order": _("Enter this code on the page you came from, and you can change your order."),
    }[letter.values["about"]]
    number = letter.values.get("number")
    title = _("Your code for order %(number)s") % {"number": number} if number else _("Your code")
    return Code(
        first_name=_first_name(letter),
        title=title,  # not the code itself: lists of messages show titles
        headline=title,
        said=said,
        code=letter.values["code"],
        what_next=_foreign_link() if number else _not_asked(),
    )


def _not_asked() -> str:
    return _(
        "It is good for a quarter of an hour. You asked for no code? Then somebody typed your address by mistake; "
        "without the code nothing happens. Nobody from the shop ever asks you for it."
    )


def _foreign_link() -> str:
    return _(
        "It is good for a quarter of an hour. You asked for no code? Then somebody has the link to your order, perhaps "
        "from a mail you passed on: they can look at it, but without the code nothing is changed. Nobody from the shop "
        "ever asks you for it."
    )


def hint(letter: AccountLetter, at: datetime) -> Advice:
    """Say that there is an account already, or none."""
    if letter.values["about"] == "exists":
        return Advice(
            first_name=_first_name(letter),
            title=_("You have an account already"),
            headline=_("You have an account already"),
            said=_("Somebody, probably you, wanted to make an account with this address. There is one, so sign in."),
            what_next=_("You do not know the password any more? Let us mail you a code instead."),
            label=_("Sign in"),
            url=words.page("account_login"),
        )
    return Advice(
        first_name=_first_name(letter),
        title=_("There is no account with this address"),
        headline=_("There is no account with this address"),
        said=_("Somebody, probably you, wanted to sign in with this address, which has no account."),
        what_next=_("To see one order you need no account: the link in its mails opens it."),
        label=_("Make an account"),
        url=words.page("account_signup"),
    )


def notice(letter: AccountLetter, at: datetime) -> Advice:
    """Say what was changed in an account, to whoever owns it."""
    changed = {
        "password-changed": _("Your password was changed"),
        "address-changed": _("Your account has another e-mail address"),
        "second-factor-added": _("Your account has a second factor now"),
        "second-factor-removed": _("The second factor of your account was taken away"),
        "recovery-codes-made": _("New recovery codes were made for your account"),
    }[letter.values["about"]]
    return Advice(
        first_name=_first_name(letter),
        title=changed,
        headline=changed,
        said=_("If it was you, there is nothing to do."),
        what_next=_("If it was not you, set a new password at once and call us: a new password ends every sign-in."),
        label=_("Look at your account"),
        url=words.page("mfa_index"),
    )


def data(letter: AccountLetter, at: datetime) -> Advice:
    """Say how far a request about her data is."""
    title, said, what_next, label, url = {
        "copy-ready": _copy_ready,
        "confirm-erasure": _confirm_erasure,
        "erasure-held": _erasure_held,
        "erased": _erased,
    }[letter.values["about"]](letter.values.get("token", ""))
    return Advice(_first_name(letter), title, title, said, what_next, label, url)


def _copy_ready(token: str) -> tuple[str, str, str, str, str]:
    return (
        _("The copy of your data is ready"),
        _("All we know about you is in one file: to read, and for programs."),
        _("You can fetch it for seven days; then we delete it. Whoever has this link can fetch it: do not pass it on."),
        _("Fetch your copy"),
        words.page("account:linked-copy", token),
    )


def _confirm_erasure(token: str) -> tuple[str, str, str, str, str]:
    return (
        _("You asked us to erase your data"),
        _("Somebody who is signed in to your account, probably you, asked us to erase all we know about you."),
        _(
            "The page behind this link shows what goes and what stays by law; nothing happens before you confirm it "
            "there, within a day. It was not you? Then set a new password, which ends every sign-in."
        ),
        _("See what goes, and confirm"),
        words.page("account:linked-erasure", token),
    )


def _erasure_held(token: str) -> tuple[str, str, str, str, str]:
    return (
        _("We erase your data as soon as everything is settled"),
        _("Something of yours is still under way: an order, a return, a refund or a question."),
        _("When it is settled, we erase your data by ourselves and tell you. Your account shows what we wait for."),
        _("See what we wait for"),
        words.page("account:data"),
    )


def _erased(token: str) -> tuple[str, str, str, str, str]:
    return (
        _("Your data is erased"),
        _("Your account and all we need not keep by law are gone. This is our last mail to you."),
        _(
            "Invoices stay in our books for ten years, and reviews stay without your name. When this mail is out, we "
            "forget your address, too. Thank you for having been with us."
        ),
        "",
        "",
    )


def _first_name(letter: AccountLetter) -> str:
    return words.first_name(letter.user.name if letter.user else "")


def _kind(name: str, event: str, says: str, context: Callable[[AccountLetter, datetime], Code | Advice]) -> Kind:
    return Kind(
        name=name,
        event=event,
        says=says,
        audience="the address itself",
        find=find,
        to=to,
        context=context,
        topic=Topic.ACCOUNT,
        lane=Lane.ASKED,
        any_hour=True,
        repeats=True,
        must_say=("code",) if context is code else (),
    )


KINDS = (
    _kind(
        "account_code",
        "shop.account.code-asked",
        "A code to sign in, to prove an address, or to change an order",
        code,
    ),
    _kind("account_hint", "shop.account.hint-asked", "There is an account already, or none", hint),
    _kind("account_data", "shop.account.data-asked", "How far a copy or an erasure of somebody's data is", data),
    _kind("account_notice", "shop.account.notice-asked", "What was changed in the account", notice),
)
