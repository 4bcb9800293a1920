"""Addresses of bag, checkout, tracking and the courier's webhook."""

from __future__ import annotations

from django.urls import URLPattern, path

from orders.views import bag, checkout, thanks

app_name = "orders"
urlpatterns: list[URLPattern] = [
    path("bag/", bag.bag, name="bag"),
    path("bag/add/", bag.add, name="bag-add"),
    path("bag/lines/<int:line_id>/", bag.change, name="bag-change"),
    path("checkout/", checkout.checkout, name="checkout"),
    path("orders/<str:token>/thanks/", thanks.thanks, name="thanks"),
    path("orders/<str:token>/arrival.ics", thanks.arrival, name="arrival"),
    path("orders/<str:token>/cancellation/", thanks.cancellation, name="cancel"),
]
