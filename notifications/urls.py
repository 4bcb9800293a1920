"""Addresses of the notifications app: the demo's mailbox, and what a reader does with our messages."""

from __future__ import annotations

from django.urls import path

from notifications.views import hooks, inbox, mailbox, news, wishes

app_name = "notifications"
urlpatterns = [
    path("demo/mailbox/", mailbox.show_list, name="mailbox"),
    path("demo/mailbox/<str:name>/", mailbox.show_letter, name="letter"),
    path("demo/mailbox/<str:name>/html/", mailbox.show_html, name="letter-html"),
    path("account/messages/", inbox.show_list, name="inbox"),
    path("account/messages/<int:message_id>/", inbox.show_message, name="inbox-message"),
    path("account/wishes/", wishes.own_wishes, name="own-wishes"),
    path("hooks/mail-events/<slug:provider>/", hooks.mail_events, name="mail-events"),
    path("hooks/texts/twilio/", hooks.texts, name="texts"),
    path("messages/stop/<str:token>/", wishes.stop, name="stop"),
    path("news/", news.sign_up, name="news"),
    path("news/<str:token>/", news.answer, name="news-answer"),
    path("messages/wishes/<str:token>/", wishes.wishes, name="wishes"),
]
