"""Turns a kind and its context into a letter: subject, plain text and HTML with its styles in the tags.

The text is written by hand in body.txt and complete on its own, or by staff as a wording.  Rendered once, when the
event is heard.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import css_inline
from django.conf import settings
from django.template import Context
from django.template.engine import Engine
from django.utils.translation import gettext

from notifications.messages import own_words
from notifications.messages.kind import Kind
from notifications.models import Wording
from notifications.rules.headers import subject_line
from notifications.rules.limits import LIMITS, short_text
from support.rules.folding import marker

# Never fetch a stylesheet: a template could make the worker call any host.  @media rules stay for dark and small.
_inliner = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)

HTML_LIMIT_BYTES = 60_000


@dataclass(frozen=True)
class Letter:
    """What is sent, word for word."""

    subject: str
    text: str
    html: str
    brief: str = ""  # what the text says between greeting and farewell


def render(kind: Kind, context: Any, *, wording: Wording | None = None, wishes_url: str = "") -> Letter:
    """Render a letter in the language that is switched on, in staff's own words where there are any.

    `wishes_url` is where the reader says what she wants to hear.
    """
    values = {**vars(context), **surroundings(by_a_person=kind.by_a_person), "wishes_url": wishes_url}
    if wording is not None and wording.text:
        return _in_own_words(kind, wording, values, context)
    subject = subject_line(own_subject(wording, context) or plain(f"{kind.folder}/subject.txt", values))
    return Letter(
        subject=subject,
        text=tidy(plain(f"{kind.folder}/body.txt", values)),
        html="" if kind.for_staff else page(f"{kind.folder}/body.html", {**values, "subject": subject}),
        brief=tidy(own_words.content_of(f"{kind.folder}/body.txt", values)),
    )


def render_text(kind: Kind, context: Any, *, channel: str, subject: str) -> Letter:
    """Render a message as a short text: what is new and where to read more."""
    url = str(getattr(context, "url", ""))
    says = short_text(shop=settings.SHOP_NAME, says=subject, url=url, letters=LIMITS[channel].letters)
    return Letter(subject, says, "")


def own_subject(wording: Wording | None, context: Any) -> str:
    """Return staff's own subject, filled, or nothing."""
    return own_words.fill(wording.subject, context) if wording else ""


def _in_own_words(kind: Kind, wording: Wording, values: dict[str, Any], context: Any) -> Letter:
    subject = subject_line(own_subject(wording, context) or plain(f"{kind.folder}/subject.txt", values))
    mine = {**values, "subject": subject, "words": own_words.fill(wording.text, context)}
    mine["paragraphs"] = own_words.paragraphs_of(wording.text, context)
    return Letter(
        subject=subject,
        text=tidy(plain("messages/parts/own_words.txt", mine)),
        html="" if kind.for_staff else page("messages/parts/own_words.html", mine),
        brief=tidy(mine["words"]),
    )


def surroundings(*, by_a_person: bool) -> dict[str, Any]:
    """Return what every letter's frame needs."""
    return {
        "shop_name": settings.SHOP_NAME,
        "care_email": settings.CARE_EMAIL,
        "care_phone": settings.CARE_PHONE,
        "site_url": settings.SITE_URL,
        "by_a_person": by_a_person,
        "answer_above": marker(gettext("Write your answer above this line")),
    }


def plain(template: str, values: dict[str, Any]) -> str:
    """Render a template of plain text."""
    return str(Engine.get_default().get_template(template).render(Context(values, autoescape=False)))


def page(template: str, values: dict[str, Any]) -> str:
    """Render a template of HTML with its styles in the tags; nothing when it grew too long for mail programs."""
    made = Engine.get_default().get_template(template).render(Context(values, use_tz=True))
    html: str = _inliner.inline(re.sub(r"\n\s*\n+", "\n", made))
    return html if len(html.encode()) <= HTML_LIMIT_BYTES else ""  # the text says it all; mail programs cut long HTML


def tidy(text: str) -> str:
    """Take out what the template's own lines leave behind: trailing blanks and heaps of empty lines."""
    lines = "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"
