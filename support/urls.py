"""Addresses of the support app."""

from __future__ import annotations

from django.urls import path

from support.views import contact, demo, help_pages, hooks

app_name = "support"
urlpatterns = [
    path("help/", help_pages.help_page, name="help"),
    path("help/contact/", contact.contact, name="contact"),
    path("help/contact/sent/<str:ticket>/", contact.sent, name="sent"),
    path("hooks/mail/", hooks.mail_hook, name="mail-hook"),
    path("demo/reply/", demo.reply_page, name="demo-reply"),
]
