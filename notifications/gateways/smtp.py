"""Letters over SMTP: the commands of a letter in one breath where the server allows it, and a certain answer.

Django's backend opens the connection (TLS, login, time limits); the conversation is ours, because smtplib raises the
same error for a line that broke before the text and after it.
Source: RFC 5321 4.1.1, RFC 2920 (pipelining); reliability reference D3, T23.
"""

from __future__ import annotations

import smtplib
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any

from django.conf import settings

from notifications.gateways.letter import wire_letter
from notifications.gateways.lines import ProviderAway
from notifications.models import Message
from notifications.rules.headers import ascii_address
from notifications.rules.mime import dot_stuffed
from notifications.rules.outcomes import Answer, Outcome

Reply = tuple[int, bytes]

GO_AHEAD = 354
CLOSING = 421


@dataclass(frozen=True)
class _Envelope:
    sender: str
    recipient: str
    letter: bytes


class SmtpLine:
    """One connection, opened before the first letter and again after one that broke it."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend
        self._server: smtplib.SMTP | None = None
        self._text_begun = False

    def open(self) -> None:
        """Connect unless connected.  Raises ProviderAway."""
        if self._server is not None:
            return
        try:
            self._backend.open()
        except smtplib.SMTPResponseException as problem:
            raise ProviderAway(problem.smtp_code, words_of(problem.smtp_error)) from problem
        except (OSError, smtplib.SMTPException) as problem:
            raise ProviderAway(0, f"No connection: {type(problem).__name__}") from problem
        self._server = self._backend.connection
        assert self._server is not None  # noqa: S101 -- open() connects or raises
        self._server.ehlo_or_helo_if_needed()

    def close(self) -> None:
        """Say goodbye; a server that is gone already is no problem."""
        self._server = None
        try:
            self._backend.close()
        except (OSError, smtplib.SMTPException):
            self._backend.connection = None

    def send(self, message: Message) -> Answer:
        """Send one letter and tell what the server answered.  Never raises for what a mail server can do."""
        try:
            sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
            envelope = _Envelope(sender, ascii_address(message.recipient), wire_letter(message))
        except ValueError as problem:  # a header or an address that cannot be written: it never left the house
            return Answer(Outcome.PERMANENT, 550, f"The message cannot be written: {type(problem).__name__}")
        self._text_begun = False
        try:
            answer = self._converse(envelope)
        except (OSError, smtplib.SMTPException) as problem:
            outcome = Outcome.UNKNOWN if self._text_begun else Outcome.TEMPORARY
            answer = Answer(outcome, 0, f"The line broke: {type(problem).__name__}")
        if answer.code in (0, CLOSING):
            self.close()  # the line is dead or its state unknown: the next letter begins on a new one
        return answer

    def _converse(self, envelope: _Envelope) -> Answer:
        replies = self._announce(envelope)
        if len(replies) == 3 and [code // 100 for code, _ in replies[:2]] == [2, 2] and replies[2][0] == GO_AHEAD:
            self._text_begun = True
            self._write(dot_stuffed(envelope.letter))
            code, words = self._read()
            return Answer(Outcome.ACCEPTED, 250) if code // 100 == 2 else _by_code(code, words_of(words))
        return self._take_back(replies)

    def _announce(self, envelope: _Envelope) -> list[Reply]:
        """Send MAIL, RCPT and DATA; return the replies, the last of them the refusal if there was one."""
        assert self._server is not None  # noqa: S101 -- send() follows open()
        size = f" SIZE={len(envelope.letter)}" if self._server.has_extn("size") else ""
        commands = [f"MAIL FROM:<{envelope.sender}>{size}", f"RCPT TO:<{envelope.recipient}>", "DATA"]
        if self._server.has_extn("pipelining"):
            self._write("\r\n".join([*commands, ""]).encode("ascii"))
            return [self._read() for _command in commands]
        replies: list[Reply] = []
        for command in commands:
            self._write(f"{command}\r\n".encode("ascii"))
            replies.append(self._read())
            if replies[-1][0] // 100 not in (2, 3):
                break
        return replies

    def _take_back(self, replies: list[Reply]) -> Answer:
        """End a letter the server refused before its text, and say why."""
        if replies[-1][0] == GO_AHEAD:  # it waits for a text nobody is to read
            self._write(b".\r\n")
            self._read()
        refused = next(position for position, (code, _) in enumerate(replies) if code // 100 != 2)
        code, words = replies[refused][0], words_of(replies[refused][1])
        if code != CLOSING:
            self._write(b"RSET\r\n")
            self._read()
        if refused == 0:  # our own address or account: no fault of this message
            return Answer(Outcome.TEMPORARY, code, words)
        return _by_code(code, words)

    def _write(self, data: bytes) -> None:
        assert self._server is not None  # noqa: S101 -- send() follows open()
        assert self._server.sock is not None  # noqa: S101 -- as above
        self._server.sock.sendall(data)

    def _read(self) -> Reply:
        assert self._server is not None  # noqa: S101 -- send() follows open()
        return self._server.getreply()


def _by_code(code: int, words: str) -> Answer:
    return Answer(Outcome.PERMANENT if code >= 500 else Outcome.TEMPORARY, code, words)


def words_of(reply: bytes | str) -> str:
    """Return what a server said on one line, shortened."""
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return " ".join(text.split())[:300]
