"""Addresses of bag, checkout, tracking and the courier's webhook."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "orders"
urlpatterns: list[URLPattern] = []
