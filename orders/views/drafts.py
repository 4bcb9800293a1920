"""The page behind the link of an order that was put together on the phone: the checkout, filled in."""

from __future__ import annotations

import logging

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from orders.models import Cart, Order, OrderDraft
from orders.operations.access import LinkUnknown
from orders.operations.basket import BagClosed
from orders.operations.drafting import DraftOver, draft_of_link, hold_draft
from orders.operations.preparing import BagEmpty
from orders.queries.bag import is_open, ordered_lines
from orders.views.checkout import serve
from orders.views.checkout_page import CheckoutPage
from orders.views.secret_page import as_secret
from shop.operations.stock import SoldOut
from shop.visitors import speak

log = logging.getLogger(__name__)


@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest, token: str) -> HttpResponse:
    """Show what was put together, and place its order; whatever is pressed twice, it is one."""
    return as_secret(_answer(request, token))


def _answer(request: HttpRequest, token: str) -> HttpResponse:
    at = timezone.now()
    try:
        found = draft_of_link(token=token, at=at)
    except LinkUnknown:
        raise Http404("No such draft") from None
    except DraftOver as over:
        return _over(request, ordered=over.draft.state == OrderDraft.State.PLACED)
    cart = found.cart
    speak(request, found.locale)
    if cart is None or (request.method != "POST" and not is_open(cart)):
        return _ordered(request, cart)
    page = CheckoutPage.read(request, cart=cart, lines=ordered_lines(cart), at=at, draft=found, token=token)
    if not page.lines:
        return _over(request, ordered=False)
    answer = serve(request, cart, page)
    if answer.status_code == 402:  # the declined payment let the pieces go
        _hold_again(found)
    return answer


def _ordered(request: HttpRequest, cart: Cart | None) -> HttpResponse:
    """Say that it is ordered, or lead on to the page where it is being paid."""
    order = cart.order if cart else None
    if order is not None and order.status == Order.Status.PLACING and order.payment.session_url:
        return redirect(order.payment.session_url)
    return _over(request, ordered=order is not None)


def _over(request: HttpRequest, *, ordered: bool) -> HttpResponse:
    return render(request, "orders/draft_over.html", {"ordered": ordered}, status=200 if ordered else 410)


def _hold_again(found: OrderDraft) -> None:
    try:
        hold_draft(draft_id=found.pk, at=timezone.now())
    except (DraftOver, BagClosed, BagEmpty, SoldOut) as gone:
        log.info("draft %s is not held any more: %s", found.pk, type(gone).__name__)
