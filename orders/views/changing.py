"""Other sizes and numbers, another address or hours, on the page of the order: choose, look at what it means, confirm.

Source: commerce reference b-17, d.3; ux reference 2.7 (actions as long as they are possible).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from orders.forms.changing import ConfirmForm, PiecesForm
from orders.forms.delivery import DeliveryForm
from orders.messages import changes as said
from orders.messages.redelivery import preview_of
from orders.messages.refusals import why_refused
from orders.models import Order, OrderChange, Payment
from orders.operations.changing import ChangeDeclined, ChangeOver, confirm_change, leave_as_it_was, stage_change
from orders.operations.finishing import NoAnswer
from orders.operations.preparing import ChangedSinceShown
from orders.operations.readdressing import stage_delivery
from orders.queries.changing import ChangePlan, forms_of, open_change, open_lines
from orders.queries.redelivery import DeliveryPlan, has_left, hours_of, planned
from orders.queries.refusals import last_refusal
from orders.rules.changing import NotChangeable
from orders.views.proof import by_owner
from orders.views.secret_page import behind_secret_link
from shop.operations.stock import SoldOut

Plan = ChangePlan | DeliveryPlan


def asked_by_us(request: HttpRequest, order: Order) -> bool:
    """Tell whether it is about what staff offer or what is being paid: our own mail asks her for that."""
    if request.POST.get("action") == "choose":
        return False
    change = open_change(order.pk)
    if change is None:
        return request.method != "POST" and "paid" in request.GET
    return change.offered_at is not None or change.state == OrderChange.State.PAYING


@require_http_methods(["GET", "HEAD", "POST"])
@behind_secret_link
@by_owner(unless=asked_by_us)
def pieces(request: HttpRequest, token: str, order: Order) -> HttpResponse:
    """Ask which sizes and how many; or show the change that waits for her word, and take it."""
    return _serve(request, token, order, choose=_choose_pieces, about_delivery=False)


@require_http_methods(["GET", "HEAD", "POST"])
@behind_secret_link
@by_owner(unless=asked_by_us)
def delivery(request: HttpRequest, token: str, order: Order) -> HttpResponse:
    """Ask where and when it shall come, as long as nothing has left; or show the change that waits for her word."""
    return _serve(request, token, order, choose=_choose_delivery, about_delivery=True)


def _serve(
    request: HttpRequest, token: str, order: Order, *, choose: Callable[..., HttpResponse], about_delivery: bool
) -> HttpResponse:
    """Do what was asked of the change that is open, on the page of its own kind; without one ask what she wants."""
    change = open_change(order.pk)
    action = request.POST.get("action") if request.method == "POST" else None
    if change is not None and change.is_delivery != about_delivery:
        if change.state == OrderChange.State.PAYING:
            return redirect(_page(change), token=token)
        change = None  # one of the other kind is staged: what she chooses here takes its place
    if change is None and (action in {"confirm", "leave", "pay"} or "paid" in request.GET):
        if action:
            messages.info(request, _("That was settled before; the page shows how it stands now."))
        return redirect("orders:track", token=token)
    if change is None or action == "choose":
        return choose(request, token, order)
    if action == "leave":
        return _leave(request, token, change)
    if change.state == OrderChange.State.PAYING:
        return _pay(request, token, change)
    return _confirm(request, token, order, change)


def _page(change: OrderChange) -> str:
    return "orders:delivery" if change.is_delivery else "orders:pieces"


def _choose_pieces(request: HttpRequest, token: str, order: Order) -> HttpResponse:
    context: dict[str, Any] = {"order": order, "token": token}
    try:
        lines = open_lines(order, order.payment)
    except NotChangeable as no:
        return render(request, "orders/pieces.html", context | {"why": said.WHY[no.why]})
    forms = forms_of(lines)
    form = PiecesForm(request.POST or None, order=order, lines=lines, forms_by_product=forms)
    if request.method == "POST" and form.is_valid():
        try:
            stage_change(order_id=order.pk, wishes=form.wishes(), by=None, at=timezone.now())
        except NotChangeable as no:
            form.add_error(None, str(said.WHY[no.why]))
        except SoldOut as gone:
            form.add_error(None, said.sold_out(gone, forms, {line.variant.product_id: line.title for line in lines}))
        else:
            return redirect("orders:pieces", token=token)
    return render(request, "orders/pieces.html", context | {"form": form}, status=422 if form.errors else 200)


def _choose_delivery(request: HttpRequest, token: str, order: Order) -> HttpResponse:
    if has_left(order):
        return render(request, "orders/delivery.html", {"order": order, "token": token, "gone": True})
    form = DeliveryForm(request.POST or None, order=order, hours=hours_of(order, order.payment))
    if request.method == "POST" and form.is_valid():
        try:
            stage_delivery(order_id=order.pk, delivery=form.as_delivery(), by=None, at=timezone.now())
        except NotChangeable as no:
            form.refuse(no.why, str(said.WHY[no.why]))
        else:
            return redirect("orders:delivery", token=token)
    context = {"order": order, "token": token, "form": form}
    return render(request, "orders/delivery.html", context, status=422 if form.errors else 200)


def _confirm(request: HttpRequest, token: str, order: Order, change: OrderChange) -> HttpResponse:
    """Show a staged change, or take the word that it is wanted."""
    try:
        plan = planned(order, change, at=timezone.now())
    except NotChangeable as no:
        context = {"order": order, "token": token, "change": change, "why": said.WHY[no.why]}
        return render(request, "orders/change.html", context, status=409)
    if request.method != "POST":
        return _show(request, token, plan, change)
    form = ConfirmForm(request.POST, card=pays_by_test_card(plan))
    if not form.is_valid():
        return _show(request, token, plan, change, form=form, status=422)
    return _take(request, token, plan, change, form)


def _take(request: HttpRequest, token: str, plan: Plan, change: OrderChange, form: ConfirmForm) -> HttpResponse:
    data, order = form.cleaned_data, plan.order
    who: dict[str, Any] = {"change_id": data["change"], "order_id": order.pk, "by": None, "at": timezone.now()}
    try:
        done = confirm_change(shown=form.shown(), payment_token=data["card_number"], **who)
    except ChangedSinceShown as differs:
        news = said.differs(differs.change, order.currency)
        return _show(request, token, plan, change, news=news, status=409)
    except ChangeDeclined:
        news = [_("Your card was declined: nothing was charged, and the order is as it was. Try another card.")]
        return _show(request, token, plan, change, news=news, status=402)
    except NotChangeable as no:
        messages.error(request, str(said.WHY[no.why]))
    except SoldOut:
        messages.error(request, _("Somebody was faster, and it is sold out. Your order is as it was; choose again."))
        return redirect(_page(change), token=token)
    except (ChangeOver, OrderChange.DoesNotExist):
        messages.info(request, _("That was settled before; the page shows how it stands now."))
    else:
        return _after(request, token, done)
    return redirect("orders:track", token=token)


def _after(request: HttpRequest, token: str, change: OrderChange) -> HttpResponse:
    if change.state == OrderChange.State.PAYING:
        return redirect(change.session_url) if change.session_url else redirect(_page(change), token=token)
    messages.success(request, _("It is changed. Below you see your order as it is now, and a mail says the same."))
    return redirect("orders:track", token=token)


def _pay(request: HttpRequest, token: str, change: OrderChange) -> HttpResponse:
    """Lead on to the payment page of a change, or say that its money is waited for."""
    if request.POST.get("action") == "pay" and change.session_url:
        return redirect(change.session_url)
    context = {
        "order": change.order,
        "token": token,
        "change": change,
        "paying": True,
        "returned": "paid" in request.GET,
        "refusal": why_refused(last_refusal(change.order.payment, of=change.charge_key)),
    }
    return render(request, "orders/change.html", context)


def _leave(request: HttpRequest, token: str, change: OrderChange) -> HttpResponse:
    try:
        left = leave_as_it_was(change_id=change.pk, order_id=change.order_id, at=timezone.now())
    except NoAnswer:
        messages.error(
            request,
            _("The payment page does not answer, so we left everything as it is. Please try again in a minute."),
        )
        return redirect(_page(change), token=token)
    if left.state == OrderChange.State.APPLIED:
        messages.info(request, _("Your payment came in a moment before, so the change is made."))
    else:
        messages.success(request, _("Your order stays as it was."))
    return redirect("orders:track", token=token)


def _show(
    request: HttpRequest,
    token: str,
    plan: Plan,
    change: OrderChange,
    *,
    form: ConfirmForm | None = None,
    news: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    shown = plan.as_shown()
    card = pays_by_test_card(plan)
    context = {
        "order": plan.order,
        "token": token,
        "change": change,
        "preview": preview_of(plan),
        "pay_minor": plan.settling.pay_minor,
        "card": card,
        "news": news,
        "form": form or ConfirmForm(card=card, shows=(change.pk, shown.total_minor, shown.deliver_by_on)),
    }
    return render(request, "orders/change.html", context, status=status)


def pays_by_test_card(plan: Plan) -> bool:
    """Tell whether a pretend card is asked for: a real one is typed on the provider's page alone."""
    return bool(plan.settling.pay_minor) and plan.payment.provider == Payment.Provider.TEST_CARD
