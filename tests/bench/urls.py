"""Every address of the shop, and for some a floor: the same rows by raw SQL through a minimal template."""

from __future__ import annotations

from django.urls import include, path

from tests.bench import floor

urlpatterns = [
    path("bench/queries/", floor.queries, {"page": ""}),
    path("bench/queries/<path:page>", floor.queries),
    path("bench/floor/", floor.floor, {"page": ""}),
    path("bench/floor/<path:page>", floor.floor),
    path("", include("shop.urls")),
]
