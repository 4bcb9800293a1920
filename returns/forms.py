"""What shoppers and staff type in about a return."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from orders.models import Order, OrderLine
from returns.models import CaseLine, Inspection
from returns.operations.declaring import Statement
from returns.operations.receiving import Finding
from returns.operations.requesting import Asked
from returns.queries.lines import to_be_sent_back
from returns.queries.offers import Exchange, LineOffer

REFUND, EXCHANGE = CaseLine.Resolution.REFUND.value, CaseLine.Resolution.EXCHANGE.value


class LineForm(forms.Form):
    """One line to send back: how many, why, and what she wants for it."""

    use_required_attribute = False

    quantity = forms.TypedChoiceField(
        label=_("How many do you send back?"),
        coerce=int,
        error_messages={
            "required": _("Choose how many pieces you send back."),
            "invalid_choice": _("Choose how many pieces you send back, from those you still have."),
        },
    )
    reason = forms.ChoiceField(
        label=_("Why does it come back?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose a reason; “I would rather not say” is fine."),
            "invalid_choice": _("Choose one of the reasons of the list."),
        },
    )
    detail = forms.CharField(
        label=_("In your own words"),
        help_text=_("What should we know? For example where it is too tight, or what is broken."),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": _("Keep it within 500 characters; write us a mail for more.")},
    )
    outcome = forms.ChoiceField(
        label=_("What would you like?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose money back or a piece in exchange."),
            "invalid_choice": _("Choose money back or a piece in exchange."),
        },
    )
    exchange = forms.ChoiceField(
        label=_("In exchange for"),
        required=False,
        error_messages={
            "invalid_choice": _("Choose again: the piece you wanted in exchange is not to be had any more."),
        },
    )

    def __init__(self, offer: LineOffer, data: Any = None, arrivals: Mapping[int, str] | None = None) -> None:
        """Fill the choices; `arrivals` says by making time when a piece in exchange arrives."""
        self.offer = offer
        line = offer.state.line
        super().__init__(data, prefix=f"line-{line.pk}", initial={"quantity": 1})
        self._fill("quantity", [(number, str(number)) for number in range(1, offer.state.left + 1)])
        self._fill("reason", [(reason.code, gettext(reason.label)) for reason in offer.reasons])
        self._fill("outcome", [(REFUND, gettext("Money back"))])
        if offer.exchanges:
            self._fill("outcome", [(REFUND, gettext("Money back")), (EXCHANGE, gettext("Another one in exchange"))])
            words = [(str(row.variant_id), exchange_words(row, arrivals or {})) for row in offer.exchanges]
            self._fill("exchange", [("", gettext("Choose a piece")), *words])
        if offer.state.left == 1:
            self.fields["quantity"].widget = forms.HiddenInput()

    def _fill(self, name: str, choices: list[tuple[Any, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 -- declared so above
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        """Refuse more pieces in exchange than could be sent."""
        cleaned = super().clean() or {}
        chosen = self._exchange(cleaned)
        if cleaned.get("outcome") == EXCHANGE and chosen is None and "exchange" not in self.errors:
            self.add_error("exchange", gettext("Choose the piece you would like in exchange."))
        if chosen and cleaned.get("quantity", 0) > chosen.free:
            words = gettext("We have only %(free)d of these. Choose fewer, another piece, or money back.")
            self.add_error("exchange", words % {"free": chosen.free})
        return cleaned

    def asked(self) -> Asked:
        """Return what was asked for, once the form is valid."""
        chosen = self.chosen_exchange()
        return Asked(
            order_line_id=self.offer.state.line.pk,
            quantity=self.cleaned_data["quantity"],
            reason=self.cleaned_data["reason"],
            wanted=CaseLine.Resolution.EXCHANGE if chosen else CaseLine.Resolution.REFUND,
            exchange_variant_id=chosen.variant_id if chosen else None,
            detail=self.cleaned_data["detail"],
        )

    def chosen_exchange(self) -> Exchange | None:
        """Return the piece wanted instead, once the form is valid; None for money back."""
        return self._exchange(self.cleaned_data)

    def _exchange(self, cleaned: Mapping[str, Any]) -> Exchange | None:
        if cleaned.get("outcome") != EXCHANGE:
            return None
        by_value = {str(row.variant_id): row for row in self.offer.exchanges}
        return by_value.get(cleaned.get("exchange", ""))


def exchange_words(exchange: Exchange, arrivals: Mapping[int, str]) -> str:
    """Return the words for one piece she may have instead: what it is, and when it arrives."""
    piece = gettext("The same again") if exchange.same else exchange.label
    if exchange.same and exchange.label:
        piece = gettext("The same again (%(options)s)") % {"options": exchange.label}
    stock = gettext("made for you") if exchange.making_days else gettext("in stock")
    arrives = arrivals.get(exchange.making_days)
    if not arrives:
        return gettext("%(piece)s: %(stock)s") % {"piece": piece, "stock": stock}
    return gettext("%(piece)s: %(stock)s, arrives %(days)s") % {"piece": piece, "stock": stock, "days": arrives}


class FindingForm(forms.Form):
    """What came of one case line."""

    use_required_attribute = False

    quantity = forms.TypedChoiceField(label=_("Pieces that came"), coerce=int)
    condition = forms.ChoiceField(
        label=_("Condition"),
        choices=[row for row in Inspection.Condition.choices if row[0] != Inspection.Condition.MISSING],
    )
    disposition = forms.ChoiceField(
        label=_("Goes"),
        choices=[row for row in Inspection.Disposition.choices if row[0] != Inspection.Disposition.NOWHERE],
    )
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    def __init__(self, line: CaseLine, data: Any = None, **initial: str) -> None:
        self.line = line
        super().__init__(data, prefix=f"line-{line.pk}", initial={"quantity": line.quantity, **initial})
        self._offer(range(line.quantity, -1, -1))

    def _offer(self, numbers: Iterable[int]) -> None:
        quantity = self.fields["quantity"]
        assert isinstance(quantity, forms.ChoiceField)  # noqa: S101 -- declared so above
        quantity.choices = [(number, str(number)) for number in numbers]

    def finding(self) -> Finding:
        """Return what was found, once the form is valid."""
        return Finding(**self.cleaned_data)


class GiftForm(FindingForm):
    """How many of a free gift came along; mostly none."""

    def __init__(self, gift: OrderLine, left: int, data: Any = None) -> None:
        self.gift = gift
        forms.Form.__init__(self, data, prefix=f"gift-{gift.pk}", initial={"quantity": 0})
        self._offer(range(left + 1))


class DeclineForm(forms.Form):
    """Why a return is declined; the shopper reads it as it stands."""

    reason = forms.CharField(
        label=_("Why not, in words the shopper reads"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say why: the shopper reads this sentence.")},
    )


class WithdrawalForm(forms.Form):
    """Who withdraws from which contract, and where the receipt goes.  No reason is asked for."""

    use_required_attribute = False

    order_number = forms.CharField(
        label=_("Order number"),
        max_length=40,
        help_text=_("It is in every mail about your order, like KP-2041-7736."),
        widget=forms.TextInput(attrs={"class": "code", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "required": _("Enter your order number, like KP-2041-7736"),
            "max_length": _("An order number is shorter, like KP-2041-7736."),
        },
    )
    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={
            "required": _("Tell us your name, so that we know who withdraws."),
            "max_length": _("Shorten your name to 120 letters."),
        },
    )
    email = forms.EmailField(
        label=_("E-mail address for the receipt"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
        error_messages={
            "required": _("Tell us where the receipt goes."),
            "invalid": _("Enter an e-mail address, like ana@example.com."),
        },
    )
    pieces = forms.CharField(
        label=_("Only some pieces? Say which"),
        required=False,
        max_length=500,
        help_text=_("Leave it empty to withdraw from the whole order."),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": _("Name the pieces in 500 letters; their names are enough.")},
    )
    units = forms.MultipleChoiceField(
        label=_("What do you withdraw from?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Tick at least one piece."),
            "invalid_choice": _("Tick pieces of this order."),
        },
    )

    def __init__(self, *args: Any, order: Order | None = None, **kwargs: Any) -> None:
        """Ask for what we do not know: of an order that is known, only who and which pieces."""
        super().__init__(*args, **kwargs)
        self._number = order.number if order else ""
        self._lines = {line.pk: line for line in order.lines.order_by("id") if to_be_sent_back(line)} if order else {}
        if order:
            del self.fields["order_number"], self.fields["pieces"]
            self.fields["units"].choices = self._choices()  # type: ignore[attr-defined]  # a choice field
        else:
            del self.fields["units"]

    @property
    def units_of_order(self) -> list[str]:
        """Return every choice, for ticking them all at first."""
        return [value for value, _label in self._choices()]

    def clean_name(self) -> str:
        """Keep a name on one line: it stands in mails."""
        return " ".join(self.cleaned_data["name"].split())

    def clean_order_number(self) -> str:
        """Write a number as we do."""
        return " ".join(self.cleaned_data["order_number"].split()).upper()

    def statement(self, *, locale: str) -> Statement:
        """Return what is stated, once the form is valid."""
        said = self.cleaned_data
        number = self._number or said["order_number"]
        return Statement(number, said["name"], said["email"], self._pieces(), locale, self._counts())

    def _pieces(self) -> str:
        if "units" not in self.fields:
            return " ".join(str(self.cleaned_data["pieces"]).split())
        ticked = self.cleaned_data["units"]
        if set(ticked) == set(self.units_of_order):
            return ""
        return "; ".join(f"{count} × {_named(self._lines[pk])}" for pk, count in self._counts().items())

    def _counts(self) -> dict[int, int]:
        """Return how many pieces of each line are ticked; nothing where pieces are written about."""
        ticked = self.cleaned_data.get("units", [])
        counts = {pk: sum(value.partition("-")[0] == str(pk) for value in ticked) for pk in self._lines}
        return {pk: count for pk, count in counts.items() if count}

    def _choices(self) -> list[tuple[str, str]]:
        return [
            (f"{line.pk}-{n}", _named(line))
            for line in self._lines.values()
            for n in range(1, line.quantity - line.qty_returned + 1)
        ]


def _named(line: OrderLine) -> str:
    return ", ".join(part for part in (line.title, line.options_label) if part)
