"""Answer times: the few numbers the owner of the desk may change."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from shop.admin.base import AnyAdmin
from support.models import SlaPolicy


@admin.register(SlaPolicy)
class SlaPolicyAdmin(AnyAdmin):
    """Minutes may be changed, policies neither added nor deleted: the rules name them by code."""

    list_display = ("name", "calendar", "first_reply_minutes", "next_reply_minutes")
    list_select_related = ("calendar",)
    ordering = ("name", "id")
    readonly_fields = ("code",)
    fields = ("code", "name", "calendar", "first_reply_minutes", "next_reply_minutes")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds policies here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: SlaPolicy | None = None) -> bool:
        """Nobody deletes policies."""
        return False
