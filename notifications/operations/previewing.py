"""Show what a kind of message would say about an order, without writing anything; or send it to oneself."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from notifications.messages import KINDS
from notifications.messages.kind import Lane, Recipient
from notifications.messages.rendering import Letter, render
from notifications.models import Message, Wording
from notifications.operations.composing import write_message
from notifications.operations.falling_back import TESTED
from notifications.rules.headers import subject_line
from shop import doorbell
from shop.messages.languages import known_language
from shop.models import Event, User
from shop.operations.events import record_event


class UnknownKind(Exception):
    """There is no such kind of message."""


class NothingHappened(Exception):
    """Nothing has happened to this order that would call for such a message."""

    def __init__(self, event_name: str) -> None:
        super().__init__(event_name)
        self.event_name = event_name


def preview_message(
    *, kind: str, order_number: str, at: datetime, locale: str = "", draft: Wording | None = None
) -> Letter:
    """Return the letter the newest fitting event of an order calls for.

    Takes the same path as the real message and takes everything back, its secret link included: links of a preview
    lead nowhere.  In the reader's language unless `locale` names another; `draft` are words not kept yet.
    Raises UnknownKind, NothingHappened.
    """
    if kind not in KINDS:
        raise UnknownKind(kind)
    asked = KINDS[kind]
    event = Event.objects.filter(name=asked.event, order_number=order_number).order_by("-id").first()
    if event is None:
        raise NothingHappened(asked.event)
    with transaction.atomic():
        source = asked.find(event)
        language = known_language(locale or asked.to(source).locale)
        with translation.override(language):
            kept = Wording.objects.filter(kind=kind, locale=language).order_by("id").first()
            letter = render(asked, asked.context(source, at), wording=draft or kept)
        transaction.set_rollback(True)
    return letter


def send_test(*, kind: str, order_number: str, by: User, at: datetime, locale: str = "") -> Message:
    """Send a preview to the person who asks, and to nobody else.  Raises UnknownKind, NothingHappened."""
    letter = preview_message(kind=kind, order_number=order_number, at=at, locale=locale)
    with transaction.atomic():
        event = record_event(
            name=TESTED,
            subject=f"shop.user:{by.pk}",
            payload={"kind": kind},
            actor=by,
            at=at,
        )
        subject = subject_line(gettext("Test: %(subject)s") % {"subject": letter.subject})
        doorbell.ring("notifications.send_messages")
        return write_message(
            event=event,
            kind=kind,
            to=Recipient(by.email, by.get_full_name(), locale or "en", "", ""),
            letter=Letter(subject, letter.text, letter.html),
            lane=Lane.ASKED,
            due_at=at,
        )
