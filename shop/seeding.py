"""Seeds: what each app lays into an empty demo shop.

Apps register here in AppConfig.ready(), so that `manage.py seed_demo` knows them without `shop` importing upward.  They
run in the order of registration, which is the order of INSTALLED_APPS: what a seed needs from a lower app is there.
A seed is safe to run again: it adds what is missing and leaves alone what people changed since.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

# Takes the moment of seeding, returns one line about what is there now ("30 products, 94 variants").
Seed = Callable[[datetime], str]

_seeds: dict[str, Seed] = {}
_for_every_shop: set[str] = set()


def register(name: str, seed: Seed, *, for_every_shop: bool = False) -> None:
    """Register `seed` under a dotted name such as `orders.services`; the same name again replaces it.

    `for_every_shop`: what it lays is no demo data; `manage.py set_up_shop` lays it into a real one, too.
    """
    _seeds[name] = seed
    (_for_every_shop.add if for_every_shop else _for_every_shop.discard)(name)


def run(*, at: datetime) -> Iterator[tuple[str, str]]:
    """Run every seed in order; yield (name, what is there now) after each."""
    for name, seed in list(_seeds.items()):
        yield name, seed(at)


def run_for_every_shop(*, at: datetime) -> Iterator[tuple[str, str]]:
    """Run the seeds that no shop can do without; yield (name, what is there now) after each."""
    for name, seed in list(_seeds.items()):
        if name in _for_every_shop:
            yield name, seed(at)


def registered() -> tuple[str, ...]:
    """Return the names in the order they run."""
    return tuple(_seeds)
