"""Money in the admin: read the ledger, give back, note what was paid out by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django import forms
from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from orders.admin.refund_words import amount as _amount
from orders.admin.refund_words import refused, what_can_go_back, where_it_is
from orders.models import Cart, CreditEntry, Payment, PaymentEvent, RefundGrant, RefundItem, StoreCredit
from orders.operations.approving import (
    BelongsToReturn,
    NotAllowed,
    NotAsked,
    SamePerson,
    approve_refund,
    refuse_refund,
)
from orders.operations.paying_out import BankHasIt, NotByHand, settle_by_hand
from orders.operations.refunding import NothingToRefund, grant_refund
from orders.queries.sent_back import left_to_send
from shop.admin.base import Button, OperationButtons, Pressed, ReadOnlyAdmin, RowsInline
from shop.rules import wording
from shop.rules.money import Money, exponent

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest


class SettledForm(forms.Form):
    """A refund a person paid out."""

    use_required_attribute = False

    reference = forms.CharField(
        label=_lazy("The bank's reference"),
        max_length=100,
        error_messages={"required": _lazy("Enter the reference of the transfer you made.")},
    )


class RefundForm(forms.Form):
    """Money somebody decides to give back outside a return."""

    use_required_attribute = False

    amount = forms.DecimalField(
        label=_lazy("Amount"),
        max_digits=9,
        decimal_places=2,
        min_value=Decimal("0.01"),
        error_messages={"required": _lazy("Enter the amount to give back, like 12.50.")},
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    reason = forms.CharField(
        label=_lazy("Reason"),
        max_length=200,
        error_messages={"required": _lazy("Enter why; the shopper reads it.")},
    )
    destination = forms.ChoiceField(
        label=_lazy("Where to"),
        choices=RefundGrant.Destination.choices,
        initial=RefundGrant.Destination.ORIGINAL,
        required=False,
    )
    # One a page: the button pressed twice gives back once.
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class _LookOnly(RowsInline):
    """Rows to read below another one."""

    extra = 0
    max_num = 0
    can_delete = False
    brings: tuple[str, ...] = ("payment",)  # its currency says how a sum is written

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Refuse: operations write these rows."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Bring along what every row names."""
        return super().get_queryset(request).select_related(*self.brings)


class EventInline(_LookOnly):
    """The ledger of one payment."""

    model = PaymentEvent
    fields = ("happened_at", "kind", "means", "phase", "amount", "provider_ref", "actor", "note")
    readonly_fields = fields
    ordering = ("id",)

    @admin.display(description=_lazy("amount"))
    def amount(self, event: PaymentEvent) -> str:
        """Show how much."""
        return _amount(event.amount_minor, event.payment)


class GrantInline(_LookOnly):
    """The refunds decided for one payment."""

    model = RefundGrant
    fields = ("granted_at", "amount", "destination", "reason", "state", "granted_by", "decided_by", "sent_at")
    readonly_fields = fields
    ordering = ("id",)

    @admin.display(description=_lazy("amount"))
    def amount(self, grant: RefundGrant) -> str:
        """Show how much."""
        return _amount(grant.amount_minor, grant.payment)


class ItemInline(_LookOnly):
    """For what a refund is."""

    model = RefundItem
    fields = ("line", "number", "whole", "amount", "tax")
    readonly_fields = fields
    ordering = ("id",)
    brings = ("grant__payment", "line")

    @admin.display(description=_lazy("amount"))
    def amount(self, item: RefundItem) -> str:
        """Show how much."""
        return _amount(item.amount_minor, item.grant.payment)

    @admin.display(description=_lazy("tax"))
    def tax(self, item: RefundItem) -> str:
        """Show the tax in it."""
        return _amount(item.tax_minor, item.grant.payment)


class CreditInline(_LookOnly):
    """The entries of one account."""

    model = CreditEntry
    fields = ("happened_at", "kind", "amount", "reason", "order", "expires_on", "actor")
    readonly_fields = fields
    ordering = ("id",)
    brings = ("account", "order", "actor")

    @admin.display(description=_lazy("amount"))
    def amount(self, entry: CreditEntry) -> str:
        """Show how much came or went."""
        return wording.money(Money(entry.amount_minor, entry.account.currency), "en")


def give_back(press: Pressed[Payment]) -> str:
    """Decide that money goes back."""
    grant = grant_refund(
        order_id=press.row.order_id,
        amount_minor=int(press.values["amount"].scaleb(exponent(press.row.currency))),
        reason=press.values["reason"],
        origin=f"orders.staff:{press.values['key']}",
        destination=press.values["destination"] or RefundGrant.Destination.ORIGINAL,
        by=press.by,
        at=press.at,
    )
    if grant.state == RefundGrant.State.ASKED:
        return _("%(amount)s is more than one person may give. It goes out when a second one approves it.") % {
            "amount": _amount(grant.amount_minor, press.row)
        }
    return _("%(amount)s will go back. The shopper is told now, and again when it is sent.") % {
        "amount": _amount(grant.amount_minor, press.row)
    }


def note_settled(press: Pressed[RefundGrant]) -> str:
    """Note a refund that was paid out by hand."""
    settle_by_hand(grant_id=press.row.pk, by=press.by, at=press.at, **press.values)
    return _("Noted. The shopper is told that the money was sent.")


def approve(press: Pressed[RefundGrant]) -> str:
    """Agree as the second person."""
    approve_refund(grant_id=press.row.pk, by=press.by, at=press.at)
    return _("Approved. The money goes out, and the shopper is told.")


def refuse(press: Pressed[RefundGrant]) -> str:
    """Let a refund go that waits for a second person."""
    refuse_refund(grant_id=press.row.pk, by=press.by, at=press.at)
    return _("Not approved. Nothing goes out, and the shopper was told nothing.")


def _waits_for_second(grant: RefundGrant) -> bool:
    return grant.state == RefundGrant.State.ASKED


def _waits_for_hand(grant: RefundGrant) -> bool:
    return grant.state in {RefundGrant.State.BY_HAND, RefundGrant.State.FAILED}


@admin.register(Payment)
class PaymentAdmin(OperationButtons, ReadOnlyAdmin):
    """One order's money, with the button to give back.  What came in is noted on the order's page."""

    list_display = ("order", "provider", "due", "received", "refunded")
    list_filter = ("provider",)
    list_select_related = ("order",)
    search_fields = ("order__number", "order__email")
    ordering = ("-id",)
    fields = ("order", "provider", "due", "received", "with_credit", "left", "granted", "refunded", "can_go_back")
    readonly_fields = fields
    inlines = (EventInline, GrantInline)
    buttons = (
        Button(
            "refund",
            _lazy("Give money back"),
            "orders.grant_refund",
            call=give_back,
            form=RefundForm,
            proven=True,
            shown=lambda payment: payment.granted_minor + payment.charged_back_minor < payment.captured_minor,
            refusals={NothingToRefund: refused},
            danger=True,
        ),
    )

    @admin.display(description=_lazy("due"))
    def due(self, payment: Payment) -> str:
        """Show what the order costs."""
        return _amount(payment.due_minor, payment)

    @admin.display(description=_lazy("received"))
    def received(self, payment: Payment) -> str:
        """Show what came in."""
        return _amount(payment.captured_minor, payment)

    @admin.display(description=_lazy("of it with store credit"))
    def with_credit(self, payment: Payment) -> str:
        """Show what store credit paid."""
        return _amount(payment.settled.credit_minor, payment)

    @admin.display(description=_lazy("left to pay"))
    def left(self, payment: Payment) -> str:
        """Show what has not come in yet."""
        return _amount(payment.settled.left_minor, payment)

    @admin.display(description=_lazy("to go back"))
    def granted(self, payment: Payment) -> str:
        """Show what was decided to go back, sent or not."""
        return _amount(payment.granted_minor, payment)

    @admin.display(description=_lazy("refunded"))
    def refunded(self, payment: Payment) -> str:
        """Show what went back."""
        return _amount(payment.refunded_minor, payment)

    @admin.display(description=_lazy("can go back"))
    def can_go_back(self, payment: Payment) -> str:
        """Say how much can go back, or why nothing can."""
        return what_can_go_back(payment)


@admin.register(RefundGrant)
class RefundGrantAdmin(OperationButtons, ReadOnlyAdmin):
    """Refunds decided, sent and waiting for a person."""

    list_display = ("order_number", "amount", "reason", "destination", "state", "granted_at", "sent_at")
    list_filter = ("state",)
    list_select_related = ("payment__order", "granted_by", "decided_by")
    search_fields = ("payment__order__number",)
    ordering = ("-id",)
    fields = (
        *(
            "order_number",
            "amount",
            "left",
            "reason",
            "destination",
            "state",
            "what_now",
            "origin",
            "granted_by",
            "granted_at",
            "decided_by",
        ),
        *("due_at", "attempts", "error", "sent_at"),
    )
    readonly_fields = fields
    inlines = (ItemInline,)
    buttons = (
        Button(
            "approval",
            _lazy("Approve as the second person"),
            "orders.approve_refund",
            call=approve,
            proven=True,
            shown=_waits_for_second,
            refusals={
                SamePerson: _lazy("You decided on this refund yourself, so somebody else has to approve it."),
                NotAsked: _lazy("Somebody was faster: this refund is decided. Nothing was changed."),
                NotAllowed: _lazy("You may not approve refunds any more. Nothing was changed."),
            },
        ),
        Button(
            "refusal",
            _lazy("Do not approve"),
            "orders.grant_refund",
            call=refuse,
            shown=_waits_for_second,
            refusals={
                NotAsked: _lazy("Somebody was faster: this refund is decided. Nothing was changed."),
                NotAllowed: _lazy("Only who decided on it, or who may approve it, can do that."),
                BelongsToReturn: _lazy("The money of a return is owed. It can be approved, not refused."),
            },
            danger=True,
        ),
        Button(
            "settled",
            _lazy("Note that it was paid out"),
            "orders.settle_refund",
            call=note_settled,
            form=SettledForm,
            shown=_waits_for_hand,
            refusals={
                NotByHand: _lazy("This refund is not waiting for anybody: the worker carries it out."),
                BankHasIt: _lazy(
                    "The shopper's bank has taken this money back: paid out, she has it twice. Not noted."
                ),
            },
        ),
    )

    @admin.display(description=_lazy("order"))
    def order_number(self, grant: RefundGrant) -> str:
        """Show whose money it is."""
        return grant.payment.order.number

    @admin.display(description=_lazy("amount"))
    def amount(self, grant: RefundGrant) -> str:
        """Show how much."""
        return _amount(grant.amount_minor, grant.payment)

    @admin.display(description=_lazy("what now"))
    def what_now(self, grant: RefundGrant) -> str:
        """Say where it is, and who does what next."""
        return where_it_is(grant)

    @admin.display(description=_lazy("still to be sent"))
    def left(self, grant: RefundGrant) -> str:
        """Show what a person would have to pay out: parts of it may have gone already."""
        return _amount(left_to_send(grant), grant.payment)


@admin.register(StoreCredit)
class StoreCreditAdmin(OperationButtons, ReadOnlyAdmin):
    """What a shopper has with us."""

    list_display = ("email", "balance", "runs_out_on")
    search_fields = ("email",)
    fields = ("email", "currency", "balance_minor", "runs_out_on")
    ordering = ("email", "id")
    inlines = (CreditInline,)

    @admin.display(description=_lazy("balance"))
    def balance(self, account: StoreCredit) -> str:
        """Show how much."""
        return wording.money(Money(account.balance_minor, account.currency), "en")


@admin.register(Cart)
class CartAdmin(ReadOnlyAdmin):
    """Bags, to help somebody on the phone."""

    list_display = ("id", "customer", "touched_at")
    list_select_related = ("customer",)
    fields = ("customer", "touched_at")
    ordering = ("-touched_at", "-id")
