"""The wish list's page and its buttons: keep, take off, into the bag."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from orders.forms import WishForm
from orders.models import WishlistLine
from orders.operations import basket, wishlist
from orders.queries.bag import BAG_COOKIE, is_open
from orders.queries.wishlist import LIFETIME, WISHLIST_COOKIE, wished, wishlists_of
from orders.views.bag import refusal_sentence
from orders.views.bag_cookie import bag_of_request, keep_bag
from shop.visitors import shopper


@require_safe
def wish_list(request: HttpRequest) -> HttpResponse:
    """Show what she likes and does not have yet."""
    return _page(request)


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Put a piece on the list, with the size that is chosen, or with none."""
    at, form = timezone.now(), WishForm(request.POST)
    if not form.is_valid():
        return _page(request, problem=_("That piece is no longer on sale."), status=422)
    try:
        with transaction.atomic():  # what is refused leaves no empty list behind
            mine, token = wishlist.open_wishlist(token=_token(request), customer=shopper(request), at=at)
            line = wishlist.keep_piece(
                wishlist_id=mine.pk, slug=form.cleaned_data["product"], variant_id=form.cleaned_data["variant"], at=at
            )
    except basket.NotOnSale:
        return _page(request, problem=_("That piece is no longer on sale."), status=422)
    except wishlist.ListFull:
        full = _("Your list holds %(most)d pieces already. Take something off first.") % {"most": wishlist.MOST}
        return _page(request, problem=full, status=409)
    messages.success(request, _("On your wish list: %(piece)s.") % {"piece": line.product.name})
    response = redirect("orders:wishlist")
    _keep(response, token)
    return response


@require_POST
def change(request: HttpRequest, line_id: int) -> HttpResponse:
    """Take a piece off the list, or move it into the bag."""
    at = timezone.now()
    lists = wishlists_of(_token(request), at=at, customer=shopper(request))
    if "bag" in request.POST:
        return _into_the_bag(request, line_id, lists)
    try:
        line = wishlist.take_off(line_id=line_id, wishlist_ids=lists)
    except WishlistLine.DoesNotExist:
        raise Http404("No such line on this list") from None
    messages.success(request, _("Off your list: %(piece)s.") % {"piece": line.product.name})
    return redirect("orders:wishlist")


def _into_the_bag(request: HttpRequest, line_id: int, lists: list[int]) -> HttpResponse:
    at, token = timezone.now(), request.COOKIES.get(BAG_COOKIE, "")
    cart = bag_of_request(request, at=at)
    try:
        with transaction.atomic():
            if cart is None or not is_open(cart):
                cart, token = basket.open_bag(at=at, after=cart, customer=shopper(request))
            line = wishlist.move_to_bag(line_id=line_id, wishlist_ids=lists, cart_id=cart.pk, at=at)
    except WishlistLine.DoesNotExist:
        raise Http404("No such line on this list") from None
    except (basket.NotOnSale, basket.QuantityRefused, basket.NotEnough, basket.BagClosed) as refusal:
        return _page(request, problem=refusal_sentence(refusal), status=409)
    messages.success(request, _("In your bag: %(piece)s.") % {"piece": line.variant.product.name})
    response = redirect("orders:bag")
    keep_bag(response, token)
    return response


def _page(request: HttpRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    at, person = timezone.now(), shopper(request)
    context = {
        "lines": wished(wishlists_of(_token(request), at=at, customer=person)),
        "problem": problem,
        "guest": person is None,
    }
    return render(request, "orders/wishlist.html", context, status=status)


def _token(request: HttpRequest) -> str:
    return request.COOKIES.get(WISHLIST_COOKIE, "")


def _keep(response: HttpResponse, token: str) -> None:
    """Keep a guest's token in her browser; what an account keeps is found by signing in."""
    if token:
        age = int(LIFETIME.total_seconds())
        response.set_cookie(WISHLIST_COOKIE, token, max_age=age, secure=settings.HTTPS, httponly=True, samesite="Lax")
    else:
        response.delete_cookie(WISHLIST_COOKIE)
