"""The bag's page and its three buttons: add, change, take out."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from orders.forms import BagAddForm, BagQuantityForm
from orders.models import Cart, CartLine
from orders.operations import basket
from orders.queries.arrival import bag_arrival
from orders.queries.bag import BAG_COOKIE, BagLine, bag_lines, is_open, variant_named
from orders.views.bag_cookie import bag_of_request, keep_bag
from orders.views.country import chosen_country, country_names
from shop.models import Product

_SLUG = re.compile(r"[a-zA-Z0-9_-]{1,120}")
_TONE = re.compile(r"[a-z-]{1,30}=[a-z0-9-]{1,50}")  # such as colour=sage, as the product page posted it


@require_safe
def bag(request: HttpRequest) -> HttpResponse:
    """Show what is in the bag, what it costs and when it arrives."""
    return _page(request)


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Put pieces of a variant into the bag; also the way to put a removed line back."""
    at = timezone.now()
    form = BagAddForm(request.POST)
    if not form.is_valid():
        return _choose_first(request, form)
    cart, token = bag_of_request(request, at=at), request.COOKIES.get(BAG_COOKIE, "")
    try:
        with transaction.atomic():  # what is refused leaves no empty bag behind
            if cart is None or not is_open(cart):
                cart, token = basket.open_bag(at=at)
            line = basket.put_in_bag(cart_id=cart.pk, at=at, **_numbers(form))
    except (basket.NotOnSale, basket.QuantityRefused, basket.NotEnough, basket.BagClosed) as refusal:
        return _page(request, problem=_sentence(refusal), status=_status(refusal))
    messages.success(request, _("In your bag: %(piece)s.") % {"piece": line.variant.product.name})
    response = redirect("orders:bag")
    keep_bag(response, token)
    return response


@require_POST
def change(request: HttpRequest, line_id: int) -> HttpResponse:
    """Set the quantity of a line; nought, or the button "Remove", takes it out."""
    at = timezone.now()
    cart = bag_of_request(request, at=at)
    if cart is None or not is_open(cart):
        raise Http404("No such bag")
    form = BagQuantityForm(request.POST)
    if "remove" in request.POST:
        return _take_out(request, cart, line_id)
    if not form.is_valid():
        return _page(request, problem=_("Enter how many you would like, from 1 to 20."), status=422)
    if form.cleaned_data["quantity"] == 0:
        return _take_out(request, cart, line_id)
    try:
        basket.change_quantity(cart_id=cart.pk, line_id=line_id, quantity=form.cleaned_data["quantity"], at=at)
    except CartLine.DoesNotExist:
        raise Http404("No such line in this bag") from None
    except (basket.NotOnSale, basket.QuantityRefused, basket.NotEnough, basket.BagClosed) as refusal:
        return _page(request, problem=_sentence(refusal), status=_status(refusal))
    response = redirect("orders:bag")
    keep_bag(response, request.COOKIES[BAG_COOKIE])
    return response


def _take_out(request: HttpRequest, cart: Cart, line_id: int) -> HttpResponse:
    try:
        line = basket.take_out(cart_id=cart.pk, line_id=line_id, at=timezone.now())
    except CartLine.DoesNotExist:
        raise Http404("No such line in this bag") from None
    except basket.BagClosed as refusal:
        return _page(request, problem=_sentence(refusal), status=409)
    query = urlencode({"removed": line.variant_id, "quantity": line.quantity})
    return redirect(f"{reverse('orders:bag')}?{query}")


def _choose_first(request: HttpRequest, form: BagAddForm) -> HttpResponse:
    """Answer a form without a usable variant or quantity: back to the product when a size is missing."""
    slug = request.POST.get("product", "")
    if (
        _SLUG.fullmatch(slug)
        and not request.POST.get("variant")
        and Product.objects.on_sale().filter(slug=slug).exists()
    ):
        tone = request.POST.get("tone", "")
        chosen = f"{tone}&" if _TONE.fullmatch(tone) else ""
        return redirect(f"{reverse('shop:product', args=[slug])}?{chosen}problem=size")
    if "variant" in form.errors:
        return _page(request, problem=_("Choose a piece and its size first, then put it into your bag."), status=422)
    return _page(request, problem=_("Enter how many you would like, from 1 to 20."), status=422)


def _numbers(form: BagAddForm) -> dict[str, int]:
    return {"variant_id": form.cleaned_data["variant"], "quantity": form.cleaned_data["quantity"]}


def _sentence(refusal: Exception) -> str:
    """Say what happened and what she can do."""
    if isinstance(refusal, basket.NotEnough):
        name = refusal.variant.product.name
        if refusal.left == 0:
            return _("%(piece)s is sold out. Write to us and we tell you when it is back.") % {"piece": name}
        return ngettext(
            "Only %(left)d of %(piece)s is left. Your bag is as it was.",
            "Only %(left)d of %(piece)s are left. Your bag is as it was.",
            refusal.left,
        ) % {"left": refusal.left, "piece": name}
    if isinstance(refusal, basket.QuantityRefused):
        return _("One bag holds up to %(most)d of each piece. For more, write to us: we gladly make an offer.") % {
            "most": refusal.most
        }
    if isinstance(refusal, basket.BagClosed):
        return _("This bag has just become an order, so it stays as it is. Your next piece starts a new bag.")
    return _("That piece is no longer on sale.")


def _status(refusal: Exception) -> int:
    return 422 if isinstance(refusal, basket.NotOnSale | basket.QuantityRefused) else 409


def _page(request: HttpRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    at = timezone.now()
    cart = bag_of_request(request, at=at)
    lines = bag_lines(cart) if cart is not None and is_open(cart) else []
    country = chosen_country(request)
    context = {
        "lines": lines,
        "arrival": bag_arrival(lines, country=country, at=at) if lines else None,
        "country_name": country_names().get(country, country),
        "problem": problem,
        "problems": [("#bag", problem)] if problem else [],
        "changes": _changes(lines),
        "can_order": bool(lines) and all(line.enough for line in lines),
        "return_days": settings.RETURN_WINDOW_DAYS,
        **_removed(request),
    }
    return render(request, "orders/bag.html", context, status=status)


def _changes(lines: list[BagLine]) -> list[BagLine]:
    """Return the lines whose price or stock is not what it was: said aloud on the page."""
    return [line for line in lines if line.old_price_minor is not None or not line.enough]


def _removed(request: HttpRequest) -> dict[str, Any]:
    """Return what was just taken out, to offer it back; nothing for an address somebody made up."""
    variant_id, quantity = request.GET.get("removed", ""), request.GET.get("quantity", "")
    if not (variant_id.isdecimal() and quantity.isdecimal() and len(variant_id) < 19 and len(quantity) < 4):
        return {}
    variant = variant_named(int(variant_id))
    return {"removed": variant, "removed_quantity": int(quantity)} if variant else {}
