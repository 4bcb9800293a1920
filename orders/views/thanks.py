"""After the order: thanks with the day it arrives, a calendar file, and the way to cancel."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from orders.messages import words
from orders.messages.refusals import why_refused
from orders.models import Document, DocumentFile, Order, Parcel, Promise
from orders.models.promotion import OFF_GOODS
from orders.operations.cancelling import TooLate, cancel_order
from orders.operations.finishing import NoAnswer, give_up
from orders.queries.address_formats import address_lines
from orders.queries.refusals import last_refusal
from orders.rules.cancelling import may_be_cancelled
from orders.rules.icalendar import arrival_file
from orders.rules.payment_page import Refusal
from orders.views.proof import by_owner
from orders.views.secret_page import behind_secret_link
from shop.rules import wording
from shop.views.pdf import pdf_answer


@require_safe
@behind_secret_link
def thanks(request: HttpRequest, token: str, order: Order) -> HttpResponse:
    """Say thank you, when it arrives, what happens next, and how to pay if that is still to be done."""
    promise = _current_promise(order)
    context = {
        "order": order,
        "token": token,
        "first_name": order.full_name.split(" ")[0],
        "promise": promise,
        "steps": _steps(order, promise),
        "lines": order.lines.order_by("id"),
        "address": address_lines(order),
        "counter": settings.PICKUP_ADDRESS,
        "open_hours": _(settings.PICKUP_HOURS),
        "hours": words.comes(order.window),
        "full_minor": sum(line.gross_minor for line in order.lines.all()),
        "redemptions": order.redemptions.filter(released_at=None, promotion__kind__in=OFF_GOODS).order_by("id"),
        "may_cancel": _may_cancel(order),
        "track_url": _track_url(token),
        "bank": _bank(order),
        "documents": Document.objects.filter(order=order).select_related("file").order_by("id"),
        "pay_until": _pay_until(order),
        "refusal": why_refused(_refusal(order)),
        "page_closed": order.status == Order.Status.DECLINED and order.payment.session_ref != "",
        "returned": request.GET.get("paid") == "1",
    }
    return render(request, "orders/thanks.html", context)


@require_safe
@behind_secret_link
def arrival(request: HttpRequest, token: str, order: Order) -> HttpResponse:
    """Hand out the promised days as a calendar file; its title says between when and when, where that was chosen."""
    promise, shop = _current_promise(order), {"shop": settings.SHOP_NAME}
    text = arrival_file(
        uid=f"{order.number}@{settings.REPLY_DOMAIN}",
        summary=" ".join(filter(None, [_("Parcel from %(shop)s arrives") % shop, words.hours(order.window)])),
        text=_("Order %(number)s. Questions: %(email)s") % {"number": order.number, "email": settings.CARE_EMAIL},
        first_on=promise.deliver_from_on,
        last_on=promise.deliver_by_on,
        made_at=promise.made_at,
    )
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{order.number}.ics"'
    return response


@require_POST
@behind_secret_link
@by_owner()
def cancellation(request: HttpRequest, token: str, order: Order) -> HttpResponse:
    """Cancel the order, while packing has not started."""
    try:
        cancel_order(order_id=order.pk, by=None, at=timezone.now())
    except TooLate:
        messages.error(
            request,
            _("We have started packing, so the order cannot be cancelled any more. You can send everything back.")
            if order.status == Order.Status.PLACED
            else _("This order cannot be cancelled. Write to us, and a person looks at it."),
        )
    return redirect("orders:thanks", token=token)


@require_POST
@behind_secret_link
def payment(request: HttpRequest, token: str, order: Order) -> HttpResponse:
    """Lead on to the payment page of an order that waits for its money, or close that page and open the bag again."""
    url = order.payment.session_url
    if order.status != Order.Status.PLACING or not url:
        return redirect("orders:thanks", token=token)
    if request.POST.get("action") != "change":
        return redirect(url)
    try:
        order = give_up(order_id=order.pk, at=timezone.now())
    except NoAnswer:
        messages.error(
            request,
            _("The payment page does not answer, so we left everything as it is. Please try again in a minute."),
        )
        return redirect("orders:thanks", token=token)
    return redirect("orders:checkout") if order.status == Order.Status.DECLINED else redirect("orders:thanks", token)


@require_safe
@behind_secret_link
def document(request: HttpRequest, token: str, order: Order, number: str) -> HttpResponse:
    """Hand out one invoice or credit note of the order as PDF."""
    made = DocumentFile.objects.filter(document__order=order, document__number=number).order_by("id").first()
    if made is None:
        raise Http404("No such document")
    return pdf_answer(made.pdf, number)


def _pay_until(order: Order) -> datetime | None:
    """Return until when the order can be paid on the provider's page; None when there is nothing to pay there."""
    waits = order.status == Order.Status.PLACING and order.payment.session_url
    return order.payment.session_expires_at if waits else None


def _refusal(order: Order) -> Refusal | None:
    """Return why her last try to pay did not go through, while or after she could pay on the provider's page."""
    over = order.status not in {Order.Status.PLACING, Order.Status.DECLINED}
    return None if over or not order.payment.session_ref else last_refusal(order.payment)


def _current_promise(order: Order) -> Promise:
    return Promise.objects.filter(order=order).order_by("-version", "-id")[0]


def _may_cancel(order: Order) -> bool:
    statuses = Parcel.objects.filter(order=order).order_by("id").values_list("status", flat=True)
    return may_be_cancelled(order.status, list(statuses))


def _track_url(token: str) -> str:
    try:
        return reverse("orders:track", args=[token])
    except NoReverseMatch:
        return ""


def _bank(order: Order) -> dict[str, Any] | None:
    """Return what a transfer needs; None when nothing is to be transferred."""
    payment = order.payment
    missing = payment.open_minor
    if order.status != Order.Status.PLACED or payment.provider != payment.Provider.BANK_TRANSFER or missing <= 0:
        return None
    return {
        "name": settings.SHOP_LEGAL_NAME,
        "iban": settings.SHOP_IBAN,
        "bic": settings.SHOP_BIC,
        "amount_minor": missing,
        "reference": order.number,
    }


def _steps(order: Order, promise: Promise) -> list[dict[str, str]]:
    """Return what happens next, with days; the first step is done."""
    start = _("We start, as soon as your money is here") if _bank(order) else _("We start")
    handed_over = promise.basis.get("hand_over_on", "")
    coming = [
        {"state": "now", "title": _("It comes in to us"), "when": _day(date.fromisoformat(here_on))}
        for here_on in filter(None, [promise.basis.get("goods_on")])
    ]
    return [
        {"state": "done", "title": _("Ordered"), "when": _day(timezone.localdate(order.placed_at))},
        *coming,
        {"state": "next" if coming else "now", "title": start, "when": _day(promise.starts_on)},
        {"state": "next", "title": _("Packed"), "when": _day(timezone.localdate(promise.pack_by_at))},
        {
            "state": "next",
            "title": _("Ready at our counter") if order.pickup else _("Handed to the courier"),
            "when": _day(timezone.localdate(promise.hand_over_by_at)),
            "moment": handed_over,
        },
        {
            "state": "next",
            "title": _("Yours to collect") if order.pickup else _("At your door"),
            "when": wording.day_range(promise.deliver_from_on, promise.deliver_by_on, _locale()),
        },
    ]


def _day(on: Any) -> str:
    return wording.day(on, _locale())


def _locale() -> str:
    return get_language() or settings.LANGUAGE_CODE
