"""What is new in a mail: quoted history is folded away for reading, and never lost.

The answer is always the beginning of the text, so that nothing is rearranged; when there is doubt, for instance
because words follow a quotation, the whole text counts as new.  Whether somebody waits never depends on it.
Source: support reference 0 (finding 4), 2.4, 10 (I5).
"""

from __future__ import annotations

import re

MARKER = "Write your answer above this line"
"""The first line of our mails in a conversation; whatever stands below it is ours.

Outlook quotes without any sign, in as many languages as it speaks; above this line only its few header lines are left.
"""

_FRAME = "↑"
_FRAMED = re.compile(rf"{_FRAME} .{{5,200}} {_FRAME}")

MIN_VISIBLE = 3  # letters; with fewer left the whole text is shown
_HEADER_LINES = 4  # mail programs wrap "On ... wrote:" over at most this many lines

# A quotation's first line: English, German, French, Portuguese, Spanish.
_WROTE = re.compile(
    r"^(on|am|le|el|em|a)\b.{6,400}?\b(wrote|schrieb\b.{0,200}|a écrit|escribió|escreveu)\s*:\s*$",
    re.IGNORECASE | re.DOTALL,
)
_ORIGINAL = re.compile(
    r"^\s*-{2,}\s*(original message|forwarded message|ursprüngliche nachricht|weitergeleitete nachricht|"
    r"message d['’]origine|message original|mensagem original)\s*-{2,}\s*$",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"^\s*\*?(?P<name>from|von|de|sent|date|gesendet|datum|envoyé|enviado|enviada|to|an|à|para|cc|subject|betreff|objet|"
    r"assunto|asunto)\s?:\*?\s+\S",
    re.IGNORECASE,
)
# Right above our own line any block of "Word: text" is a mail program's header, in whatever language.
_ANY_FIELD = re.compile(r"^\s*\*?[^\W\d_][^:\n]{0,30}:\*?\s+\S")
_FEWEST_FIELDS = 3
_SENDER = {"from", "von", "de"}
_MOMENT = {"sent", "date", "gesendet", "datum", "envoyé", "enviado", "enviada"}
_TOPIC = {"subject", "betreff", "objet", "assunto", "asunto"}


def marker(words: str) -> str:
    """Return our own line in the words of one language: the frame says whose it is, whatever the words."""
    return f"{_FRAME} {words} {_FRAME}"


def with_note(text: str, note: str) -> tuple[str, str]:
    """Return (what is new, the whole text), both with `note` behind the new words and before the quoted history."""
    new = new_text(text)
    if not note:
        return new, text
    with_it = f"{new}\n\n{note}".strip()
    return with_it, with_it + text[len(new) :]


def new_text(text: str) -> str:
    """Return the part of `text` its sender has written now: a beginning of it, without trailing blanks.

    Never empty when `text` is not blank.
    """
    lines = text.splitlines(keepends=True)
    end = min(_marker_at(lines), _outlook_at(lines), _quotes_at(lines))
    new = "".join(lines[:end]).rstrip()
    visible = sum(1 for sign in new if not sign.isspace())
    return new if visible >= MIN_VISIBLE else text.rstrip()


def _marker_at(lines: list[str]) -> int:
    """Return where the history under our own line begins, its introduction included."""
    place = next((place for place, line in enumerate(lines) if _is_marker(line)), len(lines))
    if place < len(lines) and _is_quoted(lines[place]) and any(_is_said(line) for line in lines[place:]):
        return len(lines)  # she answered below the quotation
    return _any_header_above(lines, _introduction(lines, place)) if place < len(lines) else place


def _is_marker(line: str) -> bool:
    """Tell our own line in every language by its frame; before there was one it was written in English alone."""
    return MARKER in line or bool(_FRAMED.search(line))


def _any_header_above(lines: list[str], place: int) -> int:
    """Step back over a header block, and the line drawn above it, that ends at `place` but for blank lines."""
    end = place
    while end and not lines[end - 1].strip():
        end -= 1
    top = end
    while top and _ANY_FIELD.match(lines[top - 1]):
        top -= 1
    if end - top < _FEWEST_FIELDS:
        return place
    return top - 1 if _is_drawn(lines, top - 1) else top


def _is_drawn(lines: list[str], place: int) -> bool:
    return place >= 0 and set(lines[place].strip()) in ({"_"}, {"-"})


def _outlook_at(lines: list[str]) -> int:
    """Return where a block of From, Sent, Subject begins, with the line drawn above it."""
    for place, line in enumerate(lines):
        if _ORIGINAL.match(line) or _is_header_block(lines[place : place + 6]):
            return place - 1 if _is_drawn(lines, place - 1) else place
    return len(lines)


def _is_header_block(lines: list[str]) -> bool:
    """Tell whether a mail's sender, moment and subject stand on neighbouring lines, the sender first."""
    names: list[str] = []
    for line in lines:
        match = _FIELD.match(line)
        if match is None:
            break
        names.append(match["name"].lower())
    found = set(names)
    return bool(names) and names[0] in _SENDER and bool(found & _MOMENT) and bool(found & _TOPIC)


def _quotes_at(lines: list[str]) -> int:
    """Return where the quotation at the very end begins; the end when words follow a quotation or none is there."""
    end = len(lines)
    while end and not _is_said(lines[end - 1]):
        end -= 1
    if not any(_is_quoted(line) for line in lines[end:]) or any(_is_quoted(line) for line in lines[:end]):
        return len(lines)  # nothing quoted, or answers between the quotations: everything is read
    return _introduction(lines, end)


def _introduction(lines: list[str], place: int) -> int:
    """Step back from `place` over blank and quoted lines and the "On ... wrote:" that introduces what stands there."""
    while place and not _is_said(lines[place - 1]):
        place -= 1
    top = place
    for height in range(1, _HEADER_LINES + 1):
        start = top - height
        if start < 0 or not lines[start].strip():
            break
        header = "".join(line.lstrip("> ") for line in lines[start:top])
        if _WROTE.match(header.strip()):
            return start
    return place


def _is_quoted(line: str) -> bool:
    return line.lstrip().startswith(">")


def _is_said(line: str) -> bool:
    return bool(line.strip()) and not _is_quoted(line)
