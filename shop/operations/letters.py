"""Letters about accounts: asked for here, written by `notifications`, which alone speaks to people.

No page waits for a mail server: a row and an event are written, and the relay does the rest.
Source: reliability reference B6.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from shop.models import AccountLetter, User
from shop.operations.events import record_event
from shop.rules.accounts import LETTER_KEPT

BATCH = 500
EVENTS = {
    AccountLetter.Kind.CODE: "shop.account.code-asked",
    AccountLetter.Kind.HINT: "shop.account.hint-asked",
    AccountLetter.Kind.NOTICE: "shop.account.notice-asked",
    AccountLetter.Kind.DATA: "shop.account.data-asked",
}


@transaction.atomic
def ask_letter(
    *, kind: str, email: str, user: User | None, locale: str, values: dict[str, str], at: datetime
) -> AccountLetter:
    """Ask for one letter.  `values` holds what it says, `about` first; codes and addresses stay out of the event."""
    letter = AccountLetter.objects.create(kind=kind, email=email, user=user, locale=locale, values=values, asked_at=at)
    record_event(
        name=EVENTS[AccountLetter.Kind(kind)],
        subject=f"shop.accountletter:{letter.pk}",
        customer=user,
        payload={"letter_id": letter.pk},
        at=at,
    )
    return letter


def forget_letters(at: datetime) -> int:
    """Delete letters that were written long ago, at most one batch; return how many."""
    old = AccountLetter.objects.filter(asked_at__lt=at - LETTER_KEPT).order_by("asked_at", "id")
    ids = list(old.values_list("pk", flat=True)[:BATCH])
    return AccountLetter.objects.filter(pk__in=ids).delete()[0] if ids else 0
