"""Reasons: staff word them, sort them and retire them; nobody deletes one, because old returns point at it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from returns.models import ReturnReason
from shop.admin.base import AnyAdmin


@admin.register(ReturnReason)
class ReturnReasonAdmin(AnyAdmin):
    """The vocabulary of returns."""

    list_display = ("label", "group", "goods", "postage", "position", "retired_at")
    list_filter = ("group", "goods", "postage")
    ordering = ("position", "id")
    fields = ("code", "label", "group", "goods", "postage", "position", "retired_at")
    show_full_result_count = False
    actions = None

    def get_readonly_fields(self, request: HttpRequest, obj: ReturnReason | None = None) -> tuple[str, ...]:
        """Keep the code of a reason that is in use: reports count by it."""
        return ("code",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: a reason is retired."""
        return False
