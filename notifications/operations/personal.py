"""What is kept of messages: to whom, which words, which wishes.  A sent message stays as a row that says nothing.

Source: reliability reference 2.6, T29.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Cast, Concat, Lower
from django.utils.translation import gettext_lazy as _

from notifications.models import Attempt, CampaignRecipient, Greeting, Message, NewsConsent, Reader, Suppression, Wish
from notifications.operations.resending import RESENT
from orders.queries.personal import numbers_of
from shop.models import Event
from shop.operations.personal import of_address, redact_events
from shop.personal import Fate, Keeper, Person, Redact, Section
from shop.rules.personal import ERASED, nobody

_UNSENT = (Message.State.QUEUED, Message.State.CLAIMED)


def sent_to(person: Person) -> QuerySet[Message]:
    """Return the messages to an address she proved, or to a number she gave."""
    numbers = of_address(Reader.objects.exclude(text_address=""), person, "address")
    known = {number.lower() for number in numbers.values_list("text_address", flat=True)}
    return Message.objects.annotate(_to=Lower("recipient")).filter(_to__in=person.addresses | known).order_by("id")


def numbers_proved(addresses: frozenset[str]) -> list[str]:
    """Return the numbers that readers with these addresses confirmed by a code.  One query."""
    rows = Reader.objects.annotate(_address=Lower("address")).filter(_address__in=addresses)
    proved = rows.filter(text_confirmed_at__isnull=False).order_by("id")
    return [number.lower() for number in proved.values_list("text_address", flat=True)]


def sections(person: Person) -> Iterator[Section]:
    """Return what was written to her, and her wishes."""
    yield Section(
        "messages",
        _("What we wrote to you"),
        sent_to(person),
        ("kind", "channel", "recipient", "order_number", "state", "subject", "text", "created_at", "sent_at"),
    )
    yield Section(
        "wishes",
        _("When and where you want to hear from us"),
        of_address(Reader.objects.all(), person, "address").order_by("id"),
        (
            "time_zone",
            "quiet_from",
            "quiet_until",
            "first_channel",
            "text_channel",
            "text_address",
            "text_confirmed_at",
        ),
    )
    yield Section(
        "wishes_by_kind",
        _("What you want to hear"),
        Wish.objects.filter(reader__in=of_address(Reader.objects.all(), person, "address")).order_by("id"),
        ("kind", "channel", "wanted", "changed_at"),
    )
    yield Section(
        "greetings",
        _("Days we remember because you agreed to it"),
        of_address(Greeting.objects.all(), person, "address").order_by("id"),
        ("occasion", "due_at", "greeted_year"),
    )
    yield Section(
        "news",
        _("When and how you agreed to news of the shop"),
        of_address(NewsConsent.objects.all(), person, "address").order_by("id"),
        (
            "address",
            "where",
            "order_number",
            "wording",
            "asked_at",
            "confirmed_at",
            "proof",
            "refused_at",
            "ended_at",
        ),
    )
    yield Section(
        "campaigns",
        _("News of the shop we wrote to you, because you asked for it"),
        of_address(CampaignRecipient.objects.all(), person, "address").order_by("id"),
        ("campaign__name", "told_at"),
    )
    yield Section(
        "closed_addresses",
        _("Where we do not write any more"),
        of_address(Suppression.objects.all(), person, "address").order_by("id"),
        ("channel", "cause", "detail", "since", "lifted_at"),
    )


def busy(person: Person) -> bool:
    """Tell whether something for her is not sent yet.  One query."""
    return sent_to(person).filter(state__in=_UNSENT).exists()


def fates(person: Person) -> Iterator[Fate]:
    """Say what becomes of it."""
    stays = _("That something was sent, and when, stays; address and words go.")
    yield Fate(_("Messages to you"), sent_to(person).count(), stays)
    yield Fate(_("Your wishes about messages"), of_address(Reader.objects.all(), person, "address").count())


def erase(person: Person, redact: Redact, at: datetime) -> None:
    """Empty her messages, forget her wishes and what a mail server said of her address."""
    numbers = numbers_of(person)
    ids = set(sent_to(person).values_list("pk", flat=True))
    ids |= set(Message.objects.filter(order_number__in=numbers).order_by("id").values_list("pk", flat=True))
    hers = Message.objects.filter(pk__in=ids)
    unsent = hers.filter(state__in=_UNSENT)
    told_there = Message.objects.filter(told_in__in=list(unsent.values_list("pk", flat=True)))
    told_there.update(state=Message.State.SUPPRESSED, reason=ERASED, told_in=None)
    unsent.update(state=Message.State.SUPPRESSED, reason=ERASED, lease_until=None)
    hers.update(
        recipient=_nobody_each(), recipient_name="", subject=ERASED, text="", html="", brief="", facts="", reply_to=""
    )
    hers.exclude(reason="").update(reason=ERASED)
    Attempt.objects.filter(message__in=ids).update(reply="")
    of_address(Reader.objects.all(), person, "address").delete()
    of_address(Suppression.objects.all(), person, "address").delete()
    of_address(Greeting.objects.all(), person, "address").delete()
    of_address(NewsConsent.objects.all(), person, "address").delete()
    of_address(CampaignRecipient.objects.all(), person, "address").delete()
    redact_events(Event.objects.filter(name=RESENT, order_number__in=numbers), redact)


def _nobody_each() -> Concat:
    before, _at, after = nobody("message-").partition("@")
    return Concat(Value(before), Cast(F("pk"), CharField()), Value(f"@{after}"))


KEEPER = Keeper(
    "notifications.messages",
    models=(
        "notifications.message",
        "notifications.attempt",
        "notifications.reader",
        "notifications.wish",
        "notifications.suppression",
        "notifications.greeting",
        "notifications.newsconsent",
        "notifications.campaignrecipient",
    ),
    sections=sections,
    fates=fates,
    busy=busy,
    erase=erase,
    comes_back=(("notifications_reader", "address", "changed_at"),),
)
NOTHING_PERSONAL = (
    "notifications.provider",
    "notifications.wording",
    "notifications.quiet",
    "notifications.customergroup",
    "notifications.campaign",
    "notifications.campaigntext",
)
