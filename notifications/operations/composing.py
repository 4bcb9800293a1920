"""An event becomes messages: found, addressed, rendered once, queued.  In the relay's transaction.

Source: reliability reference D2, B5; commerce reference d.7.
"""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from notifications.messages import kinds_of, staff_kinds_of
from notifications.messages.kind import Kind, Lane, Recipient
from notifications.messages.reasons import too_often
from notifications.messages.rendering import Letter, render, render_text
from notifications.models import Message, Wording
from notifications.models.tokens import WISHES, sign_name
from notifications.operations.telling_staff import QUESTIONS, tell_staff_it_failed
from notifications.queries.frequency import turn_of
from notifications.queries.readers import Reach, awake_at, reach_of, staff_addresses
from notifications.rules import grouping
from notifications.rules.frequency import Turn
from notifications.rules.headers import UnsafeAddress, display_name, safe_address
from notifications.rules.identity import message_id
from notifications.rules.wishes import MAIL, PAGE, STAFF, ways
from shop import doorbell
from shop.messages.languages import known_language
from shop.models import Event
from shop.queries.data_requests import refuses_offers
from shop.rules.personal import is_nobody

NOTHING = Letter("", "", "")


@dataclass(frozen=True)
class Told:
    """One kind about one event, read and put into words once for all its channels."""

    kind: Kind
    event: Event
    to: Recipient
    context: Any


def compose_messages(*, event: Event, at: datetime) -> None:
    """Write the messages an event calls for, each once however often the event is handed over.

    What nobody needs is written too, as held back with its reason: every event with a rule leaves a row.
    An address no mail server should see leaves a failed row and an event for staff.
    """
    for kind in kinds_of(event.name):
        if not Message.objects.filter(event=event, kind=kind.name).exists():
            _compose(kind, event, at)
    doorbell.ring("notifications.send_messages")


def compose_for_staff(*, event: Event, at: datetime) -> None:
    """Write what staff hear about an event in their chats; nothing when no chat is set up."""
    for kind in staff_kinds_of(event.name):
        source = kind.find(event)
        if kind.unwanted(source):
            continue
        letter = render(kind, kind.context(source, at))
        for address in staff_addresses():
            to = dataclasses.replace(kind.to(source), address=address)
            write_message(event=event, kind=kind.name, to=to, letter=letter, channel=STAFF)
    doorbell.ring("notifications.send_messages")


def _compose(kind: Kind, event: Event, at: datetime) -> None:
    source = kind.find(event)
    recipient = kind.to(source)
    with translation.override(settings.STAFF_LANGUAGE):  # who reads why a message was held back is staff
        unwanted = kind.unwanted(source) or _gone(kind, recipient) or _not_now(kind, recipient, at)
    with translation.override(known_language(recipient.locale)):
        if unwanted:
            write_message(
                event=event, kind=kind.name, to=recipient, letter=NOTHING, state="suppressed", reason=unwanted
            )
        elif problem := _address_problem(recipient):
            _unreachable(kind, event, recipient, problem, "address", at)
        else:
            told = Told(kind, event, recipient, kind.context(source, at))
            _write_all(told, reach_of(recipient.address, at=at), at)


def _gone(kind: Kind, recipient: Recipient) -> str:
    """Say why somebody whose data was erased is not written to: nobody is there, or she wants no offers any more."""
    if is_nobody(recipient.address):
        return gettext("Her data was erased.")
    if kind.optional and refuses_offers(recipient.address):
        return gettext("Whoever had this address wanted no offers ever again.")
    return ""


def _not_now(kind: Kind, recipient: Recipient, at: datetime) -> str:
    """Say why a greeting or a campaign does not go out: she did not ask for it, or we wrote unasked a short while ago.

    What can wait for its turn waits in the queue.  Nothing for all other kinds.  Two or three queries.
    """
    if kind.lane != Lane.CAMPAIGN:
        return ""
    wanted = list(reach_of(recipient.address, at=at).wishes(kind.name).values())
    if not any(wanted) and (wanted or kind.asks_first):
        return gettext("She does not want this kind.")
    verdict = turn_of(recipient.address, written_at=at, patience=kind.patience, at=at)
    return too_often(verdict) if verdict.turn == Turn.DROP else ""


def _address_problem(recipient: Recipient) -> str:
    try:
        safe_address(recipient.address)
    except UnsafeAddress:
        return gettext("The address cannot be used for a mail.")
    return ""


def _write_all(told: Told, reach: Reach, at: datetime) -> None:
    channels = ways(tuple(reach.addresses), wishes=reach.wishes(told.kind.name), optional=told.kind.optional)
    for channel in channels:
        write_on(told, channel, reach, at)
    if not channels:
        closed = gettext("We do not write to this address any more.")
        _unreachable(told.kind, told.event, told.to, closed, "closed", at)


def write_on(told: Told, channel: str, reach: Reach, at: datetime) -> Message:
    """Render and write one message on one channel, in the language that is switched on."""
    to = dataclasses.replace(told.to, address=reach.addresses.get(channel, told.to.address))
    wording = (
        Wording.objects.filter(kind=told.kind.name, locale=translation.get_language() or "").order_by("id").first()
    )
    letter = render(
        told.kind, told.context, wording=wording, wishes_url=wishes_url(told.event, told.kind.name, to.address, channel)
    )
    if channel not in (MAIL, PAGE):
        letter = render_text(told.kind, told.context, channel=channel, subject=letter.subject)
    small = told.kind.small and channel == MAIL
    wait = timedelta(minutes=settings.SMALL_NEWS_MINUTES)
    due_at = grouping.due_at(small=small, at=at, wait=wait)
    if not told.kind.any_hour and channel != PAGE:
        due_at = awake_at(due_at, reader=reach.reader, channel=channel, order_number=to.order_number)
    fields: dict[str, Any] = {"state": "sent", "sent_at": at} if channel == PAGE else {}
    return write_message(
        event=told.event,
        kind=told.kind.name,
        to=to,
        letter=letter,
        channel=channel,
        lane=told.kind.lane,
        small=small,
        optional=told.kind.optional,
        facts=_facts(told),
        due_at=due_at,
        **fields,
    )


def _facts(told: Told) -> str:
    """Return what a message says about what, hashed; nothing for what may be said twice.

    The secret link, a code and the name are left out: they differ or are the same whatever is said.
    """
    if told.kind.repeats:
        return ""
    said = {
        field.name: getattr(told.context, field.name)
        for field in dataclasses.fields(told.context)
        if field.name not in ("url", "credit_code", "first_name")
    }
    return hashlib.sha256(f"{told.event.subject}\n{told.to.order_number}\n{said!r}".encode()).hexdigest()


def _unreachable(kind: Kind, event: Event, to: Recipient, problem: str, why: str, at: datetime) -> None:
    failed = write_message(event=event, kind=kind.name, to=to, letter=NOTHING, state="failed", reason=problem)
    if kind.name not in QUESTIONS:
        tell_staff_it_failed(message=failed, why=why, at=at)


def write_message(
    *, event: Event, kind: str, to: Recipient, letter: Letter, channel: str = MAIL, **fields: Any
) -> Message:
    """Write one message unless it stands already, and return it.  Addresses and texts of headers are made safe here.

    The same facts are told to a reader once on a channel: what would say them again is held back.
    """
    wanted = Message(
        event=event,
        kind=kind,
        channel=channel,
        recipient=to.address[:254],
        recipient_name=display_name(to.name),
        order_number=to.order_number,
        locale=to.locale,
        reply_to=to.reply_to,
        in_reply_to=to.in_reply_to,
        message_id=_message_id(event, kind, to.address, channel),
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        brief=letter.brief,
        **fields,
    )
    Message.objects.bulk_create([wanted], ignore_conflicts=True)
    found = _written(wanted.message_id)
    if found is None:
        wanted.state, wanted.sent_at = Message.State.SUPPRESSED, None
        wanted.reason = gettext("She was told the same before.")
        Message.objects.bulk_create([wanted], ignore_conflicts=True)
        found = Message.objects.get(message_id=wanted.message_id)
    return found


def _written(name: str) -> Message | None:
    return Message.objects.filter(message_id=name).order_by("id").first()


def _message_id(event: Event, kind: str, address: str, channel: str) -> str:
    return message_id(event_id=event.pk, kind=kind, recipient=address, channel=channel, domain=settings.REPLY_DOMAIN)


def wishes_url(event: Event, kind: str, address: str, channel: str) -> str:
    """Return the page where the reader of one message says what she wants to hear."""
    page = reverse("notifications:wishes", args=[sign_name(_message_id(event, kind, address, channel), purpose=WISHES)])
    return f"{settings.SITE_URL}{page}"
