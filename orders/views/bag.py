"""The bag's page and its three buttons: add, change, take out."""

from __future__ import annotations

import re
from datetime import datetime
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
from orders.models import Cart, CartLine, Sending
from orders.operations import basket
from orders.queries.arrival import bag_arrival
from orders.queries.bag import BAG_COOKIE, BagLine, bag_lines, is_open, saved_lines, variant_named, wrap_line
from orders.queries.promotions import chances_of
from orders.rules.bag import two_sizes
from orders.rules.promotions import customer_key
from orders.views.bag_cookie import bag_of_request, keep_bag
from orders.views.country import chosen_country, country_names
from orders.views.promotion_words import applied_rows, how_they_go_together, refused_rows
from shop.models import Product, Variant
from shop.visitors import shopper

_SLUG = re.compile(r"[a-zA-Z0-9_-]{1,120}")
_TONE = re.compile(r"[a-z-]{1,30}=[a-z0-9-]{1,50}")  # such as colour=sage, as the product page posted it


@require_safe
def bag(request: HttpRequest) -> HttpResponse:
    """Show what is in the bag, what it costs and when it arrives."""
    return bag_page(request)


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
                cart, token = basket.open_bag(at=at, after=cart, customer=shopper(request))
            line = basket.put_in_bag(cart_id=cart.pk, at=at, **_numbers(form))
    except basket.NotEnough as refusal:
        if refusal.left == 0 and request.POST.get("product") == refusal.variant.product.slug:
            return _wait_for(refusal.variant)
        return bag_page(request, problem=refusal_sentence(refusal), status=_status(refusal))
    except (basket.NotOnSale, basket.QuantityRefused, basket.BagClosed) as refusal:
        return bag_page(request, problem=refusal_sentence(refusal), status=_status(refusal))
    messages.success(request, _("In your bag: %(piece)s.") % {"piece": line.variant.product.name})
    response = redirect("orders:bag")
    keep_bag(response, token)
    return response


@require_POST
def change(request: HttpRequest, line_id: int) -> HttpResponse:
    """Set the quantity of a line, take it out, save it for later or bring it back."""
    cart = bag_of_request(request, at=timezone.now())
    if cart is not None and "back" in request.POST:
        return _bring_back(request, cart, line_id)
    if cart is None or not is_open(cart):
        raise Http404("No such bag")
    if "remove" in request.POST:
        return _take_out(request, cart, line_id)
    if "later" in request.POST:
        return _save_for_later(request, cart, line_id)
    return _set_quantity(request, cart, line_id)


def _wait_for(variant: Variant) -> HttpResponse:
    """Lead somebody who chose a sold-out size on its page to where she can ask to hear of it."""
    return redirect(f"{reverse('shop:alert-ask', args=[variant.product.slug])}?variant={variant.pk}")


def _set_quantity(request: HttpRequest, cart: Cart, line_id: int) -> HttpResponse:
    """Take the number she typed; nought takes the line out."""
    form = BagQuantityForm(request.POST)
    if not form.is_valid():
        return bag_page(request, problem=_("Enter how many you would like, from 1 to 20."), status=422)
    quantity = form.cleaned_data["quantity"]
    if quantity == 0:
        return _take_out(request, cart, line_id)
    try:
        basket.change_quantity(cart_id=cart.pk, line_id=line_id, quantity=quantity, at=timezone.now())
    except CartLine.DoesNotExist:
        raise Http404("No such line in this bag") from None
    except (basket.NotOnSale, basket.QuantityRefused, basket.NotEnough, basket.BagClosed) as refusal:
        return bag_page(request, problem=refusal_sentence(refusal), status=_status(refusal))
    response = redirect("orders:bag")
    keep_bag(response, request.COOKIES.get(BAG_COOKIE, ""))
    return response


def _save_for_later(request: HttpRequest, cart: Cart, line_id: int) -> HttpResponse:
    try:
        basket.save_for_later(cart_id=cart.pk, line_id=line_id, at=timezone.now())
    except CartLine.DoesNotExist:
        raise Http404("No such line in this bag") from None
    except basket.BagClosed as refusal:
        return bag_page(request, problem=refusal_sentence(refusal), status=409)
    return redirect(f"{reverse('orders:bag')}#saved")


def _bring_back(request: HttpRequest, cart: Cart, line_id: int) -> HttpResponse:
    """Put a saved line back, into a new bag when an order was made of the one it lies in."""
    at, token = timezone.now(), request.COOKIES.get(BAG_COOKIE, "")
    try:
        with transaction.atomic():
            CartLine.objects.get(pk=line_id, cart=cart, saved_at__isnull=False)
            if not is_open(cart):
                cart, token = basket.open_bag(at=at, after=cart, customer=shopper(request))
            basket.bring_back(cart_id=cart.pk, line_id=line_id, at=at)
    except CartLine.DoesNotExist:
        raise Http404("No such line in this bag") from None
    except (basket.NotOnSale, basket.NotEnough, basket.BagClosed) as refusal:
        return bag_page(request, problem=refusal_sentence(refusal), status=_status(refusal))
    response = redirect("orders:bag")
    keep_bag(response, token)
    return response


def _take_out(request: HttpRequest, cart: Cart, line_id: int) -> HttpResponse:
    try:
        line = basket.take_out(cart_id=cart.pk, line_id=line_id, at=timezone.now())
    except CartLine.DoesNotExist:
        raise Http404("No such line in this bag") from None
    except basket.BagClosed as refusal:
        return bag_page(request, problem=refusal_sentence(refusal), status=409)
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
        return bag_page(request, problem=_("Choose a piece and its size first, then put it into your bag."), status=422)
    return bag_page(request, problem=_("Enter how many you would like, from 1 to 20."), status=422)


def _numbers(form: BagAddForm) -> dict[str, int]:
    return {"variant_id": form.cleaned_data["variant"], "quantity": form.cleaned_data["quantity"]}


def refusal_sentence(refusal: Exception) -> str:
    """Say what happened and what she can do."""
    if isinstance(refusal, basket.NotEnough):
        name = refusal.variant.product.name
        if refusal.left == 0:
            return _("%(piece)s is sold out. On its page you can ask us to write when it is back.") % {"piece": name}
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


def bag_page(request: HttpRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    """Render the bag, with a sentence at its top when something was refused."""
    at = timezone.now()
    cart = bag_of_request(request, at=at)
    lines = bag_lines(cart) if cart is not None and is_open(cart) else []
    context = {
        "lines": lines,
        "saved": saved_lines(cart) if cart is not None else [],
        "problem": problem,
        "problems": [("#bag", problem)] if problem else [],
        "changes": _changes(lines),
        "hints": _hints(lines),
        "can_order": bool(lines) and all(line.enough for line in lines),
        "return_days": settings.RETURN_WINDOW_DAYS,
        **(_sums(request, cart, lines, at) if cart is not None and lines else {}),
        **_removed(request),
    }
    return render(request, "orders/bag.html", context, status=status)


def _sums(request: HttpRequest, cart: Cart, lines: list[BagLine], at: datetime) -> dict[str, Any]:
    """Return what the bag costs and when it arrives, with promotions, gift wrap and the choice of two parcels."""
    country, wrap = chosen_country(request), wrap_line()
    who = shopper(request)
    key = customer_key(who.email) if who else ""
    chances = chances_of(cart, customer_key=key, at=at)
    wrap_minor = wrap.unit_minor if wrap and cart.gift_wrap else 0
    arrival = bag_arrival(lines, country=country, at=at, wrap_minor=wrap_minor, chances=chances)
    currency = lines[0].variant.currency
    return {
        "cart": cart,
        "arrival": arrival,
        "country_name": country_names().get(country, country),
        "wrap": wrap,
        "wrapped": bool(wrap_minor),
        "early": arrival.early if cart.sending == Sending.AS_READY else None,
        "may_split": arrival.early is not None,
        "currency": currency,
        "applied": applied_rows(arrival.promotions, currency),
        "refused": refused_rows(arrival.promotions, currency),
        "rules": how_they_go_together(),
    }


def _hints(lines: list[BagLine]) -> list[dict[str, Any]]:
    """Return a kind hint for each thing that lies in the bag in two sizes."""
    found = two_sizes([line.form for line in lines])
    products = {line.product.pk: line.product for line in lines}
    return [{"product": products[number], "sizes": sizes} for number, sizes in found.items()]


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
