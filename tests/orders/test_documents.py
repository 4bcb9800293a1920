"""Invoices and credit notes: due in time, numbered without a gap, never changed, and a PDF that can be read aloud."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, connection, transaction
from django.test import Client

from orders.gateways.paper import make_pdf
from orders.messages import papers
from orders.models import Document, DocumentFile, DocumentSeries, Order
from orders.operations import documents
from orders.operations.access import issue_link
from orders.operations.cancelling import cancel_order
from orders.operations.documents import NothingToCorrect, correct_invoice, issue_what_is_due, make_documents
from orders.operations.refunding import grant_refund
from orders.rules.documents import Rate, by_rate, invoice_due, number_of
from orders.rules.shares import Pieces
from shop.operations.events import relay_events
from shop.queries.audit import breaches
from tests.factories.bags import ordered
from tests.factories.shop import StaffFactory, VariantFactory


def issued(order: Order, now: datetime) -> list[str]:
    issue_what_is_due(order_id=order.pk, at=now)
    return list(Document.objects.filter(order=order).order_by("id").values_list("number", flat=True))


def test_when_an_invoice_is_due_and_how_it_is_numbered() -> None:
    paid = {"captured_minor": 100, "due_minor": 100}
    assert invoice_due(order_status="placed", handed_over=False, **paid)
    assert invoice_due(order_status="placed", handed_over=True, captured_minor=0, due_minor=100)
    assert not invoice_due(order_status="placed", handed_over=False, captured_minor=99, due_minor=100)
    assert not invoice_due(order_status="declined", handed_over=False, **paid)
    assert number_of(kind="credit_note", year=2026, sequence=7) == "CRN-2026-000007"
    assert by_rate([(600, 106, 6), (2300, 123, 23), (600, 53, 3)]) == [Rate(2300, 100, 23, 123), Rate(600, 150, 9, 159)]


@pytest.mark.django_db
def test_a_paid_order_has_one_invoice_and_each_refund_a_credit_note(now: datetime) -> None:
    order = ordered((VariantFactory(price_minor=1000), 3), at=now)
    line = order.lines.get()

    assert issued(order, now) == issued(order, now) == ["INV-2026-000001"]
    grant_refund(
        order_id=order.pk,
        amount_minor=1000,
        reason="Too small",
        origin="t:1",
        by=None,
        at=now,
        what=Pieces({line.pk: 1}),
    )
    assert issued(order, now) == issued(order, now) == ["INV-2026-000001", "CRN-2026-000001"]
    cancel_order(order_id=order.pk, by=None, at=now)
    issued(order, now)

    invoice, *notes = Document.objects.order_by("id")
    assert (invoice.total_minor, invoice.tax_minor) == (order.total_minor, order.tax_minor)
    assert [(note.total_minor, note.corrects) for note in notes] == [(1000, invoice), (2490, invoice)]
    assert sum(note.tax_minor for note in notes) == order.tax_minor
    assert notes[0].content["parts"][0]["quantity"] == 1
    assert breaches() == []


@pytest.mark.django_db
def test_an_unpaid_order_has_none_until_it_leaves(now: datetime) -> None:
    order = ordered(at=now, provider="cash_on_delivery", payment_token="")

    assert issued(order, now) == []
    order.lines.update(qty_handed_over=1)
    assert issued(order, now) == ["INV-2026-000001"]


@pytest.mark.django_db
def test_the_relay_issues_what_events_make_due(now: datetime) -> None:
    ordered(at=now)

    while relay_events(now):
        pass

    assert Document.objects.count() == 1


@pytest.mark.django_db
def test_a_wrong_buyer_is_set_right_by_a_credit_note_and_a_new_invoice(now: datetime) -> None:
    order, lead = ordered(at=now), StaffFactory()
    with pytest.raises(NothingToCorrect):
        correct_invoice(order_id=order.pk, buyer=["x"], by=lead, at=now)
    issued(order, now)

    fresh = correct_invoice(order_id=order.pk, buyer=["Costa Lda.", "VAT PT999"], by=lead, at=now)

    assert issued(order, now) == ["INV-2026-000001", "CRN-2026-000001", "INV-2026-000002"]
    assert fresh.content["buyer"] == ["Costa Lda.", "VAT PT999"]
    grant_refund(order_id=order.pk, amount_minor=100, reason="x", origin="t:1", by=None, at=now)
    issued(order, now)
    assert Document.objects.latest("id").corrects == fresh
    with pytest.raises(NothingToCorrect):
        correct_invoice(order_id=order.pk, buyer=["x"], by=lead, at=now)
    assert breaches() == []


@pytest.mark.django_db
def test_the_pdf_is_tagged_made_once_and_names_what_the_law_asks_for(now: datetime) -> None:
    order = ordered((VariantFactory(price_minor=1000), 2), at=now, full_name='Ana #strong[Costa] "\\')
    issued(order, now)

    assert [make_documents(now) for _twice in range(2)] == [1, 0]

    pdf = bytes(DocumentFile.objects.get().pdf)
    assert pdf.startswith(b"%PDF-")
    assert b"StructTreeRoot" in pdf
    document = Document.objects.get()
    assert pdf == make_pdf("document", papers.printed(document), at=document.issued_at)
    words = papers.printed(document)
    assert words["buyer"][0] == 'Ana #strong[Costa] "\\'
    assert words["rates"] == [["23 %", "€20.24", "€4.66", "€24.90"]]
    assert words["total"] == "€24.90"


@pytest.mark.django_db
def test_a_document_is_never_changed(now: datetime) -> None:
    issued(ordered(at=now), now)

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Document.objects.update(total_minor=1)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Document.objects.all().delete()


@pytest.mark.django_db
def test_the_shopper_opens_hers_and_nobody_elses(client: Client, now: datetime) -> None:
    order, other = ordered(at=now), ordered(at=now)
    for each in (order, other):
        issued(each, now)
    mine, theirs = Document.objects.order_by("id")
    token = issue_link(order=order, at=datetime(2099, 1, 1, tzinfo=now.tzinfo))
    page = f"/orders/{token}/documents/{mine.number}.pdf"

    assert client.get(page).status_code == 404  # not made yet
    make_documents(now)
    answer = client.get(page)

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Content-Disposition"] == f'attachment; filename="{mine.number}.pdf"'
    assert client.get(f"/orders/{token}/documents/{theirs.number}.pdf").status_code == 404
    assert mine.number.encode() in client.get(f"/orders/{token}/thanks/").content


@pytest.mark.django_db
def test_staff_open_correct_and_print(client: Client, now: datetime) -> None:
    order = ordered(at=now)
    issued(order, now)
    make_documents(now)
    document = Document.objects.get()
    lead = StaffFactory()
    lead.user_permissions.set(
        Permission.objects.filter(codename__in=["view_document", "correct_document", "view_order"])
    )
    client.force_login(lead)

    assert client.get(f"/admin/orders/document/{document.pk}/pdf/")["Content-Type"] == "application/pdf"
    assert client.get(f"/admin/orders/order/{order.pk}/slip.pdf")["Content-Type"] == "application/pdf"
    button = f"/admin/orders/document/{document.pk}/correction/"
    assert client.post(button, {"buyer": ""}).status_code == 422
    assert client.post(button, {"buyer": "Costa Lda.\n\nRua 1\nVAT PT999"}).status_code == 303
    assert Document.objects.latest("id").content["buyer"] == ["Costa Lda.", "Rua 1", "VAT PT999"]
    client.force_login(StaffFactory())
    assert client.get(f"/admin/orders/document/{document.pk}/pdf/").status_code == 403


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_ten_documents_at_once_leave_no_gap(now: datetime, monkeypatch: pytest.MonkeyPatch, guarded: bool) -> None:
    """Half of them fall after they took their number.  The control, a plain count: numbers collide."""
    orders = [ordered(at=now) for _ in range(10)]
    DocumentSeries.objects.create(kind="invoice", year=2026)
    start, looked = threading.Barrier(10), threading.Barrier(10)

    def careless(*, kind: str, year: int) -> int:
        number = Document.objects.filter(kind=kind, year=year).count() + 1
        looked.wait(timeout=20)
        return number

    if not guarded:
        monkeypatch.setattr(documents, "next_number", careless)

    def one(number: int) -> str:
        try:
            start.wait()
            with transaction.atomic():
                issue_what_is_due(order_id=orders[number].pk, at=now)
                if number % 2:
                    raise RuntimeError(uuid4())
            return "issued"
        except Exception as problem:
            return type(problem).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        found = list(pool.map(one, range(10)))

    sequences = sorted(Document.objects.values_list("sequence", flat=True))
    if guarded:
        assert found.count("issued") == 5
        assert sequences == list(range(1, 6))
        assert breaches() == []
    else:
        assert found.count("IntegrityError") > 0
