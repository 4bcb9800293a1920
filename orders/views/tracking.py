"""The tracking page behind a secret link, and the way to a new link."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from orders.forms import FindOrderForm
from orders.messages import story
from orders.models import Order
from orders.operations.access import LinkUnknown, order_of_link
from orders.operations.links import request_link
from orders.queries.tracking import Journey, journey_of
from shop.operations.limits import TooOften, spend

View = Callable[..., HttpResponse]

ASKS_PER_ADDRESS = 10
ASKS_PER_ORDER = 3
WINDOW = timedelta(hours=1)


def private_page(view: View) -> View:
    """Keep a page out of caches, search engines and the Referer header: its address is a secret."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except Http404:
            response = render(request, "404.html", status=404)
        response.headers["Cache-Control"] = "private, no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return inner


@private_page
@require_GET
def track(request: HttpRequest, token: str) -> HttpResponse:
    """Show one order to whoever holds its link; every other token meets the same friendly 404."""
    now = timezone.now()
    try:
        order = order_of_link(token=token, at=now)
    except LinkUnknown:
        raise Http404 from None
    journey = journey_of(order.pk)
    if not journey.promises:
        raise Http404
    today_on = now.astimezone(journey.zone).date()
    return render(
        request,
        "orders/track.html",
        {
            "token": token,
            "order": journey.order,
            "answer": story.answer(journey, today_on=today_on),
            "stages": story.stages(journey),
            "parcels": story.parcel_cards(journey),
            "why": story.why(journey),
            "may_cancel": _may_cancel(journey),
            "may_return": any(
                row.line.qty_delivered > row.line.qty_returned
                for parcel in journey.parcels
                for row in parcel.lines.all()
            ),
        },
    )


def _may_cancel(journey: Journey) -> bool:
    order = journey.order
    return order.status == Order.Status.PLACED and order.fulfilment_status == Order.Fulfilment.OPEN


@private_page
@require_http_methods(["GET", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Mail a fresh link to the address of an order; the answer is the same whether there is such an order or not."""
    form = FindOrderForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "orders/find.html", {"form": form}, status=422 if form.errors else 200)
    now = timezone.now()
    number, email = form.cleaned_data["number"], form.cleaned_data["email"]
    try:
        spend(purpose="find-address", who=_address(request), budget=ASKS_PER_ADDRESS, window=WINDOW, at=now)
        spend(purpose="find-order", who=number, budget=ASKS_PER_ORDER, window=WINDOW, at=now)
    except TooOften:
        form.add_error(None, _("That was asked for several times just now. Look into your mail, or try in an hour."))
        return render(request, "orders/find.html", {"form": form}, status=429)
    request_link(number=number, email=email, at=now)
    return render(request, "orders/find.html", {"form": FindOrderForm(), "asked": True})


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))
