"""Every channel the settings open, mail first."""

from __future__ import annotations

from notifications.gateways.email import email_channel
from notifications.gateways.lines import Channel
from notifications.gateways.texts import open_channels


def channels() -> tuple[Channel, ...]:
    """Return the open channels in the order in which they are served."""
    return (email_channel(), *open_channels())
