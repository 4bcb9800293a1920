"""The pages of a browsing shopper: home, shelves, products."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from uuid import uuid4

from babel import Locale
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from shop.cookies import remember
from shop.messages.fabric import fabric_words
from shop.messages.fit import fit_words
from shop.messages.own_size import OwnSizeWords, own_size_words
from shop.messages.reviews import star_words
from shop.models import Category, Product
from shop.pictures import picture_url
from shop.queries import listing
from shop.queries.addresses import category_once_at, product_once_at
from shop.queries.coming import with_goods
from shop.queries.own_size import own_size
from shop.queries.product import ProductView, draft_view, product_view
from shop.rules.scale import drawing
from shop.views.caching import COUNTRY_COOKIE, shared
from shop.views.finding import shelf_page
from shop.views.measures import chosen_system
from shop.views.own import private
from shop.views.own_size import chosen_unit
from shop.views.structured_data import product_data
from shop.visitors import shopper

HOME_CARDS = 8


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what the shop is and a few pieces from every shelf."""
    context = {"cards": listing.cards(listing.front(HOME_CARDS)), "canonical": settings.SITE_URL + "/"}
    return shared(request, render(request, "shop/home.html", context))


@require_safe
def category(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one shelf with its filters."""
    shelves = listing.navigation()
    shelf = next((each for each in shelves if each.slug == slug), None)
    if shelf is None:
        return _moved(request, "shop:category", category_once_at(slug))
    return shelf_page(request, shelf, shelves, f"{settings.SITE_URL}{request.path}")


@require_safe
def product(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one product; `?country=` is remembered, `?problem=size` says that a size was missing."""
    try:
        view = product_view(slug, request.GET.dict())
    except Product.DoesNotExist:
        return _moved(request, "shop:product", product_once_at(slug))
    context = _context(request, view)
    response = render(request, "shop/product.html", context)
    if request.GET.get(COUNTRY_COOKIE) == context["country"]:
        remember(response, COUNTRY_COOKIE, context["country"])
    response.headers["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ["Cookie"])
    return response


@require_safe
@private
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """Show staff a product as shoppers will see it, published or not.  To everybody else it does not exist."""
    if not request.user.has_perm("shop.view_product"):
        raise Http404("No such page")
    try:
        view = draft_view(slug, request.GET.dict())
    except Product.DoesNotExist:
        raise Http404("There is no product with a variant on sale at this address") from None
    return render(request, "shop/product.html", {**_context(request, view), "preview": True})


def _context(request: HttpRequest, view: ProductView) -> dict[str, Any]:
    """Return what the product page is drawn from."""
    view, coming = with_goods(view, today=timezone.localdate())
    countries = country_choices()
    address = f"{settings.SITE_URL}{reverse('shop:product', args=[view.product.slug])}"
    return {
        "view": view,
        "product": view.product,
        "fit": fit_words(view.voices),
        "fabric": fabric_words(view.product),
        "coming": coming,
        "hers": _own_size_words(request, view),
        "unit": chosen_unit(request),
        "numbers": chosen_system(request),
        "scale": drawing({column.code.rpartition("-")[2]: measured.high_mm for column, measured in view.piece}),
        "asker": shopper(request),
        "ask_token": uuid4(),
        "size_wanted": request.GET.get("size", ""),
        "stars": star_words(view.voices),
        "country": chosen_country(request, countries),
        "countries": countries,
        "size_missing": request.GET.get("problem") == "size" and view.has_sizes,
        "canonical": address,
        "share_picture": settings.SITE_URL + picture_url(view.pictures[0].path) if view.pictures else "",
        "data": product_data(view, address=address, countries=[code for code, _ in countries]),
    }


def _own_size_words(request: HttpRequest, view: ProductView) -> OwnSizeWords | None:
    """Return which size is hers; None for whoever has told us nothing.  One query for somebody who is signed in."""
    person = shopper(request) if view.has_sizes else None
    return own_size_words(view, own_size(person.pk), chosen_unit(request)) if person else None


def _moved(request: HttpRequest, page: str, thing: Product | Category | None) -> HttpResponse:
    """Lead on to where something is now, with what was asked of its old address.  Raises Http404."""
    if thing is None:
        raise Http404("Nothing is or was at this address")
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return HttpResponsePermanentRedirect(reverse(page, args=[thing.slug]) + query)


def chosen_country(request: HttpRequest, offered: list[tuple[str, str]]) -> str:
    """Return the country to promise for: of the address, of the cookie, or the shop's own; always one on offer."""
    codes = [code for code, _ in offered]
    for code in (request.GET.get(COUNTRY_COOKIE), request.COOKIES.get(COUNTRY_COOKIE), settings.SHOP_COUNTRY):
        if code in codes:
            return code
    return codes[0]


def country_choices() -> list[tuple[str, str]]:
    """Return (code, name) of every country we deliver to, by name in the page's language."""
    codes = listing.countries() or [settings.SHOP_COUNTRY]
    return list(_by_name(tuple(codes), get_language() or settings.LANGUAGE_CODE))


@lru_cache(maxsize=64)
def _by_name(codes: tuple[str, ...], language: str) -> list[tuple[str, str]]:
    names = Locale.parse(language, sep="-").territories
    return sorted(((code, names.get(code, code)) for code in codes), key=lambda pair: pair[1])
