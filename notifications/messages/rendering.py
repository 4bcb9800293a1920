"""Turns a kind and its context into a letter: subject, plain text and HTML with its styles in the tags.

The text is written by hand in body.txt and complete on its own.  Rendered once, when the event is heard.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import css_inline
from django.conf import settings
from django.template import Context
from django.template.engine import Engine
from django.utils import translation

from notifications.messages.kind import Kind
from notifications.rules.headers import subject_line
from support.rules.folding import MARKER

# Never fetch a stylesheet: a template could make the worker call any host.  @media rules stay for dark and small.
_inliner = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)

HTML_LIMIT_BYTES = 60_000


@dataclass(frozen=True)
class Letter:
    """What is sent, word for word."""

    subject: str
    text: str
    html: str


def render(kind: Kind, context: Any) -> Letter:
    """Render a letter in the language that is switched on."""
    values = {**vars(context), **_surroundings(kind)}
    subject = subject_line(_plain(f"{kind.folder}/subject.txt", values))
    return Letter(
        subject=subject,
        text=_tidy(_plain(f"{kind.folder}/body.txt", values)),
        html=_html(kind, {**values, "subject": subject}),
    )


def _surroundings(kind: Kind) -> dict[str, Any]:
    return {
        "shop_name": settings.SHOP_NAME,
        "care_email": settings.CARE_EMAIL,
        "care_phone": settings.CARE_PHONE,
        "site_url": settings.SITE_URL,
        "by_a_person": kind.by_a_person,
        "answer_above": MARKER,
    }


def _plain(template: str, values: dict[str, Any]) -> str:
    return str(Engine.get_default().get_template(template).render(Context(values, autoescape=False)))


def _html(kind: Kind, values: dict[str, Any]) -> str:
    context = Context(values, use_tz=True)
    page = Engine.get_default().get_template(f"{kind.folder}/body.html").render(context)
    html: str = _inliner.inline(re.sub(r"\n\s*\n+", "\n", page))
    return html if len(html.encode()) <= HTML_LIMIT_BYTES else ""  # the text says it all; mail programs cut long HTML


def _tidy(text: str) -> str:
    """Take out what the template's own lines leave behind: trailing blanks and heaps of empty lines."""
    lines = "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"


def known_language(locale: str) -> str:
    """Return the language of an order when the shop speaks it, else the shop's own."""
    try:
        return str(translation.get_supported_language_variant(locale))
    except LookupError:
        return str(settings.LANGUAGE_CODE)
