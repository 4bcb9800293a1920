"""One letter with several pieces of small news, each as it would have been told alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import ngettext

from notifications.messages.rendering import Letter, page, plain, surroundings, tidy
from notifications.models import Message
from notifications.rules.flat import paragraphs
from notifications.rules.headers import subject_line

BUNDLE = "bundle"


@dataclass(frozen=True)
class Piece:
    """One piece of news: its subject as a heading, and its text without greeting and farewell."""

    title: str
    text: str

    @property
    def paragraphs(self) -> list[list[tuple[str, bool]]]:
        """Return its paragraphs as lines, each with whether it is the address of a page of ours."""
        return [
            [(line, line.startswith(f"{settings.SITE_URL}/")) for line in part.split("\n")]
            for part in paragraphs(self.text)
        ]


def render_bundle(parts: Sequence[Message], *, first_name: str, wishes_url: str) -> Letter:
    """Render a letter that tells several messages of one reader, in the language that is switched on."""
    more = len(parts) - 1
    also = ngettext("and one more piece of news", "and %(more)d more pieces of news", more) % {"more": more}
    subject = subject_line(f"{parts[0].subject} – {also}")
    values = {
        **surroundings(by_a_person=False),
        "subject": subject,
        "number": parts[0].order_number,
        "first_name": first_name,
        "wishes_url": wishes_url,
        "pieces": [Piece(part.subject, part.brief.strip() or part.text.strip()) for part in parts],
    }
    text = tidy(plain("messages/parts/bundle.txt", values))
    return Letter(subject=subject, text=text, html=page("messages/parts/bundle.html", values))
