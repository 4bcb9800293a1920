"""The queue and the conversation screen, on Django's own admin mechanics.

Nothing is edited as a form of columns: every button is a POST that calls one operation (support.admin.verbs).
Source: support reference 6.3, 6.4; ux reference 2.13, 2.14.
"""

from __future__ import annotations

import uuid
from typing import Any, cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.templatetags.static import static
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shop.admin.base import ReadOnlyAdmin
from shop.models import User
from support.admin.listing import VIEW_LABELS, DeskFilter, chosen_view
from support.admin.verbs import SHOWN, Verbs, number_in
from support.models import Conversation, Message
from support.queries import desk
from support.queries.due_words import due_of

_DUE = '<span class="desk-due {}"><svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg> {}</span>'


@admin.register(Conversation)
class ConversationAdmin(Verbs, ReadOnlyAdmin):
    """The desk."""

    list_display = ("due_words", "about", "customer_words", "order_number", "holder")
    list_display_links = None
    list_filter = (DeskFilter,)
    list_select_related = ("order", "assignee")
    list_max_show_all = 0
    ordering = ("next_due_at", "id")
    search_fields = ("number",)
    search_help_text = gettext_lazy("Reference, order number or e-mail address")
    show_facets = admin.ShowFacets.NEVER
    change_list_template = "admin/support/conversation/change_list.html"

    class Media:
        css = {"all": ["css/admin/desk.css"]}

    # -- The queue ------------------------------------------------------------------------------------------------
    @admin.display(description=gettext_lazy("Due"), ordering="next_due_at")
    def due_words(self, conversation: Conversation) -> SafeString:
        """Say when it is due in words, with an icon and a colour."""
        due = due_of(conversation, timezone.now())
        picture = static("icons/sprite.svg")
        return format_html(_DUE, due.kind, picture, due.icon, due.words)

    @admin.display(description=gettext_lazy("What it is about"))
    def about(self, conversation: Conversation) -> SafeString:
        """Show subject, reference and the last words."""
        words = " ".join((getattr(conversation, "last_words", "") or "").split())
        return format_html(
            '<a href="{}"><strong>{}</strong></a> <small>{}, {}</small><br><span class="desk-words">{}</span>',
            reverse("admin:support_conversation_change", args=[conversation.pk]),
            conversation.subject,
            conversation.number,
            conversation.get_kind_display(),
            "" if words == conversation.subject else words,
        )

    @admin.display(description=gettext_lazy("Customer"), ordering="email")
    def customer_words(self, conversation: Conversation) -> str:
        """Show whom it concerns."""
        return conversation.customer_name or conversation.email or _("nobody we know")

    @admin.display(description=gettext_lazy("Order"))
    def order_number(self, conversation: Conversation) -> str:
        """Show the order's number."""
        return conversation.order.number if conversation.order else ""

    @admin.display(description=gettext_lazy("Looked after by"))
    def holder(self, conversation: Conversation) -> str:
        """Show who has it."""
        return conversation.assignee.get_short_name() if conversation.assignee else _("nobody yet")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        """Read the last words in the same query."""
        return desk.with_last_words(super().get_queryset(request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Conversation], search_term: str
    ) -> tuple[QuerySet[Conversation], bool]:
        """Find by reference, order number or address, each exactly and by an index."""
        term = search_term.strip()
        if not term:
            return queryset, False
        wanted = Q(number=term.upper()) | Q(email=term.lower()) | Q(order__number=term.upper())
        return queryset.filter(wanted), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the queue with its views and their capped counts."""
        numbers = desk.counts(user=cast(User, request.user), at=timezone.now())
        current = None if request.GET.get("q") else chosen_view(request.GET.get("desk"))
        views = [
            {
                "label": label,
                "href": "?" if view is desk.View.TODO else f"?desk={view}",
                "count": _capped(numbers.get(view)),
                "current": view is current,
            }
            for view, label in VIEW_LABELS.items()
        ]
        return super().changelist_view(
            request, {"desk_views": views, "title": _("Conversations")} | (extra_context or {})
        )

    # -- One conversation -----------------------------------------------------------------------------------------
    def get_urls(self) -> list[URLPattern]:
        """Add one address for each verb."""
        own = [
            path(f"<path:object_id>/{name}/", self.admin_site.admin_view(view), name=f"support_conversation_{name}")
            for name, view in self.verbs().items()
        ]
        return own + super().get_urls()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the conversation; its address stays the one every other screen links to."""
        if not self.has_view_permission(request) or request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        rows = Conversation.objects.select_related(*SHOWN)
        conversation = get_object_or_404(rows, pk=number_in(object_id))
        return self.screen(request, conversation)

    def screen(
        self, request: HttpRequest, conversation: Conversation, *, status: int = 200, **drafts: str
    ) -> HttpResponse:
        """Render the conversation screen; `drafts` (reply, note, reason, problem) is what was typed and kept."""
        around = desk.surroundings(conversation)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "title": conversation.subject,
            "conversation": conversation,
            "around": around,
            "piece": _piece(conversation, around, drafts),
            "due": due_of(conversation, timezone.now()),
            "next": desk.next_on_desk(user=cast(User, request.user), besides_id=conversation.pk),
            "token": drafts.pop("token", "") or uuid.uuid4(),
            "drafts": drafts,
            "may": self.may(request),
            "foreign_address": _is_foreign(conversation),
            "list_url": reverse("admin:support_conversation_changelist"),
        }
        return render(request, "admin/support/conversation/screen.html", context, status=status)


def _piece(conversation: Conversation, around: desk.Surroundings, drafts: dict[str, str]) -> dict[str, Any] | None:
    """Return the piece that was asked about and the words for its page: typed, published, or those of the thread."""
    question = conversation.question
    if question is None:
        return None
    answers = [message.text for message in around.thread if message.kind == Message.Kind.OUT and not message.automated]
    words = {
        "question": drafts.get("question", question.shown_question or question.text),
        "answer": drafts.get("answer", question.shown_answer or (answers[-1] if answers else "")),
    }
    return {"row": question, "product": question.product, "preview": bool(drafts.get("preview")), **words}


def _is_foreign(conversation: Conversation) -> bool:
    """Tell whether somebody else than the buyer writes about an order."""
    return conversation.order is not None and conversation.order.email.lower() != conversation.email


def _capped(count: int | None) -> str:
    if count is None:
        return ""
    return f"{desk.CAP - 1}+" if count >= desk.CAP else str(count)
