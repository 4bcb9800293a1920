"""The channel of mails: any SMTP server, or any provider django-anymail knows, by setting alone.

Source: dependencies reference 4.4 (what proves that nothing was delivered); reliability reference D3 (idempotency
keys of providers).
"""

from __future__ import annotations

import smtplib
from typing import Any

from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused
from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from notifications.gateways.letter import Email, email_of
from notifications.gateways.lines import Channel, Line, ProviderAway
from notifications.gateways.smtp import SmtpLine
from notifications.models import Message
from notifications.rules.limits import read_rate
from notifications.rules.outcomes import Answer, Outcome

NAME = "email"
COMMANDS_OF_A_LETTER = 4  # MAIL, RCPT, DATA, the text: its lease outlives them all


def email_channel() -> Channel:
    """Return the channel as the settings name its provider."""
    backend = settings.EMAIL_BACKEND
    smtp = backend.endswith(".smtp.EmailBackend")
    where = settings.EMAIL_HOST if smtp else backend.removesuffix(".EmailBackend").rpartition(".")[2]
    return Channel(NAME, f"{NAME}:{where}", read_rate(settings.EMAIL_RATE), email_line)


def email_line() -> Line:
    """Return a line to the mail server or provider of the settings; no command waits past a quarter of a lease."""
    timeout = min(settings.EMAIL_TIMEOUT, settings.MESSAGE_LEASE_SECONDS // COMMANDS_OF_A_LETTER)
    backend = get_connection(timeout=timeout)
    return SmtpLine(backend) if isinstance(backend, EmailBackend) else ProviderLine(backend)


class ProviderLine:
    """Letters through any other backend of Django's: a provider's API, a console, a folder."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend
        self._open = False

    def open(self) -> None:
        """Open a session with the provider unless it is open.  Raises ProviderAway."""
        if self._open:
            return
        try:
            self._backend.open()
        except (OSError, smtplib.SMTPException, AnymailAPIError) as problem:
            raise ProviderAway(0, f"No connection: {type(problem).__name__}") from problem
        self._open = True

    def close(self) -> None:
        """Close the session."""
        self._open = False
        self._backend.close()

    def send(self, message: Message) -> Answer:
        """Hand one letter to the provider and tell its answer.  Never raises for what a provider can do."""
        try:
            letter = email_of(message, self._backend)
        except ValueError as problem:
            return Answer(Outcome.PERMANENT, 550, f"The message cannot be written: {type(problem).__name__}")
        self._mark(letter, message)
        try:
            self._backend.send_messages([letter])
        except AnymailRecipientsRefused:
            return Answer(Outcome.PERMANENT, 550, "The provider refused the address.")
        except AnymailAPIError as problem:
            if _never_connected(problem):
                return Answer(Outcome.TEMPORARY, 0, f"No connection: {type(problem.__cause__).__name__}")
            return _by_http_status(getattr(problem, "status_code", None))
        except (OSError, smtplib.SMTPException) as problem:
            self.close()
            return Answer(Outcome.UNKNOWN, 0, f"The line broke: {type(problem).__name__}")
        status = getattr(letter, "anymail_status", None)
        return Answer(Outcome.ACCEPTED, 250, provider_id=str(getattr(status, "message_id", None) or "")[:200])

    def _mark(self, letter: Email, message: Message) -> None:
        """Tell the provider which message this is: for its feedback, and so that it takes a second copy for the same.

        Resend and others read Idempotency-Key; Brevo reads idempotencyKey among the letter's own headers.
        """
        key = message.message_id.strip("<>")
        letter.metadata = {"message": key}  # type: ignore[attr-defined]  # anymail's
        letter.tags = [message.kind]  # type: ignore[attr-defined]  # anymail's
        session = getattr(self._backend, "session", None)
        if session is not None:
            session.headers["Idempotency-Key"] = key
        if getattr(self._backend, "esp_name", "") == "Brevo":
            letter.extra_headers["idempotencyKey"] = key


def _never_connected(problem: AnymailAPIError) -> bool:
    """Say whether a request failed before it left the house: then nothing was sent."""
    reason = getattr(problem.__cause__, "args", None)
    inner = getattr(reason[0], "reason", reason[0]) if reason else None
    return isinstance(inner, NewConnectionError | ConnectTimeoutError)


def _by_http_status(status: int | None) -> Answer:
    if status is None or status >= 500:
        return Answer(Outcome.UNKNOWN, 0, f"The provider gave no answer we can rely on ({status}).")
    if status in (401, 403, 408, 425, 429):  # our key, or too fast: no fault of this message
        return Answer(Outcome.TEMPORARY, 451, f"The provider asked to wait ({status}).")
    return Answer(Outcome.PERMANENT, 550, f"The provider refused the message ({status}).")
