"""Somebody who is asked whether news of the shop may come."""

from __future__ import annotations

from datetime import datetime

from notifications.models import NewsConsent
from notifications.operations.news import Tick, ask_for_news
from shop.messages.news import words_now

ANA = "ana@example.com"


def a_tick(address: str = ANA, **fields: str) -> Tick:
    """The box as a guest ticked it at the checkout."""
    return Tick(**{"address": address, "where": "checkout", "locale": "en", "wording": words_now().code, **fields})


def a_question(*, at: datetime, address: str = ANA) -> NewsConsent:
    """An address that is asked; nobody has answered."""
    ask_for_news(tick=a_tick(address), at=at)
    return NewsConsent.objects.get(address__iexact=address, confirmed_at=None)
