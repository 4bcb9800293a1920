"""Reviews as others read them: on the product's page, and on their own page with filters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from shop.models import Review
from shop.rules.reviews import bands

ON_THE_PAGE = 3


@dataclass(frozen=True)
class Filter:
    """Which reviews are wanted: of one size bought, of one height band; empty and None mean any."""

    size: str = ""
    height_band: int | None = None


@dataclass(frozen=True)
class Offered:
    """What can be filtered by: only what some published review has, in the order of the shop."""

    sizes: tuple[str, ...]
    height_bands: tuple[int, ...]


def offered(product_id: int, sizes: Iterable[str]) -> Offered:
    """Return what the reviews of a product can be filtered by; `sizes` are the product's own in order.  One query."""
    pairs = set(published(product_id).order_by().values_list("size", "height_band").distinct())
    said = {size for size, _ in pairs}
    tall = {band for _, band in pairs}
    return Offered(tuple(size for size in sizes if size in said), tuple(band for band in bands() if band in tall))


def filtered(product_id: int, wanted: Filter) -> QuerySet[Review]:
    """Return the published reviews that are wanted, the newest first."""
    rows = published(product_id)
    if wanted.size:
        rows = rows.filter(size=wanted.size)
    if wanted.height_band is not None:
        rows = rows.filter(height_band=wanted.height_band)
    return rows.prefetch_related("photos")


def published(product_id: int) -> QuerySet[Review]:
    """Return the reviews of a product anybody may read, the newest first."""
    rows = Review.objects.filter(variant__product=product_id, status=Review.Status.PUBLISHED)
    return rows.order_by("-written_at", "-id")


def shown_reviews(product_id: int) -> list[dict[str, Any]]:
    """Return what the product's page shows: the newest, and the newest critical one if none of them is.  3 queries."""
    rows = list(published(product_id).prefetch_related("photos")[:ON_THE_PAGE])
    if rows and all(row.stars > 2 for row in rows):
        critical = published(product_id).filter(stars__lte=2).prefetch_related("photos").first()
        rows = [*rows[: ON_THE_PAGE - 1], critical] if critical else rows
    return [as_shown(row) for row in rows]


def as_shown(review: Review) -> dict[str, Any]:
    """Return a review as the page shows it, ready for JSON; its photos are read if they are not prefetched."""
    return {
        "id": review.pk,
        "author": review.author,
        "stars": review.stars,
        "title": review.title,
        "text": review.text,
        "size": review.size,
        "usual_size": review.usual_size,
        "height_band": review.height_band,
        "verdict": review.verdict,
        "area": review.area,
        "written_on": review.written_at.date().isoformat(),
        "answer": review.answer,
        "photos": [
            {"name": str(photo.name), "width": photo.width_px, "height": photo.height_px}
            for photo in sorted(review.photos.all(), key=lambda photo: photo.position)
        ],
    }
