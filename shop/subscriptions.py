"""Who listens to which event, and who understands which inbound source.

Upper apps register here in AppConfig.ready(), so that `shop` never imports them.  A consumer gets the event's row and
does database work only; the relay marks the delivery done in the same transaction, so what it did happens once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shop.models import Event, Inbound

Consumer = Callable[["Event"], None]
Reader = Callable[["Inbound"], None]
Skimmer = Callable[[Sequence["Inbound"]], set[int]]
Gatherer = Callable[[Sequence["Inbound"]], set[int]]

_consumers: dict[str, Consumer] = {}
_listeners: dict[str, list[str]] = defaultdict(list)
_readers: dict[str, Reader] = {}
_skimmers: dict[str, Skimmer] = {}
_gatherers: dict[str, Gatherer] = {}


def subscribe(consumer: str, *names: str, call: Callable[[Event], None]) -> None:
    """Let `consumer` (a stable dotted name, stored in rows) hear the events called `names`."""
    _consumers[consumer] = call
    for name in names:
        if consumer not in _listeners[name]:
            _listeners[name].append(consumer)


def consumers_of(name: str) -> tuple[str, ...]:
    """Return the consumers of an event name, in the order of subscription."""
    return tuple(_listeners.get(name, ()))


def consumer(name: str) -> Consumer:
    """Return the callable of a consumer.  Raises KeyError when the code that registered it is gone."""
    return _consumers[name]


def understand(source: str, *, read: Reader, skim: Skimmer | None = None, gather: Gatherer | None = None) -> None:
    """Register the reader of one inbound source, such as `courier` or `mail`.

    `skim` looks at many rows of it at once and returns the ids of those that say nothing that is not known already:
    nobody reads them.  It writes nothing.  `gather` reads many rows at once, in one transaction, and returns the ids of
    those it understood.  What either is not sure of it leaves to the reader.
    """
    _readers[source] = read
    if skim is not None:
        _skimmers[source] = skim
    if gather is not None:
        _gatherers[source] = gather


def reader(source: str) -> Reader:
    """Return the reader of an inbound source.  Raises KeyError when nobody understands it."""
    return _readers[source]


def skimmer(source: str) -> Skimmer | None:
    """Return who looks at many rows of an inbound source at once, None when nobody does."""
    return _skimmers.get(source)


def gatherer(source: str) -> Gatherer | None:
    """Return who reads many rows of an inbound source at once, None when nobody does."""
    return _gatherers.get(source)
