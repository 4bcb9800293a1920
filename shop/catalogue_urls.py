"""Addresses of the catalogue."""

from __future__ import annotations

from django.contrib.sitemaps import views as sitemaps
from django.urls import path
from django.views.decorators.http import require_safe

from shop.views import (
    alerts,
    catalogue,
    discovery,
    finding,
    language,
    measures,
    own_size,
    pictures,
    preferences,
    questions,
    reviews,
)

app_name = "shop"
urlpatterns = [
    path("", catalogue.home, name="home"),
    path("search/", finding.search, name="search"),
    path("c/<slug:slug>/", catalogue.category, name="category"),
    path("p/<slug:slug>/", catalogue.product, name="product"),
    path("p/<slug:slug>/preview/", catalogue.preview, name="preview"),
    path("p/<slug:slug>/pictures/<int:image>/", pictures.look_closer, name="look-closer"),
    path("p/<slug:slug>/alert/", alerts.ask, name="alert-ask"),
    path("p/<slug:slug>/your-size/", own_size.your_size, name="your-size"),
    path("alerts/<str:token>/", alerts.alert, name="alert"),
    path("p/<slug:slug>/reviews/", reviews.reviews, name="reviews"),
    path("p/<slug:slug>/questions/", questions.questions, name="questions"),
    path("pictures/<path:file>", pictures.picture, name="picture"),
    path("reviews/photos/<uuid:name>/<str:size>.webp", reviews.photo, name="review-photo"),
    path("robots.txt", discovery.robots, name="robots"),
    path(
        "sitemap.xml",
        require_safe(sitemaps.index),
        {"sitemaps": discovery.SITEMAPS, "sitemap_url_name": "shop:sitemap-section"},
        name="sitemap",
    ),
    path(
        "sitemap-<section>.xml",
        require_safe(sitemaps.sitemap),
        {"sitemaps": discovery.SITEMAPS},
        name="sitemap-section",
    ),
    path("preferences/", preferences.preferences, name="preferences"),
    path("preferences/measures/", measures.measures, name="measures"),
    path("preferences/language/", language.language, name="language"),
]
