"""Where a browser finds a picture: among the static files, or handed out from the media storage."""

from __future__ import annotations

from django.templatetags.static import static
from django.urls import reverse

from shop.rules.pictures import MEDIA


def picture_url(path: str) -> str:
    """Return the address of one rendition, as `shop/rules/pictures.py` writes paths down."""
    if path.startswith(MEDIA):
        return reverse("shop:picture", args=[path.removeprefix(MEDIA)])
    return static(path)
