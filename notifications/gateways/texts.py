"""The channels of short texts and of words to staff, through apprise: SMS, WhatsApp, Telegram, any chat.

apprise answers yes or no and writes everything else into its log, numbers and texts included.  So its log is read here,
for the status of the answer, and goes nowhere else.
"""

from __future__ import annotations

import logging
import re
from functools import partial
from typing import Any
from urllib.parse import quote

import apprise
from apprise.logger import logger as apprise_log
from django.conf import settings

from notifications.gateways.lines import Channel
from notifications.models import Message
from notifications.rules.limits import LIMITS, Rate, read_rate
from notifications.rules.outcomes import Answer, Outcome
from notifications.rules.wishes import STAFF


def text_channels() -> tuple[str, ...]:
    """Return the text channels the settings open to customers."""
    return tuple(name for name in settings.TEXT_URLS if settings.TEXT_URLS[name])


def open_channels() -> tuple[Channel, ...]:
    """Return the open text channels and, with an address to write to, the one to staff."""
    names = [*text_channels(), *([STAFF] if settings.STAFF_NOTICE_URLS else [])]
    return tuple(Channel(name, f"{name}:{_provider(name)}", _rate(name), partial(TextLine, name)) for name in names)


def _rate(name: str) -> Rate | None:
    return read_rate(settings.TEXT_RATES.get(name) or LIMITS[name].rate)


def _provider(name: str) -> str:
    url = settings.STAFF_NOTICE_URLS[0] if name == STAFF else settings.TEXT_URLS[name]
    return str(url).partition("://")[0][:60]


class TextLine:
    """A line to one provider of texts; it needs no connection of its own."""

    def __init__(self, channel: str) -> None:
        self._channel = channel

    def open(self) -> None:
        """Nothing to open: each text is one request."""

    def close(self) -> None:
        """Nothing to close."""

    def send(self, message: Message) -> Answer:
        """Send one text and tell the provider's answer.  Never raises for what a provider can do."""
        with _Overheard() as heard:  # from the reading of the address on: that is logged, too
            try:
                provider = _instantiate(self._url(message.recipient))
            except (KeyError, ValueError, IndexError):
                return Answer(Outcome.PERMANENT, 550, "The address cannot be used on this channel.")
            taken = bool(provider.send(title="", body=message.text.strip()))
        return Answer(Outcome.ACCEPTED, 250) if taken else heard.answer()

    def _url(self, recipient: str) -> str:
        if self._channel == STAFF:
            number = int(recipient.removeprefix("staff:"))
            return str(settings.STAFF_NOTICE_URLS[number - 1])
        return str(settings.TEXT_URLS[self._channel]).replace("{to}", quote(recipient, safe=""))


def _instantiate(url: str) -> Any:
    made = apprise.Apprise.instantiate(url)
    if made is None:
        raise ValueError("not an address apprise knows")
    made.request_rate_per_sec = 0  # our own limit holds for all workers together
    return made


_STATUS = re.compile(r"error=(\d{3,5})")
_NEVER_LEFT = ("NewConnectionError", "ConnectTimeout", "NameResolutionError", "Connection refused")


class _Overheard(logging.Handler):
    """Listens to apprise while it sends, keeps what tells the fate of the text, and lets nothing through."""

    def __init__(self) -> None:
        super().__init__(level=logging.DEBUG)
        self._said: list[str] = []

    def __enter__(self) -> _Overheard:
        self._before = (apprise_log.propagate, apprise_log.level, list(apprise_log.handlers))
        apprise_log.propagate, apprise_log.handlers = False, [self]
        apprise_log.setLevel(logging.DEBUG)
        return self

    def __exit__(self, *_: object) -> None:
        apprise_log.propagate, level, apprise_log.handlers = self._before
        apprise_log.setLevel(level)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line in memory."""
        self._said.append(record.getMessage())

    def answer(self) -> Answer:
        """Return what the lines say about a text that was not taken."""
        said = " ".join(self._said)
        if any(sign in said for sign in _NEVER_LEFT):
            return Answer(Outcome.TEMPORARY, 0, "No connection to the provider.")
        if "onnection error" in said:
            return Answer(Outcome.UNKNOWN, 0, "The line broke.")
        found = _STATUS.search(said)
        return by_status(int(found[1]) if found else 0)


def by_status(status: int) -> Answer:
    """Return what the status of a provider's answer means; five figures are the provider's own code for a number."""
    if status in (401, 403, 408, 425, 429, 20003, 20429):  # our key, or too fast: no fault of this text
        return Answer(Outcome.TEMPORARY, 451, f"The provider asked to wait ({status}).")
    if status >= 10_000 or 400 <= status < 500:
        return Answer(Outcome.PERMANENT, 550, f"The provider refused the text ({status}).")
    return Answer(Outcome.UNKNOWN, 0, f"The provider gave no answer we can rely on ({status or 'none'}).")
