"""The checkout: one page, guest first, every outcome a page that says what happened and what still holds."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from orders.forms import CheckoutForm
from orders.models import Cart, Order, StoreCredit
from orders.operations.access import issue_link
from orders.operations.basket import BagClosed
from orders.operations.credit import close_credit
from orders.operations.finishing import PaymentDeclined
from orders.operations.placing import SubmissionReused, place_order, replayed
from orders.operations.preparing import BagEmpty, BagSpent, ChangedSinceShown
from orders.operations.redeeming import PromotionGone
from orders.operations.starting import hold_pieces
from orders.queries.bag import is_open, ordered_lines
from orders.queries.offers import NotServed
from orders.queries.quotes import NoEstimate
from orders.rules.guard import Shown, unpack
from orders.rules.promise import NobodyHome
from orders.views import checkout_words as words
from orders.views.bag import bag_page
from orders.views.bag_cookie import bag_of_request
from orders.views.checkout_page import CheckoutPage, open_shown
from orders.views.codes import Typed, take_code
from shop.models import User
from shop.operations.limits import TooOften, spend
from shop.operations.stock import LIFETIME, SoldOut
from shop.visitors import visitor

# Values of the buttons that order, begin, and take a code in and out; every other one shows the page again.
PLACE, START, CODE, NO_CREDIT = "place", "start", "code", "no-credit"
TRIES_PER_BAG, TRIES_PER_VISITOR, WINDOW = 60, 300, timedelta(hours=1)  # presses of the button that orders
REFUSALS = (TooOften, ChangedSinceShown, PromotionGone, SoldOut, NobodyHome, NotServed, NoEstimate, BagEmpty)
HOLDS_PER_VISITOR = 120  # within the same hour


@require_http_methods(["GET", "HEAD", "POST"])
def checkout(request: HttpRequest) -> HttpResponse:
    """Show the checkout, show it again with other choices, or place the order."""
    cart = bag_of_request(request, at=timezone.now())
    if cart is None or (request.method != "POST" and not is_open(cart)):
        return redirect("orders:bag")
    if request.method == "POST" and request.POST.get("action") == START:
        return _begin(request, cart)
    page = CheckoutPage.read(request, cart=cart, lines=ordered_lines(cart), at=timezone.now())
    if not page.lines:
        return redirect("orders:bag")
    return serve(request, cart, page)


def serve(request: HttpRequest, cart: Cart, page: CheckoutPage) -> HttpResponse:
    """Show a checkout, show it again with other choices, or place its order: of a bag, or of a draft of staff."""
    action = request.POST.get("action") if request.method == "POST" else None
    if action != NO_CREDIT and request.POST.get("code", "").strip() and is_open(cart):
        action = CODE  # typed and not used yet: nobody pays more because she pressed another button, or Enter
    if action == PLACE:
        return _order(request, cart, page)
    if not is_open(cart):
        return redirect(page.home)
    if action in {CODE, NO_CREDIT}:
        return _code(request, cart, page)
    return _look_again(request, cart, page) if request.method == "POST" else page.answer()


def _code(request: HttpRequest, cart: Cart, page: CheckoutPage) -> HttpResponse:
    """Take in what a typed code stands for, or leave the credit out again; what was typed elsewhere stays."""
    typed = Typed()
    try:
        if request.POST["action"] == NO_CREDIT:
            close_credit(cart_id=cart.pk, at=page.at)
        else:
            typed = take_code(request, cart, at=page.at)
    except BagClosed:
        return redirect(page.home)
    cart.refresh_from_db(fields=["credit"])
    page = page.again()
    if isinstance(typed.found, StoreCredit):
        page = page.paying_with_credit()
    return page.answer(typed=typed, status=typed.status)


def _begin(request: HttpRequest, cart: Cart) -> HttpResponse:
    """Hold the pieces of a bag and lead on to its checkout; in a rush most presses end here, so it reads little."""
    try:
        _hold(request, cart, lifetime=LIFETIME, at=timezone.now())
    except (BagClosed, BagEmpty):
        return redirect("orders:bag")
    except SoldOut as refusal:
        return bag_page(request, problem=words.short(refusal, ordered_lines(cart)), status=409)
    return redirect("orders:checkout")


def _look_again(request: HttpRequest, cart: Cart, page: CheckoutPage) -> HttpResponse:
    """Show the checkout with other choices, and hold the pieces for another quarter of an hour."""
    try:
        _hold(request, cart, lifetime=page.holds_for, at=page.at)
    except (BagClosed, BagEmpty):
        return redirect(page.home)
    except SoldOut as refusal:
        return page.again().answer(notice=words.sold_out(refusal, page.lines), status=409)
    return page.answer()


def _hold(request: HttpRequest, cart: Cart, *, lifetime: timedelta, at: datetime) -> None:
    """Hold the pieces of a bag; who asks very often may go on, but nothing is held for her.

    Raises BagClosed, BagEmpty, SoldOut.
    """
    try:
        spend(purpose="hold", who=visitor(request), budget=HOLDS_PER_VISITOR, window=WINDOW, at=at)
    except TooOften:
        return
    hold_pieces(cart_id=cart.pk, lifetime=lifetime, at=at)


def _order(request: HttpRequest, cart: Cart, page: CheckoutPage) -> HttpResponse:
    form = page.bound_form()
    if not form.is_valid():
        return page.answer(form=form, status=422)
    asked, key = form.as_request(), form.cleaned_data["key"]
    if not is_open(cart) and not replayed(key=key, cart_id=cart.pk, request=asked):
        return _thanks(cart.order) if _same_page_would_do(cart) else redirect(page.home)
    shown = _shown(form, f"{form.cleaned_data['service']}:{asked.provider}")
    if shown is None:
        return page.answer(form=form, notice=words.look_again(), status=409)
    try:
        _spend_try(request, cart, page)
        order = place_order(
            key=key, cart_id=cart.pk, request=asked, shown=shown, customer=_customer(request), at=page.at
        )
    except BagSpent as spent:
        return _thanks(spent.order)
    except PaymentDeclined:
        return page.answer(form=form, notice=words.declined(), key=uuid4(), status=402)
    except SubmissionReused:
        return page.answer(form=form, notice=words.used_before(), key=uuid4(), status=409)
    except (
        TooOften,
        ChangedSinceShown,
        PromotionGone,
        SoldOut,
        NobodyHome,
        NotServed,
        NoEstimate,
        BagEmpty,
    ) as refusal:
        return _refused(page.again(), form, refusal)
    return _thanks(order)


def _spend_try(request: HttpRequest, cart: Cart, page: CheckoutPage) -> None:
    """Use one try of this bag and of this visitor: each one costs locks, and a card number could be guessed.

    Raises TooOften.
    """
    spend(purpose="checkout-bag", who=str(cart.pk), budget=TRIES_PER_BAG, window=WINDOW, at=page.at)
    spend(purpose="checkout-visitor", who=visitor(request), budget=TRIES_PER_VISITOR, window=WINDOW, at=page.at)


def _refused(page: CheckoutPage, form: CheckoutForm, refusal: Exception) -> HttpResponse:
    """Say why nothing was ordered; nothing is lost, and the page shows what holds now."""
    if isinstance(refusal, TooOften):
        return page.answer(form=form, notice=words.too_often(refusal.retry_at), status=429)
    if isinstance(refusal, NobodyHome):
        form.add_error("when_nobody_home", words.nobody_home(refusal))
        return page.answer(form=form, status=422)
    if isinstance(refusal, ChangedSinceShown):
        return page.answer(form=form, notice=words.changed(refusal.change, page.currency), status=409)
    if isinstance(refusal, PromotionGone):
        return page.answer(form=form, notice=words.promotion_gone(refusal), status=409)
    if isinstance(refusal, SoldOut):
        return page.answer(form=form, notice=words.sold_out(refusal, page.lines), status=409)
    if isinstance(refusal, BagEmpty):
        return redirect(page.home)
    return page.answer(form=form, notice=words.no_way_there(), status=409)


def _shown(form: CheckoutForm, key: str) -> Shown | None:
    """Return what the page showed for this choice; None when it was not shown, or the field is not ours."""
    packed = open_shown(form.cleaned_data["shown"])
    try:
        return unpack(packed, key) if packed else None
    except (TypeError, ValueError):
        return None


def _same_page_would_do(cart: Cart) -> bool:
    """Tell whether the bag's order is one she can be shown: a second tab ends where the first one did."""
    return cart.order.status in {Order.Status.PLACING, Order.Status.PLACED}


def _customer(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) and not request.user.is_staff else None


def _thanks(order: Order) -> HttpResponse:
    if order.status == Order.Status.PLACING and order.payment.session_url:
        return redirect(order.payment.session_url)
    token = issue_link(order=order, at=timezone.now())
    return redirect("orders:thanks", token=token)
