"""What conversations keep about a person.  Hers are those of her account and of an address she proved.

Staff's notes for each other are not part of a copy: they may speak of others, and people look through them first.
Source: reliability reference 2.6; GDPR art. 15 (4).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shop.operations.personal import empty_inbound
from shop.personal import Fate, Keeper, Person, Redact, Section, Words
from shop.rules.personal import ERASED, nobody
from support.models import Conversation, Message, NoReplyNeeded
from support.queries.texts import UNKNOWN, texts_of

TEXTS_STAY = timedelta(days=90)  # after their case was closed
BATCH = 50


def conversations_of(person: Person) -> QuerySet[Conversation]:
    """Return her conversations, oldest first."""
    hers = Q(customer=None, _address__in=person.addresses)
    if person.user_id is not None:
        hers |= Q(customer_id=person.user_id)
    if found := texts_of(person.numbers):
        hers |= Q(pk__in=found)
    return Conversation.objects.annotate(_address=Lower("email")).filter(hers).order_by("id")


def sections(person: Person) -> Iterator[Section]:
    """Return what she wrote and what she was answered; not what others wrote into it, and no notes."""
    hers = conversations_of(person)
    yield Section(
        "conversations",
        _("What you asked us"),
        hers.select_related("order"),
        ("number", "subject", "channel", "email", "customer_name", "order__number", "status", "opened_at", "closed_at"),
    )
    said = Message.objects.annotate(_from=Lower("author_address")).filter(conversation__in=hers)
    own = Q(kind=Message.Kind.IN) & (Q(author_address="") | Q(_from__in=person.addresses))
    own |= Q(kind=Message.Kind.SYSTEM, conversation__in=texts_of(person.numbers))  # told to staff in her words
    yield Section(
        "conversation_messages",
        _("What was said"),
        said.filter(own | Q(kind=Message.Kind.OUT)).select_related("conversation").order_by("id"),
        ("conversation__number", "kind", "author_name", "text", "written_at"),
    )


def holds(person: Person) -> Iterator[Words]:
    """Say which questions have to be answered first."""
    for conversation in conversations_of(person).exclude(waiting_since=None):
        yield gettext("We still owe you an answer (%(number)s).") % {"number": conversation.number}


def fates(person: Person) -> Iterator[Fate]:
    """Say what becomes of it."""
    stays = _("That somebody asked, and when we answered, stays; every word goes.")
    yield Fate(_("Conversations"), conversations_of(person).count(), stays)


def erase(person: Person, redact: Redact, at: datetime) -> None:
    """Close and empty her conversations, with the mails as they came."""
    empty(conversations_of(person), at)


def empty(conversations: QuerySet[Conversation], at: datetime) -> int:
    """Close these conversations and take every word out, also of what came in; return how many.  In a transaction."""
    rows = list(
        Conversation.objects.filter(pk__in=conversations.values("pk")).select_for_update(of=("self",)).order_by("id")
    )
    for row in rows:
        _empty(row, at)
    messages = Message.objects.filter(conversation__in=rows)
    raw = [pk for pk in messages.values_list("raw_id", flat=True) if pk]
    messages.update(
        author_address="",
        external_id=None,
        in_reply_to="",
        text=ERASED,
        text_new="",
        thread_reason="",
        author_name=ERASED,
    )
    NoReplyNeeded.objects.filter(conversation__in=rows).update(reason=ERASED)
    empty_inbound("", raw)
    return len(rows)


@transaction.atomic
def forget_texts(at: datetime) -> int:
    """Empty what unknown numbers wrote once its case has been closed for long, at most a batch; return how many.

    Nobody can ask for it to go but who says her number; so it goes by itself.
    """
    old = Conversation.objects.filter(
        case_key__startswith=UNKNOWN, status=Conversation.Status.CLOSED, closed_at__lte=at - TEXTS_STAY
    )
    ids = list(old.order_by("id").values_list("pk", flat=True)[:BATCH])
    return empty(Conversation.objects.filter(pk__in=ids), at) if ids else 0


def _empty(row: Conversation, at: datetime) -> None:
    row.subject = row.customer_name = ERASED
    row.email, row.order_said, row.customer = nobody(f"conversation-{row.pk}"), "", None
    if (row.case_key or "").startswith(UNKNOWN):
        row.case_key = None  # a number is guessed from its hash; and it is done
    if row.status != Conversation.Status.CLOSED:
        row.status, row.closed_at = Conversation.Status.CLOSED, at
        row.task_due_at = row.next_due_at = None
        row.next_due_kind = ""
    row.save()


KEEPER = Keeper(
    "support.conversations",
    models=("support.conversation", "support.message", "support.noreplyneeded"),
    sections=sections,
    holds=holds,
    fates=fates,
    erase=erase,
    comes_back=(("support_conversation", "email", "opened_at"),),
)
NOTHING_PERSONAL = (
    "support.slapolicy",
    "support.fault",
    "support.gesture",
    "support.gesturebudget",
    "support.gesturepolicy",
)
