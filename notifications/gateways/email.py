"""The mail server: one connection for a batch, and a certain answer for every message or an honest "unknown".

Any Django mail backend will do (EMAIL_BACKEND, EMAIL_URL): SMTP, or a provider through django-anymail.
Source: reliability reference D3, T23; dependencies reference 4.4 (what proves that nothing was delivered).
"""

from __future__ import annotations

import smtplib
from types import TracebackType
from typing import Any

from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused
from django.conf import settings
from django.core.mail import get_connection

from notifications.gateways.letter import email_of
from notifications.models import Message
from notifications.rules.outcomes import Answer, Outcome

COMMANDS_OF_A_LETTER = 4  # MAIL, RCPT, DATA, the text: its lease outlives them all


class MailServerAway(Exception):
    """No connection to the mail server, or it refused to talk at all: nothing was sent."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.answer = Answer(Outcome.TEMPORARY, code, words[:300])


class MailConnection:
    """One connection, opened before the first message and again after one that broke it."""

    def __init__(self) -> None:
        timeout = min(settings.EMAIL_TIMEOUT, settings.MESSAGE_LEASE_SECONDS // COMMANDS_OF_A_LETTER)
        self._backend: Any = get_connection(timeout=timeout)
        self._text_begun = False
        self._open = False

    def __enter__(self) -> MailConnection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open(self) -> None:
        """Connect unless connected.  Raises MailServerAway."""
        if self._open:
            return
        try:
            self._backend.open()
        except smtplib.SMTPResponseException as problem:
            raise MailServerAway(problem.smtp_code, _words(problem.smtp_error)) from problem
        except (OSError, smtplib.SMTPException, AnymailAPIError) as problem:
            raise MailServerAway(0, f"No connection: {type(problem).__name__}") from problem
        self._open = True
        self._watch_the_text()

    def close(self) -> None:
        """Say goodbye; a server that is gone already is no problem."""
        self._open = False
        try:
            self._backend.close()
        except (OSError, smtplib.SMTPException):
            self._backend.connection = None

    def send(self, message: Message) -> Answer:
        """Send one message and tell what the server answered.  Never raises for what a mail server can do."""
        self._text_begun = False
        try:
            self._backend.send_messages([email_of(message, self._backend)])
        except (OSError, smtplib.SMTPException, AnymailAPIError, AnymailRecipientsRefused) as problem:
            answer = self._explain(problem)
            if answer.code in (0, 421):
                self.close()  # the line is dead or its state unknown: the next message begins on a new one
            return answer
        except ValueError as problem:  # a header or an address that cannot be written: it never left the house
            return Answer(Outcome.PERMANENT, 550, f"The message cannot be written: {type(problem).__name__}")
        return Answer(Outcome.ACCEPTED, 250)

    def _explain(self, problem: Exception) -> Answer:
        if isinstance(problem, smtplib.SMTPRecipientsRefused):
            code, words = next(iter(problem.recipients.values()))
            return _by_code(code, _words(words))
        if isinstance(problem, smtplib.SMTPSenderRefused):  # our own address or account: no fault of this message
            return Answer(Outcome.TEMPORARY, problem.smtp_code, _words(problem.smtp_error))
        if isinstance(problem, smtplib.SMTPResponseException):
            return _by_code(problem.smtp_code, _words(problem.smtp_error))
        if isinstance(problem, smtplib.SMTPNotSupportedError):
            return Answer(Outcome.PERMANENT, 550, "The mail server does not take letters of this address.")
        if isinstance(problem, AnymailRecipientsRefused):
            return Answer(Outcome.PERMANENT, 550, "The provider refused the address.")
        if isinstance(problem, AnymailAPIError):
            return _by_http_status(getattr(problem, "status_code", None))
        outcome = Outcome.UNKNOWN if self._text_begun else Outcome.TEMPORARY
        return Answer(outcome, 0, f"The line broke: {type(problem).__name__}")

    def _watch_the_text(self) -> None:
        """Note when the text itself begins to travel: only from then on is a broken line an unknown fate.

        smtplib raises the same error for a line that broke before and after, so we listen at the door.
        """
        server = getattr(self._backend, "connection", None)
        if not isinstance(server, smtplib.SMTP):
            return
        send_text = server.data

        def data(msg: Any) -> tuple[int, bytes]:
            self._text_begun = True
            return send_text(msg)

        server.data = data  # type: ignore[method-assign]


def _by_code(code: int, words: str) -> Answer:
    return Answer(Outcome.PERMANENT if code >= 500 else Outcome.TEMPORARY, code, words)


def _by_http_status(status: int | None) -> Answer:
    if status is None or status >= 500:
        return Answer(Outcome.UNKNOWN, 0, f"The provider gave no answer we can rely on ({status}).")
    if status in (401, 403, 408, 425, 429):  # our key, or too fast: no fault of this message
        return Answer(Outcome.TEMPORARY, 451, f"The provider asked to wait ({status}).")
    return Answer(Outcome.PERMANENT, 550, f"The provider refused the message ({status}).")


def _words(reply: bytes | str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return " ".join(text.split())[:300]
