"""Every address of the site; other apps are named by string only."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from shop.views import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("account/", include("shop.account_urls")),
    path("", include("orders.urls")),
    path("", include("returns.urls")),
    path("", include("support.urls")),
    path("", include("notifications.urls")),
    path("", include("shop.catalogue_urls")),
]

handler500 = "shop.views.errors.server_error"
