"""Tables of notifications: messages and their attempts, the providers that carry them, readers and their wishes."""

from notifications.models.campaign import Campaign, CampaignRecipient, CampaignText, CustomerGroup
from notifications.models.consent import NewsConsent
from notifications.models.greeting import Greeting
from notifications.models.message import Attempt, Message
from notifications.models.provider import Provider
from notifications.models.quiet import Quiet
from notifications.models.reader import Reader, Suppression, Wish
from notifications.models.wording import Wording

__all__ = [
    "Attempt",
    "Campaign",
    "CampaignRecipient",
    "CampaignText",
    "CustomerGroup",
    "Greeting",
    "Message",
    "NewsConsent",
    "Provider",
    "Quiet",
    "Reader",
    "Suppression",
    "Wish",
    "Wording",
]
