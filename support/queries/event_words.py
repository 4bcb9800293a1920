"""What happened to an order, in the words an agent reads beside a conversation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

_WORDS = {
    "orders.order.placed": _("ordered"),
    "orders.payment.received": _("paid"),
    "orders.order.cancelled": _("cancelled"),
    "orders.refund.granted": _("refund granted"),
    "orders.refund.sent": _("refund sent"),
    "orders.parcel.packed": _("packed"),
    "orders.parcel.scan-noted": _("news noted by hand"),
    "orders.parcel.ready-to-collect": _("waits to be collected"),
    "orders.parcel.split": _("split: a part goes first"),
    "orders.parcel.handed-over": _("handed to the courier"),
    "orders.parcel.out-for-delivery": _("in the van"),
    "orders.parcel.attempt-failed": _("the courier met nobody"),
    "orders.parcel.address-unclear": _("the courier does not know the address"),
    "orders.parcel.delivered": _("delivered"),
    "orders.parcel.came-back": _("came back to us"),
    "orders.order.delayed": _("later than promised, new date given"),
    "orders.parcel.stuck": _("is stuck, found by our own look"),
    "orders.parcel.looked-after": _("somebody looked after the stuck parcel"),
    "orders.arrival.asked": _("asked whether all is well"),
    "orders.arrival.happy": _("says that all is well"),
    "orders.arrival.not-quite": _("says that something is not right"),
    "orders.review.invited": _("asked for a review"),
    "orders.order.incident-told": _("told of a crisis"),
    "orders.order.incident-told-again": _("told news of a crisis"),
    "orders.order.incident-over": _("told that a crisis is over"),
    "orders.order.pieces-missing": _("pieces are missing, asked what she likes"),
    "orders.order.missing-chosen": _("chose about missing pieces"),
    "orders.order.missing-arrived": _("missing pieces are here"),
    "orders.parcel.delayed": _("one parcel later, new day given"),
    "orders.order.eta-changed": _("another day within the promise"),
    "orders.note.written": _("a note was written"),
    "orders.order.changed": _("sizes or pieces changed"),
    "orders.change.offered": _("a change was sent to her to be paid"),
    "orders.order.delivery-changed": _("address or days changed"),
    "orders.delay.decided": _("chose what to do about the delay"),
    "orders.delay.unanswered": _("did not answer about the delay"),
    "orders.line.swapped": _("takes something else instead"),
    "returns.case.requested": _("return asked for"),
    "returns.case.approved": _("return agreed"),
    "returns.case.declined": _("return declined"),
    "returns.case.received": _("return came back"),
    "returns.case.settled": _("return settled"),
    "returns.withdrawal.declared": _("withdrew from the contract"),
    "returns.withdrawal.settled": _("withdrawal dealt with"),
    "notifications.silence.broken": _("told where it stands"),
    "notifications.message.failed": _("a mail could not be delivered"),
    "notifications.address.closed": _("we write no more to this address"),
}


def event_words(name: str) -> str:
    """Return an event's name in words; one nobody translated keeps its last parts: `order found`."""
    if name in _WORDS:
        return str(_WORDS[name])
    return " ".join(name.split(".")[1:]).replace("-", " ")
