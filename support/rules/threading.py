"""Which conversation a mail belongs to: an ordered decision with its reason, and never somebody else's thread.

The same guard stands before every step: the sender must be one of the people of that conversation.  A signed address
or a Message-ID can be forwarded; then a new conversation begins, linked for staff, and nothing is disclosed.
Source: support reference 2.3, reliability reference T46 (I7).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a message is where it is; staff read it beside the message."""

    REPLY_ADDRESS = "reply address"
    ORDER_ADDRESS = "reply address of the order"
    REFERENCE = "answers a mail of this thread"
    ORDER_NUMBER = "order number, from its own address"
    OTHER_SENDER = "new: answered from another address"
    CLOSED_LONG_AGO = "new: the old one was closed long ago"
    MANY = "many mails at once: joined the latest"
    NEW = "new"
    CONFIRMED_NUMBER = "from the number she confirmed"
    FORM = "contact form"
    PRODUCT_PAGE = "asked on the page of a piece"
    OPENED_CASE = "we had opened this case before"


@dataclass(frozen=True)
class Thread:
    """A conversation that might be meant, and the addresses (lower case) of its people."""

    conversation_id: int
    people: frozenset[str]
    closed_long_ago: bool = False


@dataclass(frozen=True)
class OrderThread:
    """An order that might be meant, the addresses of its people, and its conversation that is still open, if any."""

    order_id: int
    people: frozenset[str]
    conversation_id: int | None = None


@dataclass(frozen=True)
class Decision:
    """Where the message goes: into a conversation, or into a new one about an order, following another one."""

    reason: Reason
    conversation_id: int | None = None
    order_id: int | None = None
    follows_id: int | None = None


def decide(
    *,
    sender: str,
    addressed: Thread | None = None,
    addressed_order: OrderThread | None = None,
    referenced: Sequence[Thread] = (),
    named_order: OrderThread | None = None,
) -> Decision:
    """Return where a mail of `sender` (lower case) goes.

    `addressed` and `addressed_order` come from a signed reply address, `referenced` from In-Reply-To and References
    (newest first), `named_order` from an order number in the subject.  The first hit wins.
    """
    if addressed is not None:
        return _join(sender, addressed, Reason.REPLY_ADDRESS)
    if addressed_order is not None and sender in addressed_order.people:
        return Decision(Reason.ORDER_ADDRESS, addressed_order.conversation_id, addressed_order.order_id)
    for thread in referenced:
        if sender in thread.people:
            return _join(sender, thread, Reason.REFERENCE)
    if named_order is not None and sender in named_order.people:
        return Decision(Reason.ORDER_NUMBER, named_order.conversation_id, named_order.order_id)
    if addressed_order is not None or referenced:
        return Decision(Reason.OTHER_SENDER, follows_id=referenced[0].conversation_id if referenced else None)
    return Decision(Reason.NEW)


def _join(sender: str, thread: Thread, reason: Reason) -> Decision:
    if sender not in thread.people:
        return Decision(Reason.OTHER_SENDER, follows_id=thread.conversation_id)
    if thread.closed_long_ago:
        return Decision(Reason.CLOSED_LONG_AGO, follows_id=thread.conversation_id)
    return Decision(reason, conversation_id=thread.conversation_id)
