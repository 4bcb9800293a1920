"""What staff can do with an order as a whole: note its money, end it."""

from __future__ import annotations

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from orders.forms import PaymentForm
from orders.forms.noting import CreditForm, NoteForm
from orders.models import Order
from orders.operations.cancelling import TooLate, cancel_order
from orders.operations.credit import TooGenerous, give_gift
from orders.operations.deciding import NothingToDecide, keep_waiting
from orders.operations.noting import write_note
from orders.operations.paying import AmountRefused, NothingExpected, ReferenceUsed, note_payment_received
from orders.queries.delays import open_delay
from orders.rules.payment import BY_HAND
from shop.admin.base import Button, Pressed
from shop.rules import wording
from shop.rules.money import Money, exponent


def note_payment(press: Pressed[Order]) -> str:
    """Note money that came in."""
    minor = int(press.values["amount"].scaleb(exponent(press.row.currency)))
    event = note_payment_received(
        order_id=press.row.pk, amount_minor=minor, reference=press.values["reference"], by=press.by, at=press.at
    )
    amount = wording.money(Money(event.amount_minor, press.row.currency), get_language() or "en")
    return _("%(amount)s is noted. The shopper gets the news by mail.") % {"amount": amount}


def waits(press: Pressed[Order]) -> str:
    """Note on the phone that she waits for the new date."""
    keep_waiting(order_id=press.row.pk, by=press.by, at=press.at)
    return _("Noted with your name: she waits for the new date.")


def write(press: Pressed[Order]) -> str:
    """Write a note for colleagues."""
    write_note(order_id=press.row.pk, by=press.by, at=press.at, **press.values)
    return _("Your note stands on this page, for colleagues only.")


def give(press: Pressed[Order]) -> str:
    """Give store credit to whoever ordered."""
    order, values = press.row, press.values
    give_gift(
        order_id=order.pk,
        amount_minor=int(values["amount"].scaleb(exponent(order.currency))),
        reason=values["reason"],
        key=str(values["key"]),
        by=press.by,
        at=press.at,
    )
    return _("The store credit is given. The shopper gets the news by mail.")


def cancel(press: Pressed[Order]) -> str:
    """End an order for a shopper who asked for it."""
    cancel_order(order_id=press.row.pk, by=press.by, at=press.at)
    return _("The order is cancelled, its pieces are free again, and what was paid goes back.")


def _waits_for_money(order: Order) -> bool:
    waiting = order.payment_status in {Order.Paid.PENDING, Order.Paid.ON_DELIVERY}
    return waiting and order.payment.provider in BY_HAND


ORDER_BUTTONS = (
    Button(
        "payment",
        gettext_lazy("Note the payment"),
        "orders.note_payment",
        call=note_payment,
        form=PaymentForm,
        shown=_waits_for_money,
        refusals={
            AmountRefused: gettext_lazy("That is not what is still open. Look at the statement and the sum again."),
            ReferenceUsed: gettext_lazy("This reference was noted before with another amount. Nothing was changed."),
            NothingExpected: gettext_lazy("No money is expected by hand for this order."),
        },
    ),
    Button(
        "waits",
        gettext_lazy("She waits for the new date"),
        "orders.note_decision",
        call=waits,
        shown=lambda order: open_delay(order.pk) is not None,
        refusals={NothingToDecide: gettext_lazy("That was settled before. Nothing was changed.")},
    ),
    Button("note", gettext_lazy("Write a note"), "orders.write_note", call=write, form=NoteForm, folded=True),
    Button(
        "credit",
        gettext_lazy("Give store credit"),
        "orders.issue_credit",
        call=give,
        form=CreditForm,
        proven=True,
        refusals={
            TooGenerous: gettext_lazy(
                "That is more than one person may give. Refund it instead: then a second person looks at it."
            )
        },
        folded=True,
    ),
    Button(
        "cancellation",
        gettext_lazy("Cancel the order"),
        "orders.cancel_order",
        call=cancel,
        shown=lambda order: order.status == Order.Status.PLACED and order.fulfilment_status == Order.Fulfilment.OPEN,
        refusals={TooLate: gettext_lazy("Packing has begun, so it cannot be cancelled any more. Offer a return.")},
        danger=True,
    ),
)
