"""Messages in the admin: what was told and what waits, campaigns and their groups, and to whom we write no more."""

from notifications.admin.addresses import SuppressionAdmin
from notifications.admin.campaigns import CampaignAdmin
from notifications.admin.consents import NewsConsentAdmin
from notifications.admin.groups import CustomerGroupAdmin
from notifications.admin.messages import MessageAdmin

__all__ = ["CampaignAdmin", "CustomerGroupAdmin", "MessageAdmin", "NewsConsentAdmin", "SuppressionAdmin"]
