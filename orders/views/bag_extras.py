"""What else can be done in the bag: vouchers, a gift, together or as ready."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from orders.forms import GiftForm, SendingForm, VoucherForm
from orders.models import Cart
from orders.operations import basket, vouchers
from orders.queries.bag import is_open
from orders.rules.promotions import Why
from orders.views.bag import bag_page
from orders.views.bag_cookie import bag_of_request
from orders.views.promotion_words import sentence
from shop.operations.limits import TooOften, spend
from shop.visitors import visitor

# Eighty random bits cannot be guessed; the limit keeps somebody from trying at our cost.
TRIES_PER_BAG, TRIES_PER_VISITOR, WINDOW = 15, 40, timedelta(hours=1)


@require_POST
def voucher(request: HttpRequest) -> HttpResponse:
    """Put a voucher into the bag."""
    cart, form = _open_bag(request), VoucherForm(request.POST)
    if not form.is_valid():
        return bag_page(request, problem=_("Type the code of your voucher, like 7K2M-Q0XR-9D4T-HW3B."), status=422)
    at = timezone.now()
    try:
        spend(purpose="voucher-bag", who=str(cart.pk), budget=TRIES_PER_BAG, window=WINDOW, at=at)
        spend(purpose="voucher-visitor", who=visitor(request), budget=TRIES_PER_VISITOR, window=WINDOW, at=at)
        found = vouchers.add_voucher(cart_id=cart.pk, code=form.cleaned_data["code"], at=at)
    except TooOften as often:
        told = {"time": f"{timezone.localtime(often.retry_at):%H:%M}"}
        said = _("Those were many codes. Your bag is as it was; try again at %(time)s, or write to us.") % told
        return bag_page(request, problem=said, status=429)
    except vouchers.UnknownCode:
        said = _("We do not know this code. Look at it once more: it has sixteen signs.")
        return bag_page(request, problem=said, status=422)
    except vouchers.CodeRefused as refusal:
        return bag_page(request, problem=_refused(refusal), status=409)
    except vouchers.TooManyVouchers:
        said = _("A bag holds %(most)d vouchers. Take one out first.") % {"most": vouchers.MOST_IN_A_BAG}
        return bag_page(request, problem=said, status=409)
    except basket.BagClosed:
        return redirect("orders:bag")
    messages.success(request, _("Your voucher “%(name)s” is in the bag.") % {"name": found.promotion.name})
    return redirect("orders:bag")


def _refused(refusal: vouchers.CodeRefused) -> str:
    why = _("It has been used already.") if refusal.why == Why.USED_UP else sentence(refusal.why)
    return f"{refusal.voucher.promotion.name}: {why}"


@require_POST
def voucher_removal(request: HttpRequest, voucher_id: int) -> HttpResponse:
    """Take a voucher out of the bag."""
    cart = _open_bag(request)
    try:
        vouchers.remove_voucher(cart_id=cart.pk, voucher_id=voucher_id, at=timezone.now())
    except basket.BagClosed:
        return redirect("orders:bag")
    messages.info(request, _("The voucher is out of your bag; it stays yours."))
    return redirect("orders:bag")


@require_POST
def gift(request: HttpRequest) -> HttpResponse:
    """Note how the parcel is to be given."""
    cart, form = _open_bag(request), GiftForm(request.POST)
    if not form.is_valid():
        return bag_page(request, problem=_("Shorten the message to at most 300 signs."), status=422)
    data = form.cleaned_data
    try:
        basket.wrap_as_gift(
            cart_id=cart.pk,
            wrap=data["wrap"],
            message=data["message"],
            hide_prices=data["hide_prices"],
            at=timezone.now(),
        )
    except basket.BagClosed:
        return redirect("orders:bag")
    messages.success(request, _("We have noted how you would like to give it."))
    return redirect("orders:bag")


@require_POST
def sending(request: HttpRequest) -> HttpResponse:
    """Note whether everything goes together or each piece when it is ready."""
    cart, form = _open_bag(request), SendingForm(request.POST)
    if not form.is_valid():
        return bag_page(request, problem=_("Choose whether we send everything together or as it is ready."), status=422)
    try:
        basket.choose_sending(cart_id=cart.pk, sending=form.cleaned_data["sending"], at=timezone.now())
    except basket.BagClosed:
        return redirect("orders:bag")
    return redirect("orders:bag")


def _open_bag(request: HttpRequest) -> Cart:
    """Return the visitor's bag.  Raises Http404 when there is none that can still be changed."""
    cart = bag_of_request(request, at=timezone.now())
    if cart is None or not is_open(cart):
        raise Http404("No open bag")
    return cart
