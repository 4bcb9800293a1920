"""Every address of the site, read from the URL patterns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Address:
    """One pattern: its full name (`shop:product`), or for a nameless one its route; and its arguments."""

    name: str
    route: str
    arguments: tuple[str, ...]
    named: bool


def every_address() -> list[Address]:
    """Return all of them, in the order the resolver asks."""
    return list(_walk(get_resolver(), "", ""))


def _walk(resolver: URLResolver, route: str, space: str) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        here = route + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from _walk(entry, here, inner)
        elif isinstance(entry, URLPattern):
            arguments = tuple(entry.pattern.converters) or tuple(entry.pattern.regex.groupindex)
            yield Address(space + entry.name if entry.name else here, here, arguments, bool(entry.name))
