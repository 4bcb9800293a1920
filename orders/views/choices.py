"""What the shopper can still choose on the page of her order about a delay.

Source: ux reference 2.7 (actions as long as they are possible, each with its deadline); commerce reference c-6.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from orders.models import Order, OrderLine, Parcel
from orders.operations.cancelling import TooLate
from orders.operations.deciding import (
    NothingReady,
    NothingToDecide,
    NotInstead,
    cancel_for_delay,
    keep_waiting,
    send_what_is_ready,
    take_instead,
)
from orders.queries.delays import open_delay, swaps_of
from orders.views.secret_page import behind_secret_link


@require_POST
@behind_secret_link
def choose(request: HttpRequest, token: str, order: Order) -> HttpResponse:
    """Take what she chose about the delay."""
    act = _ACTS.get(request.POST.get("choice", ""))
    if act is None:
        messages.error(request, _("Choose one of the ways below, please. Nothing was changed."))
        return redirect("orders:track", token=token)
    try:
        messages.success(request, act(order, timezone.now()))
    except NothingToDecide:
        messages.info(request, _("That was settled before; the page shows how it stands now."))
    except NothingReady:
        messages.info(request, _("It all waits for the same thing, so nothing can go ahead. The rest stays as it was."))
    except TooLate:
        messages.error(
            request, _("We have begun to pack, so it cannot be cancelled any more. You can send everything back.")
        )
    return redirect("orders:track", token=token)


def _keep(order: Order, at: datetime) -> str:
    keep_waiting(order_id=order.pk, by=None, at=at)
    return _("Thank you. We keep it for you, and write before anything changes again.")


def _split(order: Order, at: datetime) -> str:
    send_what_is_ready(order_id=order.pk, by=None, at=at)
    return _("What is ready goes out now; the rest follows in a parcel of its own. You pay for neither.")


def _cancel(order: Order, at: datetime) -> str:
    cancel_for_delay(order_id=order.pk, by=None, at=at)
    return _("Your order is cancelled, and what you paid goes back the way it came.")


_ACTS: dict[str, Callable[[Order, datetime], str]] = {"keep": _keep, "split": _split, "cancel": _cancel}


@require_http_methods(["GET", "HEAD", "POST"])
@behind_secret_link
def instead(request: HttpRequest, token: str, order: Order) -> HttpResponse:
    """Offer what could be sent instead of what waits, and take the choice."""
    if request.method == "POST":
        return _take(request, token, order)
    waiting = Parcel.objects.filter(order=order, status=Parcel.Status.PLANNED, due_at=None)
    swaps = swaps_of(list(waiting.order_by("number", "id"))) if open_delay(order.pk) else ()
    return render(request, "orders/instead.html", {"order": order, "token": token, "swaps": swaps})


def _take(request: HttpRequest, token: str, order: Order) -> HttpResponse:
    line, _dash, variant = request.POST.get("instead", "").partition("-")
    try:
        if not (line.isascii() and line.isdecimal() and variant.isascii() and variant.isdecimal()):
            raise NotInstead
        ids = {"line_id": int(line[:18]), "variant_id": int(variant[:18])}
        taken = take_instead(order_id=order.pk, by=None, at=timezone.now(), **ids)
    except (NotInstead, OrderLine.DoesNotExist):
        messages.error(request, _("That is not possible any more. Choose another one, or leave it as it is."))
        return redirect("orders:instead", token=token)
    except NothingToDecide:
        messages.info(request, _("That was settled before; the page shows how it stands now."))
        return redirect("orders:track", token=token)
    messages.success(
        request,
        _("You get %(title)s, %(options)s instead, and it is packed next.")
        % {"title": taken.title, "options": taken.options_label},
    )
    return redirect("orders:track", token=token)
