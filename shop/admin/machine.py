"""The machine room in the admin: events, deliveries, what came in, heartbeats.  To read, to replay, and to put
aside what nobody can read.
"""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shop.admin.base import Button, OperationButtons, Pressed, ReadOnlyAdmin
from shop.models import Event, EventDelivery, Heartbeat, Inbound
from shop.operations.events import NotParked, replay_parked
from shop.operations.inbound import replay_parked_inbound, set_aside_inbound

FASTER = gettext_lazy("Somebody was faster: this is no longer parked.")


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """Every fact, in the order it was recorded."""

    list_display = ("happened_at", "name", "subject", "order_number", "actor_kind", "actor", "visibility")
    list_select_related = ("actor",)
    list_filter = ("visibility", "actor_kind")
    search_fields = ("=order_number", "=name", "=subject")
    ordering = ("-id",)


def replay_delivery(press: Pressed[EventDelivery]) -> str:
    """Put the delivery back into the queue."""
    replay_parked(delivery_id=press.row.pk, by=press.by, at=press.at)
    return _("It is in the queue again. If the cause is still there, it will be parked once more.")


@admin.register(EventDelivery)
class EventDeliveryAdmin(OperationButtons, ReadOnlyAdmin):
    """Events on their way to those who listen; parked ones wait for a person."""

    list_display = ("event", "consumer", "state", "due_at", "attempts", "error")
    list_select_related = ("event",)
    list_filter = ("state", "consumer")
    search_fields = ("=event__order_number", "=consumer")
    ordering = ("-id",)
    buttons = (
        Button(
            "replay",
            gettext_lazy("Try it again"),
            "shop.change_eventdelivery",
            call=replay_delivery,
            refusals={NotParked: FASTER},
            shown=lambda row: row.state == EventDelivery.State.PARKED,
        ),
    )


def replay_inbound(press: Pressed[Inbound]) -> str:
    """Let the readers try again."""
    replay_parked_inbound(inbound_id=press.row.pk, by=press.by, at=press.at)
    return _("It will be read again in a moment.")


class SetAsideForm(forms.Form):
    """Why nobody needs to read it; kept with the row and the event."""

    use_required_attribute = False

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        error_messages={"required": gettext_lazy("Enter why nobody needs to read it, such as: no mail, only noise.")},
    )


def set_aside(press: Pressed[Inbound]) -> str:
    """Leave it unread."""
    set_aside_inbound(inbound_id=press.row.pk, reason=press.values["reason"], by=press.by, at=press.at)
    return _("It stays unread, with your reason. Its bytes are kept.")


@admin.register(Inbound)
class InboundAdmin(OperationButtons, ReadOnlyAdmin):
    """What machines outside sent us, as it came."""

    list_display = ("received_at", "source", "source_key", "state", "attempts", "error")
    list_filter = ("state", "source")
    search_fields = ("=source_key",)
    ordering = ("-id",)
    fields = (
        "source",
        "source_key",
        "state",
        "content_type",
        "headers",
        "received_at",
        "due_at",
        "attempts",
        "error",
        "settled_at",
        "raw_file",
    )
    buttons = (
        Button(
            "replay",
            gettext_lazy("Read it again"),
            "shop.change_inbound",
            call=replay_inbound,
            refusals={NotParked: FASTER},
            shown=lambda row: row.state == Inbound.State.PARKED,
        ),
        Button(
            "set-aside",
            gettext_lazy("Leave it unread"),
            "shop.change_inbound",
            call=set_aside,
            form=SetAsideForm,
            refusals={NotParked: FASTER},
            shown=lambda row: row.state == Inbound.State.PARKED,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Inbound]:
        """Leave the raw bytes in the database: a list of fifty mails is not fifty mails long."""
        rows: QuerySet[Inbound] = super().get_queryset(request)
        return rows.defer("raw")

    def get_urls(self) -> list[URLPattern]:
        """Add the download of the raw bytes."""
        raw = path("<path:object_id>/raw/", self.admin_site.admin_view(self.download), name="shop_inbound_raw")
        return [raw, *super().get_urls()]

    def download(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Hand out the raw bytes as a text file, never as a page.  Raises PermissionDenied, Http404."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        answer = HttpResponse(bytes(row.raw), content_type="text/plain; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="inbound-{row.pk}.txt"'
        answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return answer

    @admin.display(description=gettext_lazy("raw bytes"))
    def raw_file(self, row: Inbound) -> str:
        """Link the download."""
        return format_html(
            '<a href="{}" download>{}</a>', reverse("admin:shop_inbound_raw", args=[row.pk]), _("Download as text")
        )


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    """When each sweep last ran."""

    list_display = ("name", "beat_at")
    ordering = ("name",)
