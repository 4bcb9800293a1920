"""Under which headings a reader finds the kinds she may choose about, and how a channel is called."""

from __future__ import annotations

from django.utils.translation import gettext

from notifications.messages import KINDS
from notifications.messages.kind import Kind, Topic


def heading(topic: Topic) -> str:
    """Return the heading of a topic, in the language that is switched on."""
    return {
        Topic.DELIVERY: gettext("Your order and its delivery"),
        Topic.MONEY: gettext("Money"),
        Topic.RETURNS: gettext("Returns"),
        Topic.CONVERSATION: gettext("What you ask us"),
        Topic.ACCOUNT: gettext("Links and codes you ask for"),
        Topic.SHOP: gettext("News of the shop"),
        Topic.STAFF: gettext("For staff"),
    }[topic]


def channel_name(channel: str) -> str:
    """Return what people call a channel."""
    names = {
        "email": gettext("Mail"),
        "sms": gettext("SMS"),
        "whatsapp": gettext("WhatsApp"),
        "telegram": gettext("Telegram"),
        "inbox": gettext("On the page of the order"),
        "staff": gettext("Chat of the staff"),
    }
    return names.get(channel, channel)


def kinds_by_topic() -> list[tuple[Topic, list[Kind]]]:
    """Return what customers hear, by topic in the order of the topics, each kind in the order of the register."""
    found = [
        (topic, [kind for kind in KINDS.values() if kind.topic == topic]) for topic in Topic if topic != Topic.STAFF
    ]
    return [(topic, kinds) for topic, kinds in found if kinds]
