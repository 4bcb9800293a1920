"""Orders put together for somebody on the phone: type, look, send her the link."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.forms.drafting import DraftForm
from orders.gateways.payments import offered
from orders.models import CartLine, OrderDraft, ServiceLevel
from orders.operations.approving import NotAllowed, NotAsked, SamePerson
from orders.operations.basket import NotEnough, NotOnSale, QuantityRefused
from orders.operations.drafting import (
    DraftOver,
    NotApproved,
    NotBelow,
    TooMuchOff,
    approve_draft,
    drop_draft,
    make_draft,
    send_draft,
)
from orders.queries.drafts import offer_of
from shop.admin.base import Button, OperationButtons, Pressed, ReadOnlyAdmin, see_other
from shop.models import User
from shop.operations.stock import SoldOut
from shop.rules import wording
from shop.rules.money import Money


def send(press: Pressed[OrderDraft]) -> str:
    """Mail her the link."""
    send_draft(draft_id=press.row.pk, by=press.by, at=press.at)
    return _("She gets a mail with the link, sees everything there and chooses how to pay.")


def drop(press: Pressed[OrderDraft]) -> str:
    """End a draft."""
    drop_draft(draft_id=press.row.pk, by=press.by, at=press.at)
    return _("Dropped: its pieces are free again, and its link ends.")


def approve(press: Pressed[OrderDraft]) -> str:
    """Agree to the price as the second person."""
    approve_draft(draft_id=press.row.pk, by=press.by, at=press.at)
    return _("Approved. Now the link can be sent to her.")


_OVER = gettext_lazy("It was ordered, dropped or ran out meanwhile. Nothing was changed.")


def _moment(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "D j M, H:i")


def _at_price(line: CartLine) -> str:
    """Say what was agreed for a piece; nothing of a draft older than such prices."""
    if line.agreed_minor is None:
        return ""
    return _(" at %(price)s each") % {"price": wording.money(Money(line.agreed_minor, line.variant.currency), "en")}


def _open(draft: OrderDraft) -> bool:
    return draft.state == OrderDraft.State.OPEN


@admin.register(OrderDraft)
class OrderDraftAdmin(OperationButtons, ReadOnlyAdmin):
    """Drafts.  A new one is typed on a page of its own; what she orders then is an order like any other."""

    list_display = ("who", "how_it_stands", "held_until", "who_made_it")
    list_filter = ("state", "needs_second")
    list_select_related = ("order", "made_by")
    search_fields = ("=email", "full_name", "=order__number")
    ordering = ("-id",)
    fields = (
        *("state", "full_name", "email", "where", "contents", "discount", "below", "total", "days"),
        *("expires_at", "sent_at", "order", "made_by", "made_at", "approved_by", "approved_at"),
    )
    readonly_fields = fields
    buttons = (
        Button(
            "send",
            gettext_lazy("Send her the link"),
            "orders.add_orderdraft",
            call=send,
            shown=lambda draft: _open(draft) and not draft.waits_for_second,
            refusals={
                DraftOver: _OVER,
                NotApproved: gettext_lazy("Its price waits for a second person. Nothing was sent."),
            },
        ),
        Button(
            "approval",
            gettext_lazy("Approve the price as the second person"),
            "orders.approve_refund",
            call=approve,
            proven=True,
            shown=lambda draft: draft.waits_for_second,
            refusals={
                DraftOver: _OVER,
                NotAsked: gettext_lazy("Somebody was faster: its price is approved. Nothing was changed."),
                SamePerson: gettext_lazy("You agreed on this price yourself, so somebody else has to approve it."),
                NotAllowed: gettext_lazy("You may not approve prices any more. Nothing was changed."),
            },
        ),
        Button(
            "drop",
            gettext_lazy("Drop it"),
            "orders.add_orderdraft",
            call=drop,
            shown=_open,
            refusals={DraftOver: _OVER},
            danger=True,
        ),
    )

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Let who serves customers put an order together."""
        return request.user.has_perm("orders.add_orderdraft")

    @admin.display(description=gettext_lazy("for"), ordering="full_name")
    def who(self, draft: OrderDraft) -> str:
        """Show name and address in one column; of one that is over neither is kept."""
        if not draft.full_name:
            return str(draft)
        return format_html('{}<br><span class="breaks">{}</span>', draft.full_name, draft.email)

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def how_it_stands(self, draft: OrderDraft) -> str:
        """Show how it stands, with the order it became."""
        said = draft.get_state_display()
        return format_html("{}<br>{}", said, draft.order.number) if draft.order else said

    @admin.display(description=gettext_lazy("held until"), ordering="expires_at")
    def held_until(self, draft: OrderDraft) -> str:
        """Show until when, and when the link went out, in few letters: the list fits a phone."""
        held = _moment(draft.expires_at)
        if not draft.sent_at:
            return held
        return format_html("{}<br>{}", held, _("link sent %(when)s") % {"when": _moment(draft.sent_at)})

    @admin.display(description=gettext_lazy("put together by"), ordering="made_by")
    def who_made_it(self, draft: OrderDraft) -> str:
        """Show who was on the phone."""
        return format_html('<span class="breaks">{}</span>', draft.made_by or "–")

    @admin.display(description=gettext_lazy("where to"))
    def where(self, draft: OrderDraft) -> str:
        """Show the address on one line."""
        parts = (draft.details.get(name, "") for name in ("street", "extra", "postcode", "city", "region", "country"))
        return ", ".join(filter(None, parts))

    @admin.display(description=gettext_lazy("pieces"))
    def contents(self, draft: OrderDraft) -> SafeString:
        """Show what is in its bag."""
        lines = draft.cart.lines.select_related("variant__product").order_by("id") if draft.cart else []
        rows = (
            (row.quantity, row.variant.product.name, row.variant.label, row.variant.sku, _at_price(row))
            for row in lines
        )
        return format_html_join("", "<p>{} × {}, {} ({}){}</p>", rows)

    @admin.display(description=gettext_lazy("agreed discount"))
    def discount(self, draft: OrderDraft) -> str:
        """Show the discount in per cent."""
        return f"{draft.discount_bp / 100:g} %"

    @admin.display(description=gettext_lazy("below the catalogue"))
    def below(self, draft: OrderDraft) -> str:
        """Show by how much, and whether somebody else has to agree to it."""
        off = wording.money(Money(draft.off_minor, settings.SHOP_CURRENCY), "en")
        if not draft.waits_for_second:
            return off
        return _("%(off)s: more than one person may agree to. A second one has to approve it.") % {"off": off}

    @admin.display(description=gettext_lazy("total"))
    def total(self, draft: OrderDraft) -> str:
        """Show what it comes to now."""
        found = offer_of(draft, provider=offered()[0], at=timezone.now())
        return wording.money(Money(found.totals.total_minor, found.service.currency), "en") if found else "–"

    @admin.display(description=gettext_lazy("would arrive"))
    def days(self, draft: OrderDraft) -> str:
        """Show the days it would arrive."""
        found = offer_of(draft, provider=offered()[0], at=timezone.now())
        return wording.day_range(found.estimate.deliver_from_on, found.estimate.deliver_by_on, "en") if found else "–"

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Ask for everything on one page, or put it together.  Raises PermissionDenied."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        services = list(ServiceLevel.objects.filter(active=True).order_by("country", "position", "id"))
        data = request.POST if request.method == "POST" else None
        form = DraftForm(data, services=services, languages=settings.LANGUAGES)
        if form.is_valid():
            draft = self._make(request, form)
            if draft is not None:
                said = _("Put together and held. Look at it, then send her the link.")
                if draft.waits_for_second:
                    said = _(
                        "Put together and held. Its price is for a second person to approve before she gets the link."
                    )
                messages.success(request, said)
                return see_other(reverse("admin:orders_orderdraft_change", args=[draft.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Put an order together"),
            "opts": self.opts,
            "form": form,
            "plain": [form[n] for n in ("email", "full_name", "service", *form.format.parts, "phone", "courier_note")],
            "last": [form["discount"], form["locale"]],
        }
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/orders/orderdraft/add.html", context, status=status)

    def _make(self, request: HttpRequest, form: DraftForm) -> OrderDraft | None:
        """Call the operation; say in the form what cannot be had."""
        assert isinstance(request.user, User)  # noqa: S101 -- the admin let nobody else through
        try:
            return make_draft(
                wanted=form.wanted,
                details=form.details(),
                discount_bp=form.discount_bp,
                locale=form.cleaned_data["locale"],
                by=request.user,
                at=timezone.now(),
                prices=form.prices,
            )
        except NotEnough as short:
            told = {"sku": short.variant.sku, "left": short.left}
            form.add_error(None, _("Of %(sku)s only %(left)d can be had now.") % told)
        except (NotOnSale, QuantityRefused, SoldOut, TooMuchOff, NotBelow):
            form.add_error(None, _("Something of it cannot be had now. Look at stock and numbers again."))
        return None
