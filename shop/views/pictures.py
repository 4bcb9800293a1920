"""The pictures a shop uploaded, handed out of the media storage."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from shop.gateways.product_pictures import read_file
from shop.rules.pictures import is_file

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
