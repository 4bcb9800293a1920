"""The pictures of pieces: handed out of the media storage, and one alone, as large as we have it."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from shop.gateways.product_pictures import read_file
from shop.queries.pictures import Closer, closer
from shop.rules.pictures import is_file
from shop.views.own import private

FOR_EVER = "public, max-age=31536000, immutable"  # another picture has another name


@require_safe
def picture(request: HttpRequest, file: str) -> HttpResponse:
    """Hand out one rendition; whoever knows its name may see it.  Raises Http404 for any other file of the storage."""
    if not is_file(file):
        raise Http404("No such picture")
    try:
        content = read_file(file)
    except FileNotFoundError:
        raise Http404("No such picture") from None
    response = HttpResponse(content, content_type=f"image/{file.rpartition('.')[2]}")
    response.headers["Cache-Control"] = FOR_EVER
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@require_safe
def look_closer(request: HttpRequest, slug: str, image: int) -> HttpResponse:
    """Show one picture of a piece, large, with the way to its neighbours; of a draft to staff alone."""
    try:
        response = _closer_page(request, closer(slug, image, request.GET.dict(), drafts=False))
    except ObjectDoesNotExist:
        return _closer_in_draft(request, slug, image)
    response.headers["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ["Cookie"])
    return response


@private
def _closer_in_draft(request: HttpRequest, slug: str, image: int) -> HttpResponse:
    if not request.user.has_perm("shop.view_product"):
        raise Http404("No such picture")
    try:
        return _closer_page(request, closer(slug, image, request.GET.dict(), drafts=True))
    except ObjectDoesNotExist:
        raise Http404("No such picture") from None


def _closer_page(request: HttpRequest, seen: Closer) -> HttpResponse:
    product = seen.product
    page = "shop:product" if product.published else "shop:preview"
    back = reverse(page, args=[product.slug])
    shelf = reverse("shop:category", args=[product.category.slug])
    context = {
        "seen": seen,
        "back": f"{back}{seen.query}#picture-{seen.place}",
        "trail": [(gettext(product.category.name), shelf), (product.name, back)],
        "canonical": f"{settings.SITE_URL}{back}",
    }
    return render(request, "shop/closer.html", context)
