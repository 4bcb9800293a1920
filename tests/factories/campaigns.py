"""People who asked for news of the shop, groups of them, and campaigns."""

from __future__ import annotations

from datetime import datetime

from notifications.models import Campaign, CustomerGroup, Reader, Wish
from notifications.operations.campaigning import save_campaign, save_group
from tests.factories.shop import StaffFactory

WORDS = {
    "en": ("Spring is here, {{ first_name }}", "Dear {{ first_name }},\n\nwe have thrown new mugs."),
    "de": ("Der Frühling ist da, {{ first_name }}", "Wir haben neue Tassen gedreht."),
}


def asks_for_news(address: str, *, at: datetime, wanted: bool = True) -> Reader:
    """Somebody ticked news of the shop, or took the tick out."""
    reader, _new = Reader.objects.get_or_create(address=address, defaults={"changed_at": at})
    Wish.objects.update_or_create(
        reader=reader, kind="campaign", channel="email", defaults={"wanted": wanted, "changed_at": at}
    )
    return reader


def a_group(*, at: datetime, name: str = "Friends of the shop", **asks: object) -> CustomerGroup:
    """A group that asks for nothing unless told to."""
    group = CustomerGroup(name=name, **asks)
    save_group(group=group, by=StaffFactory(), at=at)
    return group


def a_draft_campaign(*, at: datetime, group: CustomerGroup | None = None, **fields: object) -> Campaign:
    """A campaign in two languages with a button."""
    group = group or CustomerGroup.objects.order_by("id").first() or a_group(at=at)
    campaign = Campaign(**{"name": "Spring", "group": group, "link": "/c/mugs/", **fields})
    save_campaign(campaign=campaign, texts=WORDS, by=StaffFactory(), at=at)
    return campaign
