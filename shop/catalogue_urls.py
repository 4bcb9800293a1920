"""Addresses of the catalogue."""

from __future__ import annotations

from django.urls import path

from shop.views import catalogue, preferences

app_name = "shop"
urlpatterns = [
    path("", catalogue.home, name="home"),
    path("c/<slug:slug>/", catalogue.category, name="category"),
    path("p/<slug:slug>/", catalogue.product, name="product"),
    path("preferences/", preferences.preferences, name="preferences"),
]
