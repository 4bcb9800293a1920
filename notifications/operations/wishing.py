"""What a reader wants to hear, where and when: she says it on her page, or with one click in a mail.

Source: commerce reference 4.20, RFC 8058 (one click), reliability reference T29.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import get_language, gettext

from notifications.messages import KINDS
from notifications.messages.kind import Lane, Recipient
from notifications.messages.rendering import Letter
from notifications.models import Greeting, Message, NewsConsent, Reader, Wish
from notifications.operations.composing import write_message
from notifications.operations.consenting import note_consent
from notifications.operations.falling_back import TEXT_CODE
from notifications.operations.greeting import keep_occasion
from notifications.rules.wishes import MAIL
from orders.rules.tokens import hash_token
from shop import doorbell
from shop.operations.events import record_event
from shop.operations.limits import spend

CODE_LASTS = timedelta(minutes=15)
CODE_TRIES = 5
CODES_AN_HOUR = 3
CODE_ASKED = "notifications.code.requested"


class NotToBeSilenced(Exception):
    """She must hear this kind; it has no switch."""


class WrongCode(Exception):
    """The code is not the one we sent, is too old, or was guessed at too often."""


@dataclass(frozen=True)
class Hours:
    """When not to ring, in minutes after midnight on the clock of `time_zone`; None means she did not say."""

    quiet_from: int | None
    quiet_until: int | None
    time_zone: str


def reader_for(address: str, *, at: datetime) -> Reader:
    """Return the locked reader behind an e-mail address, made when she has none.  In a transaction."""
    Reader.objects.bulk_create([Reader(address=address.lower(), changed_at=at)], ignore_conflicts=True)
    return Reader.objects.select_for_update().get(address__iexact=address)


@transaction.atomic
def stop_kind(*, message: Message, at: datetime) -> None:
    """Stop the kind of one message on its channel, for its reader; doing it twice changes nothing.

    Raises NotToBeSilenced.
    """
    if not message.optional:
        raise NotToBeSilenced
    reader = reader_for(message.recipient, at=at)
    _wish(reader, {(message.kind, message.channel): False}, at)
    note_consent(reader=reader, where=NewsConsent.Where.WISHES, at=at)
    keep_occasion(occasion=Greeting.Occasion.ANNIVERSARY, address=message.recipient, at=at)


@transaction.atomic
def want_news(*, address: str, wanted: bool, at: datetime) -> None:
    """Keep by mail whether somebody wants news of the shop; whoever calls it keeps the proof (consenting.py)."""
    _wish(reader_for(address, at=at), {("campaign", MAIL): wanted}, at)


@transaction.atomic
def choose_wishes(
    *,
    address: str,
    wishes: Mapping[tuple[str, str], bool],
    hours: Hours,
    first_channel: str,
    at: datetime,
    where: str = NewsConsent.Where.WISHES,
) -> Reader:
    """Keep what she chose: for each (kind, channel) whether she wants it, her quiet hours, where we try first.

    `where` says on which of her pages: it stays with her yes to news of the shop.

    A kind she must hear may be moved to another channel; that it goes nowhere at all is decided when it is sent.
    """
    reader = reader_for(address, at=at)
    reader.quiet_from, reader.quiet_until = hours.quiet_from, hours.quiet_until
    reader.time_zone, reader.first_channel, reader.changed_at = hours.time_zone, first_channel, at
    reader.save(update_fields=["quiet_from", "quiet_until", "time_zone", "first_channel", "changed_at"])
    _wish(reader, {key: wanted for key, wanted in wishes.items() if key[0] in KINDS}, at)
    note_consent(reader=reader, where=where, at=at)
    keep_occasion(occasion=Greeting.Occasion.ANNIVERSARY, address=address, at=at)
    return reader


def _wish(reader: Reader, wishes: Mapping[tuple[str, str], bool], at: datetime) -> None:
    rows = [
        Wish(reader=reader, kind=kind, channel=channel, wanted=wanted, changed_at=at)
        for (kind, channel), wanted in wishes.items()
    ]
    Wish.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["reader", "kind", "channel"],
        update_fields=["wanted", "changed_at"],
    )
    record_event(
        name="notifications.reader.chose", subject=f"notifications.reader:{reader.pk}", actor_kind="customer", at=at
    )


@transaction.atomic
def ask_for_code(*, address: str, channel: str, number: str, at: datetime) -> None:
    """Send a code to a number, to see that it is hers.  Raises shop.operations.limits.TooOften."""
    spend(purpose="notifications.code", who=address.lower(), budget=CODES_AN_HOUR, window=timedelta(hours=1), at=at)
    spend(purpose="notifications.code", who=number, budget=CODES_AN_HOUR, window=timedelta(hours=1), at=at)
    reader = reader_for(address, at=at)
    code = f"{secrets.randbelow(1_000_000):06d}"
    reader.text_channel, reader.text_address, reader.text_confirmed_at = channel, number, None
    reader.code_hash, reader.code_expires_at, reader.code_tries = hash_token(code), at + CODE_LASTS, 0
    reader.save()
    event = record_event(name=CODE_ASKED, subject=f"notifications.reader:{reader.pk}", actor_kind="customer", at=at)
    says = gettext("%(code)s is your code. It opens messages from %(shop)s on this number and ends in 15 minutes.")
    text = says % {"code": code, "shop": settings.SHOP_NAME}
    to = Recipient(number, "", get_language() or "", "", "")
    write_message(
        event=event, kind=TEXT_CODE, to=to, letter=Letter("", text, ""), channel=channel, lane=Lane.ASKED, due_at=at
    )
    doorbell.ring("notifications.send_messages")


def confirm_code(*, address: str, code: str, at: datetime) -> None:
    """Open the channel whose code she typed.  Raises WrongCode; a wrong try is counted all the same."""
    with transaction.atomic():
        reader = reader_for(address, at=at)
        right = _fits(reader, code, at)
        reader.code_tries += 1
        if right:
            reader.text_confirmed_at, reader.code_hash = at, ""
        reader.save(update_fields=["code_tries", "text_confirmed_at", "code_hash"])
    if not right:
        raise WrongCode


def _fits(reader: Reader, code: str, at: datetime) -> bool:
    ends = reader.code_expires_at
    living = bool(reader.code_hash) and ends is not None and at < ends and reader.code_tries < CODE_TRIES
    return living and hmac.compare_digest(hash_token(code.strip()), reader.code_hash)


@transaction.atomic
def close_text_channel(*, address: str, at: datetime) -> None:
    """Forget her number."""
    reader = reader_for(address, at=at)
    reader.text_channel = reader.text_address = reader.code_hash = ""
    reader.text_confirmed_at, reader.first_channel = None, MAIL
    reader.save()
