"""What else can be done in the bag: vouchers, a gift, together or as ready."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from orders.forms import GiftForm, SendingForm
from orders.models import Cart
from orders.operations import basket, vouchers
from orders.queries.bag import is_open
from orders.views.bag import bag_page
from orders.views.bag_cookie import bag_of_request
from orders.views.codes import take_code


@require_POST
def voucher(request: HttpRequest) -> HttpResponse:
    """Put a voucher into the bag, or the store credit a code opens."""
    cart = _open_bag(request)
    try:
        typed = take_code(request, cart, at=timezone.now())
    except basket.BagClosed:
        return redirect("orders:bag")
    if typed.found is None:
        return bag_page(request, problem=typed.problem, status=typed.status)
    messages.success(request, typed.said)
    return redirect("orders:bag")


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
