"""Headers as they stand on the wire: read back they are exactly the text, and no first line is empty.

Python's own folding moves a long encoded word to the next line and leaves a blank before it; mail programs then show
a subject that begins with a blank.  So ASCII stays on one line (150 characters are far below the allowed 998), and
everything else becomes encoded words that begin on the line of the header's name.
Source: RFC 5322 2.1.1 and 2.2.3, RFC 2047 2 and 5.
"""

from __future__ import annotations

from base64 import b64encode
from email.utils import quote

LINE = 78
_WORD = 75  # RFC 2047: an encoded word is at most that long
_FRAME = len("=?utf-8?b??=")
_LONGEST_LINE = 998
_QUOTED_IN_NAMES = set('()<>@,;:\\".[]')


def header_text(name: str, text: str) -> str:
    """Return a free text, such as a subject, as the value of the header `name`; lines are parted by LF and a blank."""
    if _plain(text) and len(name) + 2 + len(text) <= _LONGEST_LINE:
        return text
    return "\n ".join(_words(text, first_line=len(name) + 2))


def header_mailbox(name: str, display: str, address: str) -> str:
    """Return one mailbox, the display name before the (ASCII) address, as the value of the header `name`."""
    if not display:
        return address
    if not _plain(display):
        return "\n ".join([*_words(display, first_line=len(name) + 2), f"<{address}>"])
    shown = f'"{quote(display)}"' if _QUOTED_IN_NAMES & set(display) else display
    return f"{shown} <{address}>"


def _plain(text: str) -> bool:
    return text.isascii() and text.isprintable() and "=?" not in text and text == text.strip()


def _words(text: str, *, first_line: int) -> list[str]:
    """Cut a text into encoded words of whole characters; readers put them together without the blanks between."""
    words: list[str] = []
    piece = b""
    for letter in text:
        grown = piece + letter.encode()
        if piece and len(grown) > _room(first_line if not words else 1):
            words.append(_word(piece))
            grown = letter.encode()
        piece = grown
    return [*words, _word(piece)]


def _room(taken: int) -> int:
    """Return how many bytes fit into a word on a line of which `taken` characters are gone."""
    return (min(_WORD, LINE - taken) - _FRAME) // 4 * 3


def _word(piece: bytes) -> str:
    return f"=?utf-8?b?{b64encode(piece).decode()}?="
