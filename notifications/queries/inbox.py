"""What we told somebody, for her own eyes: found by the addresses she proved, by nothing else."""

from __future__ import annotations

from collections.abc import Collection

from allauth.account.models import EmailAddress
from django.db.models import QuerySet
from django.db.models.functions import Lower

from notifications.models import Message
from shop.models import User
from support.models import Conversation

PAGE_SIZE = 20
_SHOWN = (Message.State.SENT, Message.State.BOUNCED, Message.State.FAILED)


def told_to(user: User, *, without: Collection[str]) -> QuerySet[Message]:
    """Return the letters to somebody, newest first, but those of some kinds; what never reached her mailbox as well.

    Text messages are left out: they say what a letter says.  Found by the index `message_to_somebody`; one query more
    for her addresses.
    """
    proved = EmailAddress.objects.filter(user=user, verified=True).order_by("id").values_list("email", flat=True)
    addresses = [address.lower() for address in proved]
    rows = Message.objects.annotate(to=Lower("recipient")).filter(to__in=addresses, state__in=_SHOWN)
    return rows.exclude(kind__in=without).order_by("-id")


def letters_before(user: User, before: int | None, *, without: Collection[str]) -> tuple[list[Message], int | None]:
    """Return a page of letters older than `before`, and where the next page begins, if there is one."""
    rows = told_to(user, without=without)
    rows = rows.filter(id__lt=before) if before else rows
    found = list(rows.defer("text", "html", "brief")[: PAGE_SIZE + 1])
    page = found[:PAGE_SIZE]
    return page, page[-1].pk if len(found) > PAGE_SIZE else None


def letter_to(user: User, message_id: int, *, without: Collection[str]) -> Message:
    """Return one letter to somebody, with its event.  Raises Message.DoesNotExist for anybody else's."""
    return told_to(user, without=without).select_related("event").get(pk=message_id)


def conversation_of(user: User, letter: Message) -> Conversation | None:
    """Return the conversation a letter belongs to, if it is one of hers."""
    ident = letter.event.payload.get("conversation_id")
    rows = Conversation.objects.filter(pk=ident or 0)
    found = rows.select_related("order").order_by("id").first()
    return found if found and found.email.lower() == letter.recipient.lower() else None
