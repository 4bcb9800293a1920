"""Where somebody can be reached, what she wishes to hear, and until when it is night where she is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Lower

from notifications.models import Message, Reader, Suppression
from notifications.rules.limits import LIMITS, window_open
from notifications.rules.quiet_hours import NIGHT, Quiet, may_go_at
from notifications.rules.wishes import MAIL, in_order
from orders.models import Order
from shop.models import BusinessCalendar


@dataclass(frozen=True)
class Reach:
    """Her addresses by channel, in the order in which she wants to be tried; closed ones are left out."""

    reader: Reader | None
    addresses: Mapping[str, str]

    def wishes(self, kind: str) -> dict[str, bool]:
        """Return what she said about one kind, by channel."""
        if self.reader is None:
            return {}
        return {wish.channel: wish.wanted for wish in self.reader.wishes.all() if wish.kind == kind}


def reach_of(address: str, *, at: datetime) -> Reach:
    """Return where the person behind an e-mail address can be reached.  Two queries, a third for her wishes."""
    reader = reader_of(address)
    known = {MAIL: address}
    if reader is not None and _text_open(reader, at):
        known[reader.text_channel] = reader.text_address
    closed = suppressed(known.items())
    open_ways = [channel for channel in known if channel not in closed]
    first = reader.first_channel if reader else MAIL
    return Reach(reader, {way: known[way] for way in in_order(open_ways, first=first)})


def _text_open(reader: Reader, at: datetime) -> bool:
    if reader.text_confirmed_at is None or not settings.TEXT_URLS.get(reader.text_channel):
        return False
    hours = LIMITS[reader.text_channel].window_hours
    return window_open(heard_at=reader.text_heard_at, hours=hours, at=at)


def suppressed(addresses: Iterable[tuple[str, str]]) -> set[str]:
    """Return the channels among (channel, address) pairs to whose address we do not write.  One query."""
    asked = Q(pk=None)
    for channel, address in addresses:
        asked |= Q(channel=channel, address__iexact=address)
    rows = Suppression.objects.filter(asked, lifted_at=None).order_by("id")
    return set(rows.values_list("channel", flat=True))


def readers_of(messages: Sequence[Message]) -> dict[int, Reader]:
    """Return who reads each message of a batch, by the message's id, for those who chose something.  Two queries."""
    addresses = {message.recipient.lower() for message in messages}
    found = Reader.objects.annotate(lower=Lower("address")).filter(
        Q(lower__in=addresses) | (~Q(text_address="") & Q(text_address__in=addresses))
    )
    by_address: dict[str, Reader] = {}
    for reader in found.prefetch_related("wishes").order_by("id"):
        by_address[reader.address.lower()] = reader
        if reader.text_address:
            by_address[reader.text_address.lower()] = reader
    known = ((message.pk, by_address.get(message.recipient.lower())) for message in messages)
    return {pk: reader for pk, reader in known if reader is not None}


def closed_among(messages: Sequence[Message]) -> set[int]:
    """Return the ids of the messages of a batch whose address is one we do not write to any more.  One query."""
    addresses = {message.recipient.lower() for message in messages}
    rows = Suppression.objects.annotate(lower=Lower("address")).filter(lower__in=addresses, lifted_at=None)
    closed = set(rows.order_by("id").values_list("channel", "lower"))
    return {message.pk for message in messages if (message.channel, message.recipient.lower()) in closed}


def still_wanted(reader: Reader | None, message: Message, *, asks_first: bool) -> bool:
    """Say whether she wants a message's kind on its channel; what `asks_first` only when she said so."""
    said = [wish for wish in reader.wishes.all() if wish.kind == message.kind] if reader else []
    here = [wish.wanted for wish in said if wish.channel == message.channel]
    return all(here) and (bool(here) or not asks_first)


def awake_at(moment: datetime, *, reader: Reader | None, channel: str, order_number: str) -> datetime:
    """Return when a message that can wait may go: `moment` itself unless it is quiet where she is.

    Her own quiet hours hold for every channel; without a word from her, texts wait for the morning and mails do not.
    One query when it has to know where she is.
    """
    quiet = _quiet(reader, channel)
    if quiet is None:
        return moment
    zone = reader.time_zone if reader and reader.time_zone else _zone_of(order_number)
    return may_go_at(moment, ZoneInfo(zone), quiet)


def _quiet(reader: Reader | None, channel: str) -> Quiet | None:
    if reader is not None and reader.quiet_from is not None and reader.quiet_until is not None:
        return Quiet(reader.quiet_from, reader.quiet_until)
    return None if channel == MAIL else NIGHT


def _zone_of(order_number: str) -> str:
    """Return the zone parcels of an order arrive in, else the shop's own."""
    found = Order.objects.filter(number=order_number).order_by("id")
    zone = found.values_list("service__destination_calendar__time_zone", flat=True).first() if order_number else None
    return zone or str(settings.TIME_ZONE)


def staff_addresses() -> tuple[str, ...]:
    """Return the names under which messages to staff are kept; the addresses themselves are secrets of the settings."""
    return tuple(f"staff:{number}" for number, _url in enumerate(settings.STAFF_NOTICE_URLS, start=1))


def reader_of(address: str) -> Reader | None:
    """Return who chose something for an e-mail address, with her wishes.  Two queries."""
    return Reader.objects.filter(address__iexact=address).prefetch_related("wishes").order_by("id").first()


def zones_for(reader: Reader | None, order_number: str) -> list[str]:
    """Return the clocks to choose from: her own first, else that of her order, then those of everywhere we deliver."""
    own = reader.time_zone if reader and reader.time_zone else _zone_of(order_number)
    served = (
        BusinessCalendar.objects.filter(kind="destination").order_by("time_zone").values_list("time_zone", flat=True)
    )
    return list(dict.fromkeys([own, *served.distinct(), str(settings.TIME_ZONE)]))
