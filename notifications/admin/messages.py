"""The list of messages: what every customer was told, when, and in which words."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.admin import pages
from notifications.messages.framing import letter_frame
from notifications.models import Attempt, Message
from notifications.operations.hearing_back import AlreadyClosed, close_address
from notifications.operations.resending import NothingToResend, resend_message
from notifications.queries.attention import unreached
from notifications.rules.secrecy import without_secrets
from shop.admin.base import Button, OperationButtons, Pressed, ReadOnlyAdmin, RowsInline


class ResendForm(forms.Form):
    """Why it is sent once more; kept with the event."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


def resend(press: Pressed[Message]) -> str:
    """Ask for a fresh copy."""
    resend_message(message_id=press.row.pk, reason=press.values["reason"], by=press.by, at=press.at)
    return _("A fresh copy goes out within seconds; it has a row of its own in this list.")


def close(press: Pressed[Message]) -> str:
    """Write no more to the address of a message."""
    close_address(message_id=press.row.pk, reason=press.values["reason"], by=press.by, at=press.at)
    return _("No message goes to this address any more. The list of closed addresses opens it again.")


def may_be_resent(message: Message) -> bool:
    """Say whether there are words that are not on their way already."""
    return bool(message.text) and message.state not in (Message.State.QUEUED, Message.State.CLAIMED)


class UnconfirmedFilter(admin.SimpleListFilter):
    """Messages whose fate nobody knows for certain."""

    title = gettext_lazy("sent, unconfirmed")
    parameter_name = "unconfirmed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer one choice."""
        return [("1", _("yes"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        """Keep the unconfirmed ones."""
        return queryset.filter(unconfirmed_at__isnull=False) if self.value() else queryset


class UnreachedFilter(admin.SimpleListFilter):
    """Messages that did not arrive lately."""

    title = gettext_lazy("did not arrive, last two weeks")
    parameter_name = "unreached"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer one choice."""
        return [("1", _("yes"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        """Keep the ones that failed or came back."""
        return unreached(queryset, timezone.now()) if self.value() else queryset


class AttemptRows(RowsInline):
    """Every try, with what the mail server said."""

    model = Attempt
    fields = readonly_fields = ("number", "outcome", "reply", "started_at", "finished_at")
    ordering = ("number", "id")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: the sender writes them."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: they are a journal."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow to whoever may read the message."""
        return request.user.has_perm("notifications.view_message")


@admin.register(Message)
class MessageAdmin(OperationButtons, ReadOnlyAdmin):
    """What customers were told."""

    list_display = ("created_at", "kind", "order_number", "recipient", "state", "due_at", "sent_at", "why")
    list_filter = ("state", UnreachedFilter, UnconfirmedFilter, "kind")
    search_fields = ("=order_number", "=recipient", "=message_id")
    ordering = ("-id",)
    inlines = (AttemptRows,)
    fieldsets = (
        (None, {"fields": ("kind", "order_number", "recipient_name", "recipient", "state", "reason")}),
        (gettext_lazy("What it says"), {"fields": ("subject", "as_text", "as_html")}),
        (
            gettext_lazy("When"),
            {"fields": ("created_at", "due_at", "sent_at", "unconfirmed_at", "attempts", "told_in")},
        ),
        (
            gettext_lazy("For the record"),
            {"fields": ("event", "locale", "channel", "message_id", "in_reply_to", "reply_to", "lease_until")},
        ),
    )
    change_list_template = "admin/notifications/message/change_list.html"
    buttons = (
        Button(
            "resend",
            gettext_lazy("Send it once more"),
            "notifications.resend_message",
            call=resend,
            form=ResendForm,
            shown=may_be_resent,
            refusals={NothingToResend: gettext_lazy("It is on its way already, or was never written.")},
        ),
        Button(
            "close-address",
            gettext_lazy("Write no more to this address"),
            "notifications.lift_suppression",
            call=close,
            form=ResendForm,
            shown=lambda message: message.channel not in ("inbox", "staff"),
            refusals={AlreadyClosed: gettext_lazy("We do not write to this address as it is.")},
            danger=True,
        ),
    )

    class Media:
        css = {"all": ("css/pages/letters.css",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        """Leave the long texts out of the list."""
        rows: QuerySet[Message] = super().get_queryset(request).select_related("event")
        match = request.resolver_match
        listing = match is not None and match.url_name == "notifications_message_changelist"
        return rows.defer("text", "html") if listing else rows

    def get_urls(self) -> list[URLPattern]:
        """Add the page inside the frame."""
        frame = path(
            "<int:message_id>/letter/", self.admin_site.admin_view(self.letter), name="notifications_message_letter"
        )
        screens = [
            path(f"{address}/", self.admin_site.admin_view(view), name=f"notifications_message_{name}")
            for address, view, name in (
                ("outbox", pages.show_outbox, "outbox"),
                ("preview", pages.show_preview, "preview"),
                ("words", pages.list_words, "words"),
                ("words/<slug:kind>/<slug:locale>", pages.edit_words, "edit_words"),
            )
        ]
        return [frame, *screens, *super().get_urls()]

    def letter(self, request: HttpRequest, message_id: int) -> HttpResponse:
        """Show the HTML of one message, without its secret links.  Raises PermissionDenied, Http404."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        message = Message.objects.filter(pk=message_id).order_by("id").first()
        if message is None:
            raise Http404
        return letter_frame(without_secrets(message.html))

    @admin.display(description=gettext_lazy("reason"))
    def why(self, message: Message) -> str:
        """Write the reason, shortened."""
        return message.reason[:80]

    @admin.display(description=gettext_lazy("plain text"))
    def as_text(self, message: Message) -> str:
        """Show the text that was sent, its secret links blotted out."""
        return format_html('<pre class="letter-text">{}</pre>', without_secrets(message.text))

    @admin.display(description=gettext_lazy("HTML"))
    def as_html(self, message: Message) -> str:
        """Show the HTML that was sent, in a frame that may do nothing."""
        if not message.html:
            return _("This message has no HTML.")
        address = reverse("admin:notifications_message_letter", args=[message.pk])
        return format_html('<iframe class="letter" sandbox src="{}" title="{}"></iframe>', address, message.subject)
