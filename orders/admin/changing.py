"""Sizes, pieces, address or hours changed for a shopper on the phone: choose, look, make it or send her the link."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from orders.forms.changing import ConfirmForm, PiecesForm
from orders.forms.delivery import DeliveryForm
from orders.messages import changes as said
from orders.messages.redelivery import preview_of
from orders.models import Order, OrderChange
from orders.operations.changing import ChangeOver, confirm_change, leave_as_it_was, offer_change, stage_change
from orders.operations.finishing import NoAnswer
from orders.operations.preparing import ChangedSinceShown
from orders.operations.readdressing import stage_delivery
from orders.queries.changing import forms_of, open_change, open_lines
from orders.queries.redelivery import has_left, hours_of, planned
from orders.rules.changing import NotChangeable, Why
from orders.rules.payment import BY_HAND
from shop.admin.base import see_other
from shop.models import User
from shop.operations.stock import SoldOut

if TYPE_CHECKING:
    from orders.admin.desk import OrderAdmin


def pieces_page(admin: OrderAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    """Ask which sizes and how many, show what that means, or do it.  Raises PermissionDenied, Http404."""
    title = _("Change sizes or pieces of %(number)s")
    return _serve(admin, request, object_id, title=title, choose=_choose_pieces, about_delivery=False)


def delivery_page(admin: OrderAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    """Ask where and when it shall come, show what that means, or do it.  Raises PermissionDenied, Http404."""
    title = _("Change address or hours of %(number)s")
    return _serve(admin, request, object_id, title=title, choose=_choose_delivery, about_delivery=True)


def _serve(
    admin: OrderAdmin,
    request: HttpRequest,
    object_id: str,
    *,
    title: str,
    choose: Callable[..., HttpResponse],
    about_delivery: bool,
) -> HttpResponse:
    if not request.user.has_perm("orders.change_pieces") or not admin.has_view_permission(request):
        raise PermissionDenied
    order = Order.objects.select_related("payment", "service").filter(pk=_number(unquote(object_id))).first()
    if order is None:
        raise Http404
    context = {
        **admin.admin_site.each_context(request),
        "title": title % {"number": order.number},
        "opts": Order._meta,
        "original": order.number,
        "back": reverse(f"{admin.admin_site.name}:orders_order_change", args=[order.pk]),
    }
    change = open_change(order.pk)
    if change is not None and change.is_delivery != about_delivery and change.state == OrderChange.State.STAGED:
        change = None  # what is chosen here takes the place of one of the other kind
    if change is None:
        return choose(request, order, context)
    act = _decide if request.method == "POST" else _show
    return act(request, order, change, context)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def _page(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return TemplateResponse(request, "admin/orders/order/pieces.html", context, status=status)


def _choose_pieces(request: HttpRequest, order: Order, context: dict[str, Any]) -> HttpResponse:
    try:
        lines = open_lines(order, order.payment)
    except NotChangeable as no:
        return _page(request, context | {"why": said.WHY[no.why]})
    forms = forms_of(lines)
    data = request.POST if request.method == "POST" else None
    form = PiecesForm(data, order=order, lines=lines, forms_by_product=forms)
    if form.is_valid():
        try:
            stage_change(order_id=order.pk, wishes=form.wishes(), by=_who(request), at=timezone.now())
        except NotChangeable as no:
            form.add_error(None, str(said.WHY[no.why]))
        except SoldOut as gone:
            form.add_error(None, said.sold_out(gone, forms, {line.variant.product_id: line.title for line in lines}))
        else:
            return see_other(request.path)
    return _page(request, context | {"form": form}, 422 if form.errors else 200)


def _choose_delivery(request: HttpRequest, order: Order, context: dict[str, Any]) -> HttpResponse:
    if has_left(order):
        return _page(request, context | {"why": said.WHY[Why.LEFT]})
    data = request.POST if request.method == "POST" else None
    form = DeliveryForm(data, order=order, hours=hours_of(order, order.payment))
    if form.is_valid():
        try:
            stage_delivery(order_id=order.pk, delivery=form.as_delivery(), by=_who(request), at=timezone.now())
        except NotChangeable as no:
            form.refuse(no.why, str(said.WHY[no.why]))
        else:
            return see_other(request.path)
    return _page(request, context | {"place": form}, 422 if form.errors else 200)


def _show(
    request: HttpRequest, order: Order, change: OrderChange, context: dict[str, Any], news: list[str] | None = None
) -> HttpResponse:
    """Show what a staged change means; what a card has to pay is sent to the shopper, everything else made here."""
    context = context | {"change": change, "news": news}
    if change.state == OrderChange.State.PAYING:
        return _page(request, context | {"paying": True})
    try:
        plan = planned(order, change, at=timezone.now())
    except NotChangeable as no:
        return _page(request, context | {"why": said.WHY[no.why]})
    shown = plan.as_shown()
    context |= {
        "preview": preview_of(plan),
        "by_link": bool(plan.settling.pay_minor) and plan.payment.provider not in BY_HAND,
        "confirm": ConfirmForm(card=False, shows=(change.pk, shown.total_minor, shown.deliver_by_on)),
    }
    return _page(request, context, 409 if news else 200)


def _decide(request: HttpRequest, order: Order, change: OrderChange, context: dict[str, Any]) -> HttpResponse:
    """Make the change, send her the link, or leave it, and tell how it went."""
    try:
        messages.success(request, _act(request, order, change))
    except ChangedSinceShown as differs:
        return _show(request, order, change, context, said.differs(differs.change, order.currency))
    except NotChangeable as no:
        messages.error(request, str(said.WHY[no.why]))
    except SoldOut:
        messages.error(request, _("Somebody was faster, and it is sold out. The order is as it was."))
    except NoAnswer:
        messages.error(request, _("The payment page does not answer, so everything is as it was. Try again later."))
    except (ChangeOver, OrderChange.DoesNotExist):
        messages.info(request, _("That was settled before. Nothing was changed."))
    return see_other(context["back"])


def _act(request: HttpRequest, order: Order, change: OrderChange) -> str:
    action, at = request.POST.get("action"), timezone.now()
    if action == "leave":
        leave_as_it_was(change_id=change.pk, order_id=order.pk, at=at)
        return _("The order stays as it was.")
    if action == "offer":
        offer_change(change_id=change.pk, order_id=order.pk, by=_who(request), at=at)
        return _("She gets a mail with the link to look at it and to pay. The pieces are held for a day.")
    form = ConfirmForm(request.POST, card=False)
    if not form.is_valid():
        raise ChangeOver(change)
    change_id = form.cleaned_data["change"]
    confirm_change(change_id=change_id, order_id=order.pk, shown=form.shown(), by=_who(request), at=at)
    if change.is_delivery:
        return _("The order is changed, and the shopper gets a mail that says where and when it comes now.")
    return _("The order is changed, and the shopper gets a mail with what it was and what it is now.")


def _who(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 -- admin_view let nobody else through
    return request.user
