"""A calendar file with one event of whole days.  Source: RFC 5545 3.1 (folding), 3.3.11 (escaping), 3.6.1."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

_LINE_BYTES = 75


def arrival_file(*, uid: str, summary: str, text: str, first_on: date, last_on: date, made_at: datetime) -> str:
    """Return an .ics file that marks the days from `first_on` to `last_on`, both included, as free time."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Kingpost//Arrival//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        f"DTSTAMP:{made_at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{first_on:%Y%m%d}",
        f"DTEND;VALUE=DATE:{last_on + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_escape(summary)}",
        f"DESCRIPTION:{_escape(text)}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{_fold(line)}\r\n" for line in lines)


def _escape(text: str) -> str:
    for sign, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n"), ("\r", "\\n")):
        text = text.replace(sign, written)
    return text


def _fold(line: str) -> str:
    """Break a line after 75 bytes, never inside a character."""
    parts, current, size = [], "", 0
    for sign in line:
        length = len(sign.encode())
        if size + length > _LINE_BYTES:
            parts.append(current)
            current, size = " ", 1
        current, size = current + sign, size + length
    return "\r\n".join([*parts, current])
