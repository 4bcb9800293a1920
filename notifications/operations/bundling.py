"""Several pieces of small news about one order become one letter, when the first of them is due.

The pieces keep their rows and point to the letter that told them.  A letter one of whose pieces is no longer true by
the time it goes is taken apart again.  Source: style 24, issue of the one voice (grouping).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import translation

from notifications.messages import KINDS
from notifications.messages.bundle import BUNDLE, render_bundle
from notifications.messages.kind import Lane, Recipient
from notifications.messages.words import first_name
from notifications.models import Message
from notifications.operations import claiming
from notifications.operations.claiming import Claim
from notifications.operations.composing import wishes_url, write_message
from notifications.queries.standing import standings
from notifications.rules.grouping import Small, bundles
from notifications.rules.standing import Standing
from notifications.rules.wishes import MAIL
from shop.messages.languages import known_language
from shop.operations.events import record_event

READERS = 50  # looked at in one round


def bundle_small_news(at: datetime) -> int:
    """Put together what is due and has company; return how many letters were made.

    One query when nothing small is due.
    """
    waiting = Message.objects.filter(state=Message.State.QUEUED, small=True, channel=MAIL, due_at__lte=at)
    readers = list(waiting.order_by("recipient").values_list("recipient", flat=True).distinct()[:READERS])
    return _bundle(readers, at) if readers else 0


@transaction.atomic
def _bundle(readers: Sequence[str], at: datetime) -> int:
    rows = Message.objects.select_for_update(of=("self",), skip_locked=True).select_related("event")
    waiting = rows.filter(state=Message.State.QUEUED, small=True, channel=MAIL, recipient__in=readers)
    found = {message.pk: message for message in waiting.order_by("due_at", "id")}
    now = standings(list(found.values()), at)
    true = [message for message in found.values() if not outdated(message, now)]
    pieces = [Small(message.pk, _company(message), message.due_at) for message in true]
    groups = bundles(pieces, at=at)
    for ids in groups:
        _put_together([found[pk] for pk in ids], at)
    return len(groups)


def _company(message: Message) -> str:
    """Return with what a piece may travel: the same reader, order and language."""
    return f"{message.recipient.lower()} {message.order_number} {message.locale}"


def outdated(message: Message, now: Mapping[int, Standing]) -> str:
    """Return the code of why a message is no longer true, or nothing."""
    kind = KINDS.get(message.kind)
    return kind.outdated(now[message.pk]) if kind and message.event.name == kind.event else ""


def _put_together(parts: Sequence[Message], at: datetime) -> None:
    event = record_event(
        name="notifications.bundle.made",
        subject=f"notifications.message:{parts[0].pk}",
        order_number=parts[0].order_number,
        payload={"message_ids": [part.pk for part in parts]},
        at=at,
    )
    last = parts[-1]
    to = Recipient(last.recipient, last.recipient_name, last.locale, last.order_number, last.reply_to)
    with translation.override(known_language(last.locale)):
        letter = render_bundle(
            parts, first_name=first_name(last.recipient_name), wishes_url=wishes_url(event, BUNDLE, to.address, MAIL)
        )
    together = write_message(
        event=event,
        kind=BUNDLE,
        to=to,
        letter=letter,
        lane=Lane.SMALL,
        optional=all(part.optional for part in parts),
        due_at=at,
    )
    ids = [part.pk for part in parts]
    Message.objects.filter(pk__in=ids).update(state=Message.State.BUNDLED, told_in=together)


def taken_apart(claim: Claim, message: Message, at: datetime) -> bool:
    """Say whether a letter had to be taken apart, because part of its news has changed; its pieces wait again."""
    if message.kind != BUNDLE:
        return False
    parts = list(Message.objects.filter(told_in=message).select_related("event").order_by("id"))
    now = standings(parts, at)
    if not any(outdated(part, now) for part in parts):
        return False
    with transaction.atomic():
        reason = translation.gettext("Part of its news has changed; the rest is told anew.")
        if claiming.settle_claim(claim, state="suppressed", reason=reason):
            pieces = Message.objects.filter(told_in=message)
            pieces.update(state=Message.State.QUEUED, told_in=None, due_at=at)
    return True
