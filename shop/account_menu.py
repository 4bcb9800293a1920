"""The menu of the account: every app names its own pages here, in AppConfig.ready(), so that shop imports no other.

account_menu.register(Entry("orders.mine", _("Orders"), "orders:mine", position=10))
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class Entry:
    """One page of the account: `url_name` takes no arguments; smaller positions come first."""

    name: str
    label: str | Promise
    url_name: str
    position: int


_entries: dict[str, Entry] = {}


def register(*entries: Entry) -> None:
    """Add pages; the same name again replaces the older one."""
    _entries.update({entry.name: entry for entry in entries})


def registered() -> tuple[Entry, ...]:
    """Return the pages in the order of the menu."""
    return tuple(sorted(_entries.values(), key=lambda entry: (entry.position, entry.name)))
