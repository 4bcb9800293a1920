"""Crises in the admin: describe it, see whom it touches, declare it with one press, tell news, end it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.forms.incident import SAID, IncidentForm, other_languages
from orders.messages import words
from orders.models import Incident
from orders.operations import incidents
from orders.queries.crises import crisis_described
from orders.queries.incidents import COUNT_AT_MOST, Example, Preview, preview, versions_of
from shop.admin.base import Button, OperationButtons, Pressed
from shop.admin.catalogue import EditAdmin

_PAST = gettext_lazy("The moment to look again is over. Enter a new one, save, and press again. Nothing was told.")
_FASTER = gettext_lazy("Somebody was faster: nothing was told a second time.")


def declare(press: Pressed[Incident]) -> str:
    """Declare it."""
    incidents.declare(incident_id=press.row.pk, by=press.by, at=press.at)
    return _("It is declared. Pages say it from now on, and everybody it touches is being told, each once.")


def news(press: Pressed[Incident]) -> str:
    """Tell what changed."""
    incidents.tell_news(incident_id=press.row.pk, by=press.by, at=press.at)
    return _("The news is out. Who reads something new in it gets a second message, nobody else.")


def all_clear(press: Pressed[Incident]) -> str:
    """End it."""
    incidents.give_all_clear(incident_id=press.row.pk, by=press.by, at=press.at)
    return _("It is over. Pages forget it, and everybody who was told and still waits hears so. Told days stand.")


def _declared(row: Incident) -> bool:
    return row.state == Incident.State.DECLARED


@admin.register(Incident)
class IncidentAdmin(OperationButtons, EditAdmin):
    """What staff save here tells nobody anything; the buttons do."""

    form = IncidentForm
    list_display = ("name", "state", "hits", "starts_on", "ends_on", "extra_days", "review_at")
    list_filter = ("state",)
    search_fields = ("name", "public_text")
    ordering = ("-id",)
    autocomplete_fields = ("products",)
    change_form_template = "admin/orders/incident/change_form.html"
    buttons = (
        Button(
            "declare",
            gettext_lazy("Declare it: tell everybody it touches"),
            "orders.declare_incident",
            call=declare,
            shown=lambda row: row.state == Incident.State.DRAFT,
            refusals={incidents.NotADraft: _FASTER, incidents.LookIsPast: _PAST},
        ),
        Button(
            "news",
            gettext_lazy("Tell what was changed here"),
            "orders.declare_incident",
            call=news,
            shown=_declared,
            refusals={
                incidents.NothingNew: gettext_lazy(
                    "Nothing is different from what was told. Change and save it first."
                ),
                incidents.LookIsPast: _PAST,
                incidents.NotDeclared: _FASTER,
            },
        ),
        Button(
            "all-clear",
            gettext_lazy("It is over: give the all-clear"),
            "orders.declare_incident",
            call=all_clear,
            shown=_declared,
            refusals={incidents.NotDeclared: _FASTER},
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Incident]:
        """Return every crisis."""
        rows: QuerySet[Incident] = super().get_queryset(request)
        return rows

    def has_change_permission(self, request: HttpRequest, obj: Incident | None = None) -> bool:
        """Refuse once it is over: it is kept as it was told."""
        over = obj is not None and obj.state == Incident.State.OVER
        return not over and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Incident | None = None) -> bool:
        """Refuse: what was told is kept."""
        return False

    def get_fields(self, request: HttpRequest, obj: Incident | None = None) -> list[Any]:
        """Show the words in other languages as they are read to whoever may not change them."""
        fields: list[Any] = list(super().get_fields(request, obj))
        if obj is None or self.has_change_permission(request, obj):
            return fields
        return ["said_elsewhere" if name == "in_other_languages" else name for name in fields]

    @admin.display(description=gettext_lazy("The same in other languages"))
    def said_elsewhere(self, row: Incident) -> str:
        """Say it language by language."""
        said = [(name, row.in_other_languages.get(code, {})) for code, name in other_languages()]
        return "\n".join(f"{name}: {' '.join(filter(None, map(texts.get, SAID)))}" for name, texts in said if texts)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show it with whom it touches as it is saved, and with what was told so far."""
        context: dict[str, Any] = {}
        row = self.get_object(request, object_id) if request.method != "POST" else None
        if row is not None and self.has_view_permission(request, row):
            context["told"] = [_told(*each) for each in versions_of(row.pk)]
            if row.state != Incident.State.OVER:
                context |= _previewed(preview(crisis_described(row), at=timezone.now()))
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))


def _previewed(found: Preview) -> dict[str, Any]:
    return {
        "preview": found,
        "most": COUNT_AT_MOST,
        "examples": [_example(each) for each in found.examples],
    }


def _example(each: Example) -> dict[str, Any]:
    return {
        "number": each.order.number,
        "url": reverse("admin:orders_order_change", args=[each.order.pk]),
        "promised": words.days(*each.promised) if each.promised else "",
        "now": words.days(*each.now) if each.now else "",
        "parcels": [
            {"number": number, "promised": words.days(*promised), "now": words.days(*now) if now else ""}
            for number, promised, now in each.parcels
        ],
    }


def _told(version: Any, counts: dict[str, int]) -> dict[str, Any]:
    return {"version": version, "by": version.made_by, "counts": counts}
