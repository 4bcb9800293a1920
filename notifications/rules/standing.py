"""How things stand when a message is about to go out, and whether it would still be true.

Each test returns a reason code, or an empty text when the message may go.  Pure: the facts are loaded by
notifications.queries.standing.  Source: reliability reference T23, T24 (nothing stale, nothing contradictory).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Standing:
    """What the tables say now about the things one message speaks of; empty where it speaks of none."""

    today: date
    happened_on: date
    order_status: str = ""
    order_payment: str = ""
    order_fulfilment: str = ""
    parcel_status: str = ""
    newest_promise_id: int | None = None
    promise_id: int | None = None
    refund_state: str = ""
    case_status: str = ""
    answered: bool = False
    nothing_missing: bool = False
    arrival_state: str = ""
    talks: bool = False
    stopped_waiting: bool = False
    consent_gone: bool = False
    news_answered: bool = False
    campaign_state: str = ""
    told_since: bool = False
    matter_moved_on: bool = False
    over: bool = False


Test = Callable[[Standing], str]

ORDER_CANCELLED = "order-cancelled"
PAID_OR_GONE = "paid-or-gone"
PARCEL_CANCELLED = "parcel-cancelled"
PARCEL_MOVED_ON = "parcel-moved-on"
PARCEL_PACKED = "parcel-packed"
PARCEL_ARRIVED = "parcel-arrived"
NOT_DELIVERED = "not-delivered"
NEWER_DATE = "newer-date"
DAY_PASSED = "day-passed"
REFUND_SENT = "refund-sent"
RETURN_MOVED_ON = "return-moved-on"
ALREADY_ANSWERED = "already-answered"
ALREADY_CHOSEN = "already-chosen"
TALKS_WITH_US = "talks-with-us"
CONSENT_GONE = "consent-gone"
STOPPED_WAITING = "stopped-waiting"
NEWS_ANSWERED = "news-answered"
CAMPAIGN_STOPPED = "campaign-stopped"
TOLD_SINCE = "told-since"
MATTER_MOVED_ON = "matter-moved-on"


def always(now: Standing) -> str:
    """Hold nothing back: the message stays true whatever happens."""
    return ""


def while_unpaid(now: Standing) -> str:
    """Hold back what a payment, or the end of the order, makes untrue."""
    waits = now.order_status in {"placing", "placed"} and now.order_payment in {"", "pending"}
    return "" if waits else PAID_OR_GONE


def while_not_cancelled(now: Standing) -> str:
    """Hold back what an order cancelled meanwhile makes untrue."""
    return ORDER_CANCELLED if now.order_status == "cancelled" else ""


def while_nothing_is_new(now: Standing) -> str:
    """Let `where it stands` go while no other word went out and what it speaks of is as it was.

    One written before the order arrived speaks of its way, too (`over` is not set).
    """
    if now.told_since:
        return TOLD_SINCE
    if now.matter_moved_on:
        return MATTER_MOVED_ON
    if now.over:
        return ""
    return while_not_cancelled(now) or (PARCEL_ARRIVED if now.order_fulfilment == "delivered" else "")


def while_not_packed(now: Standing) -> str:
    """Let `it is made` go until the parcel is packed: that is told by better news."""
    if reason := _cancelled(now):
        return reason
    return "" if now.parcel_status in ("", "planned") else PARCEL_PACKED


def while_packed(now: Standing) -> str:
    """Let `packed` go while the parcel is still with us: its hand-over is told by better news."""
    if reason := _cancelled(now):
        return reason
    return PARCEL_MOVED_ON if now.parcel_status in ("handed_over", "delivered") else ""


def while_on_its_way(now: Standing) -> str:
    """Let `on its way` go until the parcel has arrived."""
    if reason := _cancelled(now):
        return reason
    return PARCEL_ARRIVED if now.parcel_status == "delivered" else ""


def while_on_its_way_today(now: Standing) -> str:
    """Let `arrives today` go on its own day only."""
    return while_on_its_way(now) or (DAY_PASSED if now.today > now.happened_on else "")


def while_delivered(now: Standing) -> str:
    """Hold back `it has arrived` when the arrival was taken back."""
    return NOT_DELIVERED if now.parcel_status not in ("", "delivered") else ""


def while_date_stands(now: Standing) -> str:
    """Let a delay notice go while its date is the newest and the order is neither cancelled nor delivered."""
    if reason := while_not_cancelled(now):
        return reason
    if now.order_fulfilment == "delivered":
        return PARCEL_ARRIVED
    return NEWER_DATE if now.promise_id != now.newest_promise_id else ""


def while_she_has_to_choose(now: Standing) -> str:
    """Let `something is missing` go until she has chosen about all of it."""
    return while_not_cancelled(now) or (ALREADY_CHOSEN if now.nothing_missing else "")


def while_arrival_is_asked(now: Standing) -> str:
    """Let `is everything right?` go while nobody has said so, and she does not talk with us about it already."""
    if now.talks:
        return TALKS_WITH_US
    return while_not_cancelled(now) or (ALREADY_ANSWERED if now.arrival_state not in ("", "asked") else "")


def while_nothing_is_wrong(now: Standing) -> str:
    """Let an invitation go while she is happy and no case about the order is open."""
    if now.talks:
        return TALKS_WITH_US
    return while_not_cancelled(now) or (ALREADY_ANSWERED if now.arrival_state not in ("", "happy") else "")


def while_refund_waits(now: Standing) -> str:
    """Let `we give your money back` go until the money has gone, which has a notice of its own."""
    return REFUND_SENT if now.refund_state == "sent" else ""


def while_return_is(*statuses: str) -> Test:
    """Return a test that lets a notice about a return go while the case is in one of `statuses`."""

    def test(now: Standing) -> str:
        return "" if now.case_status in statuses else RETURN_MOVED_ON

    return test


def while_unanswered(now: Standing) -> str:
    """Let `we have your message` go until a person has answered."""
    return ALREADY_ANSWERED if now.answered else ""


def while_it_is_the_day(now: Standing) -> str:
    """Let a greeting go on its own day, and only while she still agrees to it."""
    if now.consent_gone:
        return CONSENT_GONE
    return DAY_PASSED if now.today > now.happened_on else ""


def while_it_is_not_stopped(now: Standing) -> str:
    """Let a campaign go until somebody stops it, whatever is queued by then."""
    return CAMPAIGN_STOPPED if now.campaign_state == "stopped" else ""


def while_it_is_asked(now: Standing) -> str:
    """Let `may news come?` go while nobody has answered it and the question is not over."""
    return NEWS_ANSWERED if now.news_answered else ""


def while_she_waits(now: Standing) -> str:
    """Hold back what she does not want to hear of any more, and what she was forgotten with."""
    return STOPPED_WAITING if now.stopped_waiting else ""


def _cancelled(now: Standing) -> str:
    if now.parcel_status == "cancelled":
        return PARCEL_CANCELLED
    return while_not_cancelled(now)
