"""Issue invoices and credit notes, each with the next number of its year, and make their PDFs.

Number and document are written in one transaction with the series' row locked: a number that is not used is not taken.
The PDF is made afterwards, by a sweep, from what the document holds.  Source: Directive 2006/112/EC art. 226.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone, translation

from orders.gateways.paper import make_pdf
from orders.messages import papers
from orders.models import Document, DocumentFile, DocumentSeries, Order, OrderLine, Payment, RefundGrant
from orders.queries.exchanged import books_of
from orders.rules.documents import by_rate, invoice_due, number_of
from orders.rules.shares import Part
from shop import doorbell
from shop.models import Event, User
from shop.operations.events import record_event

log = logging.getLogger(__name__)

BATCH = 20
DUE_AT = ("orders.order.placed", "orders.payment.received", "orders.parcel.handed-over", "orders.refund.granted")


class NothingToCorrect(Exception):
    """The order has no invoice, or some of it was given back already: then a person has to look at it."""


@transaction.atomic
def issue_what_is_due(*, order_id: int, at: datetime) -> list[Document]:
    """Issue the invoice of an order once it is due, and a credit note for each refund; again, nothing happens."""
    order = Order.objects.select_for_update(of=("self",)).select_related("customer").get(pk=order_id)
    invoice = _standing_invoice(order)
    issued = []
    if invoice is None and _due(order):
        invoice = _issue_invoice(order, papers.buyer(order), by=None, at=at)
        issued.append(invoice)
    if invoice is None:
        return []
    open_grants = RefundGrant.objects.filter(payment__order=order, document=None)
    decided = open_grants.exclude(state__in=[RefundGrant.State.ASKED, RefundGrant.State.REFUSED])
    for grant in decided.order_by("id"):
        issued += _issue_credit_note(order, invoice, grant, at)
    return issued


@transaction.atomic
def correct_invoice(*, order_id: int, buyer: list[str], by: User, at: datetime) -> Document:
    """Take an invoice back by a credit note and issue it again with other lines for the buyer (name, VAT number).

    Raises NothingToCorrect.
    """
    order = Order.objects.select_for_update(of=("self",)).select_related("customer").get(pk=order_id)
    wrong = _standing_invoice(order)
    if wrong is None or wrong.corrections.exists():
        raise NothingToCorrect
    _take_back(order, wrong, papers.wrong_details(), by=by, at=at)
    return _issue_invoice(order, buyer, by=by, at=at)


def replace_invoice(order: Order, *, by: User | None, at: datetime) -> None:
    """Take the invoice of an order that was changed back as a whole, and issue it anew when it is due.

    Call with the order locked and rewritten.  Without an invoice there is nothing to do; one of which something was
    taken back already stays as it is, for its credit notes name it.
    """
    old = _standing_invoice(order)
    if old is None or old.corrections.exists():
        return
    with translation.override(order.locale):
        _take_back(order, old, papers.changed_order(), by=by, at=at)
    if _due(order):
        _issue_invoice(order, old.content["buyer"], by=by, at=at)


def take_back_unpaid_invoice(order: Order, *, by: User | None, at: datetime) -> None:
    """Take the invoice of an order that came back unpaid back as a whole; what was paid goes back by its refund.

    Call with the order locked.  One of which something was taken back already is a person's.
    Source: Directive 2006/112/EC art. 90 and 219.
    """
    payment = Payment.objects.get(order=order)
    invoice = _standing_invoice(order)
    if invoice is None or payment.kept_minor >= payment.due_minor or invoice.corrections.exists():
        return
    with translation.override(order.locale):
        _take_back(order, invoice, papers.came_back(), by=by, at=at)


def reduce_invoice(order: Order, gone: Iterable[Part], *, by: User | None, at: datetime) -> None:
    """Take off the invoice, by a credit note, pieces that were never sent and are not to be paid any more.

    Call with the order locked and rewritten.  Without an invoice there is nothing to do: it is issued as the order is.
    Source: Directive 2006/112/EC art. 90 and 219.
    """
    invoice = _standing_invoice(order)
    if invoice is None:
        return
    with translation.override(order.locale):
        known = {"corrects": invoice.number, "reason": papers.left_out()}
    parts = papers.left_out_parts(order, gone)
    content = papers.content(order, invoice.content["buyer"], parts) | known
    _write(order, Document.Kind.CREDIT_NOTE, content, by=by, at=at, corrects=invoice)


def bring_invoice_in_line(order: Order, *, by: User | None, at: datetime) -> None:
    """Take off the invoice, by a credit note, what the order does not cost any more.

    Call with the order locked.  Where it costs more now the invoice is replaced; without one there is nothing to do.
    Source: Directive 2006/112/EC art. 90 and 219.
    """
    invoice = _standing_invoice(order)
    if invoice is None:
        return
    corrections = invoice.corrections.filter(grant=None).order_by("id")
    taken_off = [part for correction in corrections for part in papers.parts_of(correction.content)]
    less, more = papers.differences(papers.parts_of(invoice.content), taken_off, _invoice_parts(order))
    if more:
        replace_invoice(order, by=by, at=at)
    elif less:
        with translation.override(order.locale):
            known = {"corrects": invoice.number, "reason": papers.left_out()}
        content = papers.content(order, invoice.content["buyer"], less) | known
        _write(order, Document.Kind.CREDIT_NOTE, content, by=by, at=at, corrects=invoice)


def _take_back(order: Order, wrong: Document, reason: str, *, by: User | None, at: datetime) -> None:
    content = wrong.content | {"corrects": wrong.number, "reason": reason}
    _write(order, Document.Kind.CREDIT_NOTE, content, by=by, at=at, corrects=wrong)


def hear(event: Event) -> None:
    """Issue what an event makes due; the relay marks it done in the same transaction."""
    issue_what_is_due(order_id=event.payload["order_id"], at=timezone.now())


def make_documents(at: datetime) -> int:
    """Make the PDFs that are missing, at most one batch; return how many were made.  Safe to run twice at once."""
    missing = list(Document.objects.filter(file=None).order_by("id")[:BATCH])
    for document in missing:
        pdf = make_pdf("document", papers.printed(document), at=document.issued_at)
        DocumentFile.objects.get_or_create(document=document, defaults={"pdf": pdf})
    return len(missing)


def _due(order: Order) -> bool:
    payment = Payment.objects.get(order=order)
    return invoice_due(
        order_status=order.status,
        captured_minor=payment.kept_minor,
        due_minor=payment.due_minor,
        handed_over=order.lines.filter(qty_handed_over__gt=0).exists(),
    )


def _standing_invoice(order: Order) -> Document | None:
    """Return the invoice that holds: the last one that no credit note took back as a whole."""
    as_a_whole = Document.objects.filter(corrects=OuterRef("pk"), grant=None, total_minor=OuterRef("total_minor"))
    invoices = Document.objects.filter(order=order, kind=Document.Kind.INVOICE)
    return invoices.exclude(Exists(as_a_whole)).order_by("-id").first()


def _issue_invoice(order: Order, buyer: list[str], *, by: User | None, at: datetime) -> Document:
    return _write(order, Document.Kind.INVOICE, papers.content(order, buyer, _invoice_parts(order)), by=by, at=at)


def _invoice_parts(order: Order) -> list[papers.Part]:
    """Return the lines of an invoice.  A piece that was paid stands on it, also one that was paid back and left out."""
    lines = OrderLine.objects.filter(order=order, kind=OrderLine.Kind.SALE).order_by("id")
    never_sent = books_of(order).never_sent
    costs_nothing = {line.pk: min(never_sent[line.pk], line.units_paid_minor.count(0)) for line in lines}
    parts = [papers.line_part(line, costs_nothing[line.pk]) for line in lines]
    return parts + [papers.delivery_part(order, rate, fee, tax) for rate, fee, tax in order.delivery_shares]


def _issue_credit_note(order: Order, invoice: Document, grant: RefundGrant, at: datetime) -> list[Document]:
    """Issue the credit note of a refund; money paid beyond the price was on no invoice and is on no credit note."""
    items = grant.items.exclude(line=None, number=0).select_related("line").order_by("id")
    parts = papers.refund_parts(order, items)
    if not parts:
        return []
    content = papers.content(order, invoice.content["buyer"], parts)
    content |= {"corrects": invoice.number, "reason": grant.reason, "into_credit": grant.credit_minor}
    return [_write(order, Document.Kind.CREDIT_NOTE, content, by=None, at=at, corrects=invoice, grant=grant)]


def _write(
    order: Order,
    kind: Document.Kind,
    content: dict[str, object],
    *,
    by: User | None,
    at: datetime,
    corrects: Document | None = None,
    grant: RefundGrant | None = None,
) -> Document:
    parts = papers.parts_of(content)
    rates = by_rate((part["rate_bp"], part["paid_minor"], part["tax_minor"]) for part in parts)
    issued_on = timezone.localdate(at)
    sequence = next_number(kind=kind, year=issued_on.year)
    document = Document.objects.create(
        kind=kind,
        year=issued_on.year,
        sequence=sequence,
        number=number_of(kind=kind, year=issued_on.year, sequence=sequence),
        order=order,
        corrects=corrects,
        grant=grant,
        currency=order.currency,
        total_minor=sum(rate.gross_minor for rate in rates),
        tax_minor=sum(rate.tax_minor for rate in rates),
        content=content | {"rates": [list(rate) for rate in rates]},
        actor=by,
        issued_on=issued_on,
        issued_at=at,
    )
    record_event(
        name="orders.document.issued",
        subject=f"orders.document:{document.pk}",
        order_number=order.number,
        customer=order.customer,
        payload={"order_id": order.pk, "document_id": document.pk, "kind": str(kind)},
        actor=by,
        at=at,
    )
    doorbell.ring("orders.make_documents")
    return document


def next_number(*, kind: str, year: int) -> int:
    """Take the next number of a series: its row stays locked until the document stands or falls."""
    DocumentSeries.objects.get_or_create(kind=kind, year=year)
    series = DocumentSeries.objects.select_for_update().get(kind=kind, year=year)
    series.last_number += 1
    series.save(update_fields=["last_number"])
    return series.last_number
