"""Who asked for her data or its erasure, until when she has to have an answer, and how far it is.  To read only."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy

from shop.admin.base import ReadOnlyAdmin
from shop.models import DataRequest
from shop.queries.data_requests import holds_of, person_of


@admin.register(DataRequest)
class DataRequestAdmin(ReadOnlyAdmin):
    """Requests about data, the newest first.  The copies themselves are nobody's but hers."""

    list_display = ("asked_at", "kind", "who", "state", "answer_by_on", "held_since", "done_at")
    list_filter = ("state", "kind")
    search_fields = ("=email",)
    ordering = ("-id",)
    fields = (
        "kind",
        "who",
        "state",
        "asked_at",
        "answer_by_on",
        "confirmed_at",
        "held_since",
        "what_holds_it",
        "begun_at",
        "steps",
        "farewell_at",
        "refuses_mail",
        "attempts",
        "error",
        "done_at",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[DataRequest]:
        """Leave secrets in the database."""
        rows: QuerySet[DataRequest] = super().get_queryset(request)
        return rows.defer("token_hash")

    @admin.display(description=gettext_lazy("who asked"), ordering="email")
    def who(self, row: DataRequest) -> str:
        """Return her address, while we still know it."""
        return row.email or str(gettext_lazy("(erased)"))

    @admin.display(description=gettext_lazy("what holds it"))
    def what_holds_it(self, row: DataRequest) -> str:
        """List what has to be settled first."""
        if row.kind != DataRequest.Kind.ERASURE or row.state != DataRequest.State.DUE or row.begun_at is not None:
            return "–"
        return format_html_join("", "{} ", ((words,) for words in holds_of(person_of(row)))) or "–"
