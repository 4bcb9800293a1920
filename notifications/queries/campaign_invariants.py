"""What must always be true of campaigns: nobody without her word, nobody twice, nobody beyond the day's share.

Each of the three is held by the operations already; these see it when it is not, whatever went past them.
Source: issue of the one voice (campaigns); reliability reference T29.
"""

from __future__ import annotations

from django.conf import settings

from shop.invariants import Invariant


def _share_a_day() -> str:
    """Count by the days of the shop's own clock, as the share is counted when it goes out."""
    zone = str(settings.TIME_ZONE).replace("'", "''")
    return f"""
        SELECT 'campaign ' || c.id, count(*) || ' written to on ' || told.day || ', at most ' || c.per_day
        FROM notifications_campaign c
            JOIN LATERAL (
                SELECT (r.told_at AT TIME ZONE '{zone}')::date AS day
                FROM notifications_campaignrecipient r WHERE r.campaign_id = c.id AND r.told_at IS NOT NULL
            ) told ON true
        GROUP BY c.id, told.day HAVING count(*) > c.per_day
        """  # noqa: S608 -- the zone is our own setting, its quotes doubled


CAMPAIGN_INVARIANTS = (
    Invariant(
        "N11",
        "No mail of a campaign was written to somebody who had not asked for news, or went out after she said no.",
        # A word may be said again later, so a yes counts whenever it was said; a no counts from its moment on.  Five
        # minutes: the mail may have been on the line when she said it.
        """
        SELECT 'message ' || m.id, CASE WHEN w.id IS NULL THEN 'nobody there asked for news of the shop'
            ELSE 'she wants none since ' || w.changed_at END
        FROM notifications_message m
            JOIN shop_event e ON e.id = m.event_id AND e.name = 'notifications.campaign.due'
            LEFT JOIN notifications_reader r ON CASE WHEN m.channel = 'email'
                THEN lower(r.address) = lower(m.recipient) ELSE r.text_address = m.recipient END
            LEFT JOIN notifications_wish w ON w.reader_id = r.id AND w.kind = m.kind AND w.channel = m.channel
        WHERE m.state IN ('queued', 'claimed', 'sent', 'bounced') AND m.channel NOT IN ('inbox', 'staff')
            AND m.recipient NOT LIKE '%@erased.invalid'
            AND (w.id IS NULL OR (NOT w.wanted AND (
                w.changed_at < m.created_at OR w.changed_at < m.sent_at - interval '5 minutes')))
        """,
    ),
    Invariant(
        "N12",
        "A campaign has one row and one mail for each address, however the address is spelled.",
        """
        SELECT 'campaign ' || campaign_id, count(*) || ' rows for one address'
        FROM notifications_campaignrecipient GROUP BY campaign_id, lower(address) HAVING count(*) > 1
        UNION ALL
        SELECT 'campaign ' || (e.payload ->> 'campaign_id'), count(*) || ' mails to one address'
        FROM notifications_message m
            JOIN shop_event e ON e.id = m.event_id AND e.name = 'notifications.campaign.due'
        GROUP BY e.payload ->> 'campaign_id', lower(m.recipient), m.channel HAVING count(*) > 1
        """,
    ),
    Invariant("N13", "A campaign writes to no more people a day than its share.", _share_a_day),
    Invariant(
        "N14",
        "No address is asked twice within a week whether news may come, whoever types it.",
        """
        WITH asked AS (
            SELECT m.id, lower(m.recipient) AS address, e.happened_at
            FROM notifications_message m
                JOIN shop_event e ON e.id = m.event_id AND e.name = 'notifications.news.asked'
            WHERE m.state IN ('queued', 'claimed', 'sent', 'bounced') AND m.recipient NOT LIKE '%@erased.invalid'
        )
        SELECT 'message ' || a.id, 'message ' || b.id || ' asked the same address less than a week before'
        FROM asked a JOIN asked b ON b.address = a.address AND b.id < a.id
        WHERE a.happened_at < b.happened_at + interval '7 days'
        """,
    ),
)
