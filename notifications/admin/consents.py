"""Who agreed to news of the shop, as proof: when, where, under which words, and how we know."""

from __future__ import annotations

from django.contrib import admin
from django.utils import translation
from django.utils.translation import gettext_lazy

from notifications.models import NewsConsent
from shop.admin.base import ReadOnlyAdmin, by_moment
from shop.messages.languages import known_language
from shop.messages.news import offer_of


@admin.register(NewsConsent)
class NewsConsentAdmin(ReadOnlyAdmin):
    """Consents, the newest first; looked up by the whole address."""

    list_display = ("address", "where", "asked_at", "confirmed_at", "proof", "refused_at", "ended_at")
    list_filter = (
        ("confirmed_at", by_moment(gettext_lazy("agreed"), gettext_lazy("no answer"))),
        "where",
        "proof",
    )
    search_fields = ("=address",)
    ordering = ("-id",)
    fields = (
        "address", "where", "order_number", "words", "wording", "locale", "asked_at", "confirmed_at", "proof",
        "refused_at", "ended_at",
    )  # fmt: skip
    readonly_fields = ("words",)

    @admin.display(description=gettext_lazy("she read"))
    def words(self, consent: NewsConsent) -> str:
        """Return the words she agreed to, in her language."""
        with translation.override(known_language(consent.locale)):
            return offer_of(consent.wording)
