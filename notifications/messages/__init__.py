"""Every kind of message, one module each, and the register of them."""

from __future__ import annotations

from notifications.messages import (
    account_letters,
    address_question,
    alerts,
    arrival_question,
    campaign,
    change_offered,
    conversation_opened,
    credit_given,
    delivery_changed,
    delivery_failed,
    draft_sent,
    eta_changed,
    greetings,
    incident_declared,
    incident_over,
    incident_updated,
    missing_chosen,
    news_confirm,
    order_cancelled,
    order_changed,
    order_delayed,
    order_expired,
    order_packed,
    order_placed,
    out_for_delivery,
    parcel_delayed,
    parcel_delivered,
    parcel_handed_over,
    payment_received,
    payment_reminder,
    piece_made,
    ready_to_collect,
    refund_granted,
    refund_sent,
    regret,
    return_approved,
    return_declined,
    return_received,
    return_requested,
    return_settled,
    return_withdrawn,
    review_declined,
    review_invitation,
    support_answer,
    tracking_link,
    unavailable,
    where_it_stands,
    withdrawal_receipt,
)
from notifications.messages.kind import Kind, Topic

_MODULES = (
    order_placed,
    payment_received,
    payment_reminder,
    credit_given,
    order_expired,
    piece_made,
    order_packed,
    ready_to_collect,
    parcel_handed_over,
    out_for_delivery,
    delivery_failed,
    address_question,
    parcel_delivered,
    arrival_question,
    order_delayed,
    parcel_delayed,
    unavailable,
    missing_chosen,
    order_changed,
    delivery_changed,
    change_offered,
    draft_sent,
    where_it_stands,
    eta_changed,
    incident_declared,
    incident_updated,
    incident_over,
    order_cancelled,
    refund_granted,
    refund_sent,
    regret,
    return_requested,
    return_approved,
    return_declined,
    return_received,
    return_settled,
    return_withdrawn,
    withdrawal_receipt,
    review_declined,
    review_invitation,
    conversation_opened,
    support_answer,
    tracking_link,
    news_confirm,
    campaign,
)

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (*(module.KIND for module in _MODULES), *account_letters.KINDS, *alerts.KINDS, *greetings.KINDS)
}

# Codes and links to sign in with are for the mailbox alone, and nobody looks for them later.
FOR_THE_MAILBOX = tuple(sorted(kind.name for kind in KINDS.values() if kind.topic in (Topic.ACCOUNT, Topic.STAFF)))


def kinds_of(event_name: str) -> tuple[Kind, ...]:
    """Return the kinds customers hear about an event, in the order of the register."""
    return tuple(kind for kind in KINDS.values() if kind.event == event_name and not kind.for_staff)


def staff_kinds_of(event_name: str) -> tuple[Kind, ...]:
    """Return the kinds staff hear about an event, in the order of the register."""
    return tuple(kind for kind in KINDS.values() if kind.event == event_name and kind.for_staff)


def heard_names(*, for_staff: bool = False) -> tuple[str, ...]:
    """Return the names of all events that call for a message to customers, or to staff; sorted."""
    return tuple(sorted({kind.event for kind in KINDS.values() if kind.for_staff == for_staff}))
