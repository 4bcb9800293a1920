"""The reviews of one product with filters, and the pictures in them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from shop.gateways.pictures import read
from shop.messages.fit import fit_words
from shop.messages.reviews import band_words, star_words
from shop.models import Product, Review, ReviewPhoto
from shop.queries.sizes import sizes_of
from shop.queries.voices import Filter, Offered, as_shown, filtered, offered

PAGE_SIZE = 12
_SIZES = {"small": True, "large": False}


@require_safe
def reviews(request: HttpRequest, slug: str) -> HttpResponse:
    """Show every published review, of one size or height when asked; what nobody has is ignored."""
    product = get_object_or_404(Product.objects.on_sale().select_related("category", "voices"), slug=slug)
    choices = offered(product.pk, dict.fromkeys(sizes_of(product.pk).values()))
    wanted = _wanted(request, choices)
    page = Paginator(filtered(product.pk, wanted), PAGE_SIZE).get_page(request.GET.get("page"))
    voices = getattr(product, "voices", None)
    context = {
        "product": product,
        "trail": [
            (gettext(product.category.name), reverse("shop:category", args=[product.category.slug])),
            (product.name, product.get_absolute_url()),
        ],
        "stars": star_words(voices),
        "fit": fit_words(voices),
        "page": page,
        "reviews": [as_shown(row) for row in page.object_list],
        "wanted": wanted,
        "sizes": choices.sizes,
        "heights": [(band, band_words(band)) for band in choices.height_bands],
        "chips": list(_chips(request, wanted)),
        "query": urlencode({**_query(wanted), "page": ""}),
        "canonical": f"{settings.SITE_URL}{request.path}",
    }
    response = render(request, "shop/reviews.html", context)
    response.headers["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ["Cookie"])
    return response


@require_safe
def photo(request: HttpRequest, name: UUID, size: str) -> HttpResponse:
    """Hand out a picture of a published review; of one that waits only to who moderates reviews."""
    row = ReviewPhoto.objects.select_related("review").filter(name=name).order_by("id").first()
    if row is None or size not in _SIZES:
        raise Http404("No such picture")
    public = row.review.status == Review.Status.PUBLISHED
    if not public and not request.user.has_perm("shop.moderate_review"):
        raise Http404("No such picture")
    try:
        content = read(name, small=_SIZES[size])
    except FileNotFoundError:
        raise Http404("No such picture") from None
    response = HttpResponse(content, content_type="image/webp")
    response.headers["Cache-Control"] = "public, max-age=86400" if public else "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _wanted(request: HttpRequest, choices: Offered) -> Filter:
    size, height = request.GET.get("size", ""), request.GET.get("height", "")
    bands = {str(band): band for band in choices.height_bands}
    return Filter(size if size in choices.sizes else "", bands.get(height))


def _query(wanted: Filter) -> dict[str, Any]:
    asked = {"size": wanted.size, "height": wanted.height_band}
    return {name: value for name, value in asked.items() if value}


def _chips(request: HttpRequest, wanted: Filter) -> Iterable[tuple[str, str]]:
    """Yield each chosen filter in words with the address without it."""
    query = _query(wanted)
    words = {"size": wanted.size, "height": band_words(wanted.height_band) if wanted.height_band else ""}
    for name in query:
        rest = urlencode({key: value for key, value in query.items() if key != name})
        yield words[name], f"{request.path}?{rest}" if rest else request.path
