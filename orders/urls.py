"""Addresses of bag, checkout, tracking and the courier's webhook."""

from __future__ import annotations

from django.urls import path

from orders.views import courier_hook, tracking

app_name = "orders"
urlpatterns = [
    path("orders/find/", tracking.find, name="find"),
    path("orders/<str:token>/", tracking.track, name="track"),
    path("hooks/courier/<str:provider>/", courier_hook.courier_hook, name="courier-hook"),
]
