"""The tracking page behind a secret link, and the way to a new link."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from orders.forms import FindOrderForm
from orders.messages import story
from orders.models import ArrivalQuestion, Order, Parcel
from orders.operations.arrivals import link_of
from orders.operations.links import request_link
from orders.queries.crises import crises_of_order
from orders.queries.delays import choices_of
from orders.queries.reviewing import to_review
from orders.queries.tracking import Journey, journey_of
from orders.rules.cancelling import may_be_cancelled
from orders.rules.changing import may_be_changed
from orders.views.missing import missing_of
from orders.views.secret_page import behind_secret_link
from shop.operations.limits import TooOften, spend
from shop.visitors import visitor

ASKS_PER_ADDRESS = 10
ASKS_PER_ORDER = 3
WINDOW = timedelta(hours=1)


@require_safe
@behind_secret_link
def track(request: HttpRequest, token: str, order: Order) -> HttpResponse:
    """Show one order to whoever holds its link; every other token meets the same friendly 404."""
    journey = journey_of(order.pk)
    today_on = timezone.now().astimezone(journey.zone).date()
    choices = choices_of(journey.order, journey.parcels, hand_over_by_at=journey.last.hand_over_by_at)
    context = {
        "token": token,
        "order": journey.order,
        "choices": choices,
        **story.choice_words(journey, choices),
        "answer": story.answer(journey, today_on=today_on),
        "stages": story.stages(journey, today_on=today_on),
        "parcels": story.parcel_cards(journey),
        "why": story.why(journey),
        "already": journey.last.reason,
        "crises": [] if _nothing_comes(journey) else crises_of_order(order.pk),
        "may_cancel": may_be_cancelled(journey.order.status, [parcel.status for parcel in journey.parcels]),
        "may_change": may_be_changed(
            journey.order.status,
            [parcel.status for parcel in journey.parcels],
            provider=journey.order.payment.provider,
        ),
        "may_return": _may_return(journey),
        "to_review": to_review(order),
        **_arrival(journey),
        **missing_of(journey.order, at=timezone.now()),
    }
    return render(request, "orders/track.html", context)


def _nothing_comes(journey: Journey) -> bool:
    """Say whether nobody waits for anything any more, an exchange of what arrived included."""
    exchange = any(parcel.due_at and parcel.status in Parcel.COMING for parcel in journey.parcels)
    arrived = journey.order.delivered_at is not None and not exchange
    return arrived or journey.order.status == Order.Status.CANCELLED


def _arrival(journey: Journey) -> dict[str, Any]:
    """Return the question whether all is well and the link that answers it, once everything has arrived."""
    question = ArrivalQuestion.objects.filter(order=journey.order).first() if journey.order.delivered_at else None
    return {"question": question, "answer_link": link_of(question) if question else ""}


def _may_return(journey: Journey) -> bool:
    inside = [row.line for parcel in journey.parcels for row in parcel.lines.all()]
    return any(line.qty_delivered > line.qty_returned for line in inside)


@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Mail a fresh link to the address of an order; the answer is the same whether there is such an order or not."""
    form = FindOrderForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "orders/find.html", {"form": form}, status=422 if form.errors else 200)
    now = timezone.now()
    number, email = form.cleaned_data["number"], form.cleaned_data["email"]
    try:
        spend(purpose="find-address", who=visitor(request), budget=ASKS_PER_ADDRESS, window=WINDOW, at=now)
        # Per pair: somebody who knows a number alone cannot use up its owner's tries.
        pair = f"{number.strip().upper()} {email.strip().lower()}"
        spend(purpose="find-order", who=pair, budget=ASKS_PER_ORDER, window=WINDOW, at=now)
    except TooOften:
        form.add_error(None, _("That was asked for several times just now. Look into your mail, or try in an hour."))
        return render(request, "orders/find.html", {"form": form}, status=429)
    request_link(number=number, email=email, at=now)
    return render(request, "orders/find.html", {"form": FindOrderForm(), "asked": True})
