"""What is printed on invoices and credit notes: gathered when they are issued, put into words when they are printed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from babel import Locale
from babel.dates import format_date
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from orders.messages.label import brought
from orders.models import Document, Order, OrderLine, Parcel, Payment, RefundItem
from orders.queries.address_formats import address_lines
from orders.rules import shares
from shop.messages.languages import known_language
from shop.rules import wording
from shop.rules.money import Money

Part = dict[str, Any]
_NOTHING = {"quantity": 0, "paid_minor": 0, "tax_minor": 0}


def content(order: Order, buyer_lines: list[str], parts: list[Part]) -> dict[str, Any]:
    """Return everything a document holds, as JSON values; amounts in minor units, rates in basis points."""
    return {
        "seller": {
            "name": settings.SHOP_LEGAL_NAME,
            "address": settings.SHOP_ADDRESS,
            "vat_id": settings.SHOP_VAT_ID,
            "register": settings.SHOP_REGISTER,
            "contact": [settings.CARE_EMAIL, settings.CARE_PHONE],
        },
        "buyer": buyer_lines,
        "order": order.number,
        "ordered_on": timezone.localdate(order.placed_at).isoformat(),
        "delivered_to": order.country,
        "paid_by": order.payment.provider,
        "settled": _settled(order),
        "locale": order.locale,
        "parts": parts,
    }


def _settled(order: Order) -> dict[str, int]:
    """Return how the order stands on this day where store credit pays for some of it, else nothing."""
    known = order.payment.settled
    if not known.credit_minor:
        return {}
    return {"credit": known.credit_minor, "otherwise": known.otherwise_minor, "left": known.left_minor}


def parts_of(known: dict[str, Any]) -> list[Part]:
    """Return the lines of a content."""
    return list(known["parts"])


def buyer(order: Order) -> list[str]:
    """Return name and address of who ordered as her country writes them, its code as the last line."""
    return [*address_lines(order), order.country]


def line_part(line: OrderLine, never_sent: int = 0) -> Part:
    """Return one line of an invoice, without pieces that were never sent and are priced at nothing."""
    pieces = line.quantity - never_sent
    return {
        "words": ", ".join(word for word in (line.title, line.options_label) if word),
        "sku": line.sku,
        "quantity": pieces,
        "each_minor": line.unit_minor,
        "was_minor": line.was_minor,
        "discount_minor": max(line.unit_minor * pieces - line.paid_minor, 0),
        "paid_minor": line.paid_minor,
        "tax_minor": line.tax_minor,
        "rate_bp": line.tax_rate_bp,
    }


def delivery_part(order: Order, rate_bp: int, fee_minor: int, tax_minor: int) -> Part:
    """Return the delivery fee at one rate, as a line."""
    return {
        "words": "",  # the word for delivery is written in the reader's language when it is printed
        "sku": "",
        "quantity": 1,
        "each_minor": fee_minor,
        "discount_minor": 0,
        "paid_minor": fee_minor,
        "tax_minor": tax_minor,
        "rate_bp": rate_bp,
    }


def refund_parts(order: Order, items: Iterable[RefundItem]) -> list[Part]:
    """Return the lines of a credit note: pieces of one line together, delivery apart."""
    ordered = sorted(items, key=lambda item: (item.line_id or 0, item.whole, item.tax_rate_bp, item.number))
    parts = []
    for (_line, whole, rate_bp), group in groupby(ordered, key=lambda i: (i.line_id or 0, i.whole, i.tax_rate_bp)):
        known = list(group)
        amount, tax = sum(item.amount_minor for item in known), sum(item.tax_minor for item in known)
        part = delivery_part(order, rate_bp, amount, tax)
        if known[0].line is not None:
            part |= {"words": line_part(known[0].line)["words"], "sku": known[0].line.sku}
            part |= {"quantity": len(known) if whole else 0, "each_minor": 0}
        parts.append(part)
    return [part for part in parts if part["paid_minor"]]


def left_out_parts(order: Order, gone: Iterable[shares.Part]) -> list[Part]:
    """Return the lines of a credit note about pieces that are not paid any more: those of one line together."""
    names = {line.pk: line_part(line) for line in order.lines.order_by("id")}
    parts = []
    for line_id, group in groupby(gone, key=lambda part: part.slot.line_id):
        known = list(group)
        amount, tax = sum(part.amount_minor for part in known), sum(part.tax_minor for part in known)
        part = delivery_part(order, known[0].slot.rate_bp, amount, tax) | {"each_minor": 0, "quantity": len(known)}
        if line_id is not None:
            part |= {"words": names[line_id]["words"], "sku": names[line_id]["sku"]}
        parts.append(part)
    return parts


def differences(invoiced: list[Part], taken_off: list[Part], now: list[Part]) -> tuple[list[Part], bool]:
    """Return what an invoice, less what was taken off it, asks for beyond what the order costs `now`, as lines.

    The second answer says that something costs more now: that no credit note can say.
    """
    left: dict[tuple[str, str, int], Part] = {}
    for sign, parts in ((1, invoiced), (-1, taken_off), (-1, now)):
        for part in parts:
            key = part["sku"], part["words"], part["rate_bp"]
            row = left.setdefault(key, part | {"discount_minor": 0, "each_minor": 0, "was_minor": None} | _NOTHING)
            for name in _NOTHING:
                row[name] += sign * part[name]
    rows = [row for row in left.values() if row["paid_minor"] or row["tax_minor"]]
    more = any(row["paid_minor"] < 0 or row["tax_minor"] < 0 for row in rows)
    return [row | {"quantity": max(row["quantity"], 0)} for row in rows], more


def slip_words(order: Order, parcels: Sequence[Parcel]) -> dict[str, Any]:
    """Return the words of a packing slip: what is in each parcel, what the card says, and no prices."""
    return {
        "lang": _language()[:2],
        "shop": settings.SHOP_NAME,
        "title": _("Packing slip %(number)s") % {"number": order.number},
        "address": _in_words(buyer(order)),
        "head": [_("Pieces"), _("What"), _("Article")],
        "asks": _asked(order),
        "card_label": _("Card:"),
        "card": order.gift_message.splitlines(),
        "note": _for_the_courier(order),
        "thanks": _("Thank you, %(name)s. If anything is not right, write to %(email)s or call %(phone)s.")
        % {"name": order.full_name, "email": settings.CARE_EMAIL, "phone": settings.CARE_PHONE},
        "parcels": [
            {
                "title": _("Order %(number)s, parcel %(n)d of %(total)d")
                % {"number": order.number, "n": parcel.number, "total": len(parcels)},
                "rows": [[str(row.quantity), line_part(row.line)["words"], row.line.sku] for row in parcel.lines.all()],
            }
            for parcel in parcels
        ],
    }


def _asked(order: Order) -> list[str]:
    """Return what she asked of who packs."""
    wrap = [_("To be wrapped as a gift.")] if order.gift_wrap else []
    return [*wrap, *([_("No invoice and no prices into this parcel.")] if order.hide_prices else [])]


def _for_the_courier(order: Order) -> str:
    note = " ".join(filter(None, (brought(order), order.courier_note)))
    return note and _("For the courier: %(note)s") % {"note": note}


def wrong_details() -> str:
    """Say why an invoice is taken back and written again."""
    return _("The details of the buyer were corrected.")


def changed_order() -> str:
    """Say why an invoice is taken back and written again."""
    return _("The order was changed before it was packed.")


def came_back() -> str:
    """Say why an invoice that was never paid is taken back."""
    return _("The parcel came back to us.")


def left_out() -> str:
    """Say why something is taken off an invoice that is not paid yet."""
    return _("A piece was missing, and it is left out.")


def printed(document: Document) -> dict[str, Any]:
    """Return a document in words, in the language of its order: what the template prints as it stands."""
    known = document.content
    with translation.override(known_language(known["locale"])):
        return _printed(document, known)


def _printed(document: Document, known: dict[str, Any]) -> dict[str, Any]:
    back = document.kind == Document.Kind.CREDIT_NOTE
    return {
        "lang": _language()[:2],
        "title": _("Credit note") if back else _("Invoice"),
        "number": document.number,
        "facts": _facts(document, known),
        "seller": [known["seller"]["name"], *known["seller"]["address"]],
        "legal": _legal(known["seller"]),
        "buyer": _in_words(known["buyer"]),
        "buyer_label": _("To"),
        "head": [_("What"), _("Pieces"), _("Each"), _("VAT"), _("Amount")],
        "lines": [_row(part, document.currency) for part in known["parts"]],
        "rates_head": [_("VAT rate"), _("Net"), _("VAT"), _("Gross")],
        "rates": [
            [_percent(rate), _money(net, document), _money(tax, document), _money(gross, document)]
            for rate, net, tax, gross in known["rates"]
        ],
        "total_label": _("Given back") if back else _("Total"),
        "total": _money(document.total_minor, document),
        "paid": [] if back else _paid(document, known),
        "notes": _notes(document, known),
    }


def _paid(document: Document, known: dict[str, Any]) -> list[list[str]]:
    """Return what store credit paid, what came otherwise, and what is left: below the total, which is as it was."""
    sums = known.get("settled")
    if not sums:
        return []
    by = Payment.Provider(known["paid_by"]).label
    otherwise = [[_("Paid by %(means)s") % {"means": by}, _money(-sums["otherwise"], document)]]
    return [
        [_("Paid with store credit"), _money(-sums["credit"], document)],
        *(otherwise if sums["otherwise"] else []),
        [_("Left to pay"), _money(sums["left"], document)],
    ]


def _facts(document: Document, known: dict[str, Any]) -> list[list[str]]:
    facts = [[_("Number"), document.number], [_("Date"), _day(document.issued_on)]]
    if "corrects" in known:
        facts.append([_("Corrects invoice"), known["corrects"]])
    return [
        *facts,
        [_("Order"), known["order"]],
        [_("Ordered on"), _day(date.fromisoformat(known["ordered_on"]))],
    ]


def _notes(document: Document, known: dict[str, Any]) -> list[str]:
    notes = [known["reason"]] if known.get("reason") else []
    if known.get("into_credit"):
        notes.append(
            _("%(amount)s of it into your store credit.")
            % {"amount": _money(min(known["into_credit"], document.total_minor), document)}
        )
    country = _country(known["delivered_to"])
    if document.kind == Document.Kind.INVOICE:
        notes.append(_("The goods are supplied when they are handed to the courier; the date is on the order's page."))
    notes.append(_("All amounts include VAT at the rates of %(country)s, where the goods go.") % {"country": country})
    return notes


def _legal(seller: dict[str, Any]) -> list[str]:
    vat = [_("VAT number %(number)s") % {"number": seller["vat_id"]}] if seller["vat_id"] else []
    return [*vat, *([seller["register"]] if seller["register"] else []), *seller["contact"]]


def _row(part: Part, currency: str) -> list[str]:
    words = part["words"] or _("Delivery")
    if part["sku"]:
        words = f"{words}\n{part['sku']}"
    if part.get("was_minor"):
        words += "\n" + _("each instead of %(was)s") % {
            "was": wording.money(Money(part["was_minor"], currency), _language())
        }
    if part["discount_minor"]:
        taken_off = wording.money(Money(part["discount_minor"], currency), _language())
        words += "\n" + _("%(amount)s taken off") % {"amount": taken_off}
    each = wording.money(Money(part["each_minor"], currency), _language()) if part["each_minor"] else ""
    amount = wording.money(Money(part["paid_minor"], currency), _language())
    return [words, str(part["quantity"] or ""), each, _percent(part["rate_bp"]), amount]


def _in_words(lines: list[str]) -> list[str]:
    """Write a country that stands as a code in the last line by its name."""
    return [*lines[:-1], _country(lines[-1])] if lines and len(lines[-1]) == 2 else lines


def _country(code: str) -> str:
    return str(Locale.parse(_language().replace("-", "_")).territories.get(code, code))


def _percent(rate_bp: int) -> str:
    return f"{wording.decimal(f'{rate_bp / 100:g}', _language())} %"


def _money(minor: int, document: Document) -> str:
    return wording.money(Money(minor, document.currency), _language())


def _day(on: date) -> str:
    return format_date(on, "long", locale=_language().replace("-", "_"))


def _language() -> str:
    return translation.get_language() or settings.LANGUAGE_CODE
