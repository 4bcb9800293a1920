"""Why a message was held back, in the words staff read."""

from __future__ import annotations

from django.utils.translation import gettext

from notifications.messages.words import local_day
from notifications.rules import standing
from notifications.rules.frequency import Verdict


def reason_text(code: str) -> str:
    """Return the sentence for a reason code of notifications.rules.standing."""
    return {
        standing.ORDER_CANCELLED: gettext("The order was cancelled meanwhile."),
        standing.PAID_OR_GONE: gettext("It was paid meanwhile, or the order has ended."),
        standing.PARCEL_CANCELLED: gettext("The parcel was cancelled meanwhile."),
        standing.PARCEL_PACKED: gettext("It is packed meanwhile; newer news says so."),
        standing.PARCEL_MOVED_ON: gettext("The parcel has left meanwhile; newer news says so."),
        standing.PARCEL_ARRIVED: gettext("It has arrived meanwhile."),
        standing.NOT_DELIVERED: gettext("The arrival was taken back."),
        standing.NEWER_DATE: gettext("A newer date stands; its own notice says so."),
        standing.DAY_PASSED: gettext("The day it spoke of has passed."),
        standing.ALREADY_CHOSEN: gettext("The shopper has chosen already."),
        standing.REFUND_SENT: gettext("The money has gone out meanwhile; its own notice says so."),
        standing.RETURN_MOVED_ON: gettext("The return has moved on; newer news says so."),
        standing.CONSENT_GONE: gettext("She took back that we may write this."),
        standing.TOLD_SINCE: gettext("She heard of us in another message meanwhile."),
        standing.MATTER_MOVED_ON: gettext("What it speaks of has moved on since."),
        standing.CAMPAIGN_STOPPED: gettext("The campaign was stopped."),
        standing.NEWS_ANSWERED: gettext("The question was answered meanwhile, or its week is over."),
        standing.STOPPED_WAITING: gettext("She does not want to hear of it any more."),
        standing.TALKS_WITH_US: gettext("She talks with us about the order already."),
        standing.ALREADY_ANSWERED: gettext("A person has answered meanwhile."),
    }[code]


def too_often(verdict: Verdict) -> str:
    """Say that a mail nobody asked for is dropped, because we wrote of our own accord lately."""
    return gettext("We wrote to her of our own accord lately; the next such mail may go on %(day)s.") % {
        "day": local_day(verdict.opens_at)
    }


def waits_for_its_turn(verdict: Verdict) -> str:
    """Say that a mail nobody asked for waits, because we wrote of our own accord lately."""
    return gettext("It waits until %(day)s: we wrote to her of our own accord lately.") % {
        "day": local_day(verdict.opens_at)
    }
