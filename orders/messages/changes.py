"""A change of an order in words: what it was and will be, what it costs, when it comes, and why it cannot be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from orders.models import OrderChange, Payment
from orders.queries.changing import ChangePlan
from orders.rules.changing import Settling, Why
from orders.rules.given import Given
from orders.rules.guard import Change
from shop.models import Variant
from shop.operations.stock import SoldOut
from shop.rules import wording
from shop.rules.money import Money

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

WHY: Mapping[Why, _StrPromise] = {
    Why.NOTHING: gettext_lazy("Nothing is different from what you ordered. Choose another size or number first."),
    Why.EMPTY: gettext_lazy("Something has to stay. To end the whole order, cancel it on its page."),
    Why.BEGUN: gettext_lazy("We have begun to pack, so the pieces cannot be changed any more. You can send them back."),
    Why.SENT: gettext_lazy(
        "What a parcel holds that has left us would cost something else then, so a person has to look at this. Please"
        " write to us."
    ),
    Why.MISSING: gettext_lazy("A piece of this order was missing, so a person has to look at it. Please write to us."),
    Why.PARCELS: gettext_lazy("It travels in several parcels, so a person has to look at this. Please write to us."),
    Why.GONE_BACK: gettext_lazy("Some of its money has gone back already, so a person has to look at it. Write to us."),
    Why.PROMOTION: gettext_lazy(
        "Something was taken off the price of this order. Here you can swap what costs the same; for anything else"
        " write to us, and we work it out with you."
    ),
    Why.OFFER_GONE: gettext_lazy("Somebody else used the rest of an offer meanwhile, so the sum differs. Look again."),
    Why.TOO_LITTLE: gettext_lazy("The difference is less than a card can pay. Choose something else, or write to us."),
    Why.OTHER_LINE: gettext_lazy("This cannot be had instead. Look at the list once more."),
    Why.MADE: gettext_lazy("It is made for you already, so it cannot become another one. You can send it back."),
    Why.CREDIT: gettext_lazy("This order is paid with store credit. Choose what costs no more, or write to us."),
    Why.BEING_PAID: gettext_lazy("A change of this order is being paid. Finish it, or leave it, first."),
    Why.SAME: gettext_lazy("Nothing is different from what stands on your order. Change something first."),
    Why.LEFT: gettext_lazy("A parcel has left us, so nothing can be changed here any more. Please write to us."),
    Why.NO_HOURS: gettext_lazy("The courier does not come in these hours. Choose others."),
    Why.HOURS_PRICE: gettext_lazy("These hours cost something else, so a person has to look at it. Write to us."),
    Why.NO_DAY: gettext_lazy("The courier comes on none of these days. Choose another one."),
    Why.NO_DATE: gettext_lazy("We cannot say when that would arrive, so we do not promise it. Please write to us."),
}


@dataclass(frozen=True)
class Row:
    """One line: as it was, as it will be (empty: taken out), and what it costs then."""

    before: str
    after: str
    price: str


@dataclass(frozen=True)
class Preview:
    """A change as a page or a letter shows it."""

    rows: tuple[Row, ...]
    delivery: str
    old_total: str
    new_total: str
    tax: str
    money: str
    arrives: str
    crises: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()


def preview(plan: ChangePlan) -> Preview:
    """Return a planned change in words.  No query."""
    currency, fee = plan.order.currency, plan.totals.delivery_minor
    rows = [
        Row(
            _pieces(after.line.quantity, after.line.title, after.line.options_label),
            _pieces(after.pieces, after.line.title, after.variant.label) if after.pieces else "",
            _money(after.priced.paid_minor, currency) if after.pieces else "",
        )
        for after in plan.changed
    ]
    return Preview(
        rows=tuple(rows),
        delivery=_money(fee, currency) if fee else _("free"),
        old_total=_money(plan.order.total_minor, currency),
        new_total=_money(plan.totals.total_minor, currency),
        tax=_money(plan.totals.tax_minor, currency),
        money=money_words(plan.settling, plan.payment),
        arrives=arrives(plan.days, longer=plan.later is not None),
        offers=tuple(_offer(one, currency) for one in plan.given),
    )


def _offer(one: Given, currency: str) -> str:
    """Say what a promotion of the order gives after the change."""
    told = {"name": one.used.name, "minimum": _money(one.used.minimum_minor, currency)}
    if not one.falls:
        return offer_made(one.used.name, one.used.saved_minor, one.saved_minor, currency)
    if not one.used.minimum_minor:
        return _("“%(name)s” gives nothing any more and falls away.") % told
    if one.used.by_voucher:
        return _("“%(name)s” holds from %(minimum)s of goods on: it falls away, and its voucher is yours again.") % told
    return _("“%(name)s” holds from %(minimum)s of goods on, so it falls away.") % told


def offer_made(name: str, before_minor: int, now_minor: int, currency: str) -> str:
    """Say what a promotion saves her since a change; nothing any more when it fell away."""
    told = {"name": name, "before": _money(before_minor, currency), "now": _money(now_minor, currency)}
    if not now_minor:
        return _("“%(name)s” does not count any more.") % told
    if now_minor == before_minor:
        return _("“%(name)s” stays: you save %(now)s.") % told
    return _("“%(name)s” saves you %(now)s now; it was %(before)s.") % told


def offers_made(change: OrderChange, currency: str) -> tuple[str, ...]:
    """Return what an applied change made of the promotions, in words.  No query."""
    return tuple(offer_made(name, before, now, currency) for name, before, now in change.offers)


def arrives(days: tuple[date, date], *, longer: bool) -> str:
    """Say when a changed order arrives."""
    told = {"days": wording.day_range(*days, _language())}
    if longer:
        return _("It takes us longer, so it arrives %(days)s.") % told
    return _("It arrives as promised: %(days)s.") % told


def made(change: OrderChange, currency: str) -> tuple[Row, ...]:
    """Return an applied change in words, as it was written down.  No query."""
    after = {row["line_id"]: row for row in change.after}
    return tuple(
        Row(
            _pieces(row["quantity"], row["title"], row["options"]),
            _stored(after.get(row["line_id"])),
            _money(after[row["line_id"]]["gross_minor"], currency) if row["line_id"] in after else "",
        )
        for row in change.before
    )


def difference(change: OrderChange, payment: Payment) -> str:
    """Say what became of the difference of an applied change."""
    minor, currency = change.new_total_minor - change.old_total_minor, payment.currency
    if not minor:
        return _("It costs the same.")
    if minor < 0:
        return _("%(amount)s less. What you have paid too much goes back the way it came.") % {
            "amount": _money(-minor, currency)
        }
    return (
        _more(minor, payment)
        if payment.open_minor
        else _("The difference of %(amount)s is paid.") % {"amount": _money(minor, currency)}
    )


def money_words(money: Settling, payment: Payment) -> str:
    """Say what is to pay or to get back."""
    currency = payment.currency
    if money.back_minor:
        return _("You get %(amount)s back, the way you paid.") % {"amount": _money(money.back_minor, currency)}
    if money.pay_minor:
        return _more(money.pay_minor, payment)
    return _("There is nothing to pay and nothing to get back.")


def _more(minor: int, payment: Payment) -> str:
    told = {"amount": _money(minor, payment.currency)}
    if payment.provider == Payment.Provider.BANK_TRANSFER:
        return _("You pay %(amount)s more, by transfer; we write to which account.") % told
    if payment.provider == Payment.Provider.CASH_ON_DELIVERY:
        return _("You pay %(amount)s more, at the door.") % told
    return _("You pay %(amount)s more, by card.") % told


def differs(change: Change, currency: str) -> list[str]:
    """Say what is different from what the page showed a moment ago."""
    said = []
    if change.total_minor:
        before, now = (_money(minor, currency) for minor in change.total_minor)
        said.append(_("The new total was %(before)s and is now %(now)s.") % {"before": before, "now": now})
    if change.deliver_by_on:
        before, now = (wording.day(on, _language()) for on in change.deliver_by_on)
        told = {"before": before, "now": now}
        said.append(_("It would have arrived by %(before)s; now it arrives by %(now)s.") % told)
    return [*said, _("Nothing has been changed or charged. If this is fine with you, press the button again.")]


def sold_out(refusal: SoldOut, forms: Mapping[int, Sequence[Variant]], titles: Mapping[int, str]) -> str:
    """Say what is left of what she wants.  `forms` and `titles` are by product."""
    names = {row.pk: f"{titles[product]}, {row.label}".rstrip(", ") for product, rows in forms.items() for row in rows}
    return " ".join(_left(short.available, names.get(short.variant_id, "")) for short in refusal.shortages)


def _left(pieces: int, piece: str) -> str:
    if not pieces:
        return _("%(piece)s has just been sold out.") % {"piece": piece}
    said = ngettext("Only %(left)d more of %(piece)s is left.", "Only %(left)d more of %(piece)s are left.", pieces)
    return said % {"left": pieces, "piece": piece}


def form_label(form: Variant, *, unit_minor: int, today_minor: int, currency: str) -> str:
    """Name a form of a thing, with what it costs more or less than the one she has."""
    apart = max(unit_minor + form.price_minor - today_minor, 0) - unit_minor
    name = form.label or form.sku
    if apart > 0:
        return _("%(form)s, %(amount)s more") % {"form": name, "amount": _money(apart, currency)}
    if apart < 0:
        return _("%(form)s, %(amount)s less") % {"form": name, "amount": _money(-apart, currency)}
    return name


def _stored(row: dict[str, Any] | None) -> str:
    return _pieces(row["quantity"], row["title"], row["options"]) if row else ""


def _pieces(quantity: int, title: str, options: str) -> str:
    return f"{quantity} × " + ", ".join(filter(None, [title, options]))


def _money(minor: int, currency: str) -> str:
    return wording.money(Money(minor, currency), _language())


def _language() -> str:
    return get_language() or "en"
