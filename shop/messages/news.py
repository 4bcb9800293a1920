"""The words beside the box for news of the shop, and what somebody read who ticked it before."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import ngettext

from shop.rules.news import VERSION, Words, words_of


def words_now() -> Words:
    """Return what the box says now: the newest text, and how often we write unasked at most."""
    return Words(VERSION, settings.UNASKED_MOST, settings.UNASKED_DAYS)


def offer(words: Words) -> str:
    """Return the sentence beside the box, in the language that is switched on.

    A new text is a new version; the old one stays here, for it was agreed to.
    """
    text = ngettext(
        "Write to me about new things, at most %(most)s mail in %(days)s days",
        "Write to me about new things, at most %(most)s mails in %(days)s days",
        words.most,
    )
    return text % {"most": words.most, "days": words.days}


def offer_of(code: str) -> str:
    """Return what somebody read, by the code that was kept; the code itself when we do not know it any more."""
    try:
        return offer(words_of(code))
    except ValueError:
        return code
