"""What machines read to find their way: robots.txt and the sitemap.  Source: commerce reference 1.25, 1.27."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from shop.models import Category, Product

# Nothing to find there: a bag of one's own, secret links, forms and the staff's side.
PRIVATE = (
    "/admin/",
    "/bag/",
    "/wishlist/",
    "/alerts/",
    "/checkout/",
    "/orders/",
    "/returns/",
    "/account/",
    "/accounts/",
    "/preferences/",
    "/hooks/",
)


# Django's class takes a type argument for the type checker alone.
if TYPE_CHECKING:
    AnySitemap = Sitemap[Any]
else:
    AnySitemap = Sitemap


class _Ours(AnySitemap):
    """Addresses as mails and canonical links write them, whatever host the robot asked."""

    limit = 5_000
    protocol = urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site: Any = None) -> str:
        """Return the host of SITE_URL."""
        return str(urlsplit(settings.SITE_URL).netloc)

    def get_latest_lastmod(self) -> datetime | None:
        """Return nothing: the catalogue does not say when a page last changed, and a guess would be a lie."""
        return None


class _Pages(_Ours):
    """The pages that are always there."""

    def items(self) -> list[str]:
        """Return their names."""
        return ["shop:home", "support:help", "support:contact"]

    def location(self, item: str) -> str:
        """Return the address of one."""
        return reverse(item)


class _Categories(_Ours):
    """The shelves."""

    def items(self) -> QuerySet[Category]:
        """Return them in shop order."""
        return Category.objects.order_by("position", "id")

    def location(self, item: Category) -> str:
        """Return the address of one."""
        return reverse("shop:category", args=[item.slug])


class _Products(_Ours):
    """What is on sale."""

    def items(self) -> QuerySet[Product]:
        """Return the products, oldest first, so that pages stay what they were when one is added."""
        return Product.objects.on_sale().only("slug").order_by("id")


SITEMAPS = {"pages": _Pages, "categories": _Categories, "products": _Products}


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Say what is private and where the sitemap is."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in PRIVATE)]
    lines += ["", f"Sitemap: {settings.SITE_URL}{reverse('shop:sitemap')}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
