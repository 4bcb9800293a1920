"""Addresses of the notifications app: the demo's mailbox."""

from __future__ import annotations

from django.urls import path

from notifications.views import mailbox

app_name = "notifications"
urlpatterns = [
    path("demo/mailbox/", mailbox.show_list, name="mailbox"),
    path("demo/mailbox/<str:name>/", mailbox.show_letter, name="letter"),
    path("demo/mailbox/<str:name>/html/", mailbox.show_html, name="letter-html"),
]
