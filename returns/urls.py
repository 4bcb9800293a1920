"""Addresses of the returns app."""

from __future__ import annotations

from django.urls import path

from returns.views import asking, case, withdrawing

app_name = "returns"
urlpatterns = [
    path("withdrawal/", withdrawing.declare, name="withdrawal"),
    path("withdrawal/information/", withdrawing.instructions, name="withdrawal-rights"),
    path("orders/<str:token>/withdrawal/", withdrawing.declare_of, name="withdrawal-of"),
    path("orders/<str:token>/return/", asking.ask, name="request"),
    path("orders/<str:token>/return/<slug:number>/", case.show, name="case"),
    path("orders/<str:token>/return/<slug:number>/slip/", case.slip, name="slip"),
    path("orders/<str:token>/return/<slug:number>/withdrawal/", case.withdraw, name="withdraw"),
]
