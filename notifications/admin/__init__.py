"""Messages in the admin: what was told, what waits, in which words, and to whom we write no more."""

from notifications.admin.addresses import SuppressionAdmin
from notifications.admin.messages import MessageAdmin

__all__ = ["MessageAdmin", "SuppressionAdmin"]
