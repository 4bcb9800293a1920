"""The bank's statement: read whatever bank wrote it, taken in once, and only noted when it is certain."""

from __future__ import annotations

from datetime import date, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from orders.models import BankLine, Order, Payment, PaymentEvent, RefundGrant
from orders.operations.cancelling import cancel_order
from orders.operations.reconciling import take_in
from orders.rules.statements import StatementLine, Unreadable, order_numbers, read_statement, verdict
from shop.queries.audit import breaches
from tests.factories.bags import ordered
from tests.factories.shop import StaffFactory

CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt><Stmt>
<Acct><Id><IBAN>PT50000201231234567890154</IBAN></Id></Acct>
<Ntry><Amt Ccy="EUR">28.90</Amt><CdtDbtInd>CRDT</CdtDbtInd>{booked}<BookgDt><Dt>2026-03-03</Dt></BookgDt>
<AcctSvcrRef>B1</AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>
<RltdPties><Dbtr>{name}</Dbtr></RltdPties><RmtInf><Ustrd>kp 2041</Ustrd><Ustrd>7736 thanks</Ustrd></RmtInf></TxDtls>
</NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">30.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>{booked}<BookgDt><DtTm>2026-03-04T08:00:00</DtTm></BookgDt>
<AcctSvcrRef>B2</AcctSvcrRef><NtryDtls>
<TxDtls><AmtDtls><InstdAmt><Amt Ccy="USD">11.70</Amt></InstdAmt>
<TxAmt><Amt Ccy="EUR">10.00</Amt></TxAmt></AmtDtls><RmtInf><Ustrd>one</Ustrd></RmtInf></TxDtls>
<TxDtls><AmtDtls><TxAmt><Amt Ccy="EUR">20.00</Amt></TxAmt></AmtDtls><RmtInf><Ustrd>two</Ustrd></RmtInf></TxDtls>
</NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">5.00</Amt><CdtDbtInd>DBIT</CdtDbtInd>{booked}<BookgDt><Dt>2026-03-04</Dt></BookgDt></Ntry>
<Ntry><Amt Ccy="EUR">9.99</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>PDNG</Sts><BookgDt><Dt>2026-03-04</Dt></BookgDt></Ntry>
</Stmt></BkToCstmrStmt></Document>"""
CAMTS = [
    CAMT.format(version="02", booked="<Sts>BOOK</Sts>", name="<Nm>Ana Costa</Nm>"),
    CAMT.format(version="08", booked="<Sts><Cd>BOOK</Cd></Sts>", name="<Pty><Nm>Ana Costa</Nm></Pty>"),
]
GERMAN = (
    "Meine Bank;;\n\nBuchungstag;Auftraggeber/Empfänger;Verwendungszweck;Betrag;Währung\n"
    "03.03.2026;Ana Costa;KP-2041-7736;1.028,90;EUR\n04.03.26;Bank;Gebühr;-3,50;EUR\n"
)


@pytest.mark.parametrize("camt", CAMTS)
def test_camt_is_read_in_both_dialects(camt: str) -> None:
    lines = read_statement(camt.encode())

    assert [(line.booked_on.day, line.amount_minor) for line in lines] == [(3, 2890), (4, 1000), (4, 2000), (4, -500)]
    assert (lines[0].payer, lines[0].purpose) == ("Ana Costa", "kp 2041 7736 thanks")
    assert len({line.key for line in lines}) == 4
    assert [line.key for line in read_statement(camt.encode())] == [line.key for line in lines]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_table_is_read_as_banks_write_it(encoding: str) -> None:
    lines = read_statement(GERMAN.encode(encoding))

    assert [(line.booked_on, line.amount_minor) for line in lines] == [
        (date(2026, 3, 3), 102_890),
        (date(2026, 3, 4), -350),
    ]
    assert read_statement(b'date,amount,purpose\n2026-03-02,"1,234.50",x\n')[0].amount_minor == 123_450
    assert read_statement(b"date,amount,purpose\n2026-03-02,1.234,x\n")[0].amount_minor == 123_400


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"hello", "No line of the table names"),
        (b"", "No line of the table names"),
        (b"date,amount,purpose\n2026-13-02,1,x\n", "Line 2: .*is no date we know"),
        (b"date,amount,purpose\n2026-03-02,much,x\n", "Line 2: .*is no amount"),
        (b"<html></html>", "holds no statement"),
        (b"<Document><Stmt>", "is no XML we can read"),
        (b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><Stmt>&e;</Stmt>', "is no XML we can read"),
    ],
)
def test_what_is_no_statement_is_said_to_be_none(raw: bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        read_statement(raw)


@given(st.integers(0, 99_999_999), st.sampled_from(["", " ", "-", ". "]), st.booleans())
def test_a_number_is_found_however_it_is_written(drawn: int, between: str, small: bool) -> None:
    digits = f"{drawn:08d}"
    written = f"KP{between}{digits[:4]}{between}{digits[4:]}"

    text = f"Order {written.lower() if small else written}, thanks"

    assert order_numbers(text, prefix="KP") == [f"KP-{digits[:4]}-{digits[4:]}"]
    assert order_numbers(f"{written}1", prefix="KP") == []
    assert [verdict(amount_minor=a, open_minor=10) for a in (9, 10, 11)] == ["part", "matched", "over"]


def line(key: str, amount_minor: int, purpose: str, currency: str = "EUR") -> StatementLine:
    return StatementLine(key, date(2026, 3, 3), amount_minor, currency, "Ana Costa", purpose)


def transfer(now: datetime) -> Order:
    return ordered(at=now, provider="bank_transfer", payment_token="")


@pytest.mark.django_db
def test_each_line_is_noted_once_and_only_when_it_is_certain(now: datetime) -> None:
    exact, part, over, card = transfer(now), transfer(now), transfer(now), ordered(at=now)
    lines = [
        line("1", 2890, f"order {exact.number}"),
        line("2", 1000, part.number.replace("-", "")),
        line("3", 3000, over.number),
        line("4", 2890, card.number),
        line("5", 2890, "thank you"),
        line("6", 2890, f"{exact.number} {part.number}"),
        line("7", 2890, part.number, "USD"),
        line("8", -500, exact.number),
    ]

    states = [take_in(each, at=now).state for each in lines]
    again = [take_in(each, at=now).new for each in lines]

    assert states == ["matched", "part", "over", "unknown", "unknown", "unknown", "unknown", "set_aside"]
    assert again == [False] * 8
    assert PaymentEvent.objects.filter(key__startswith="bank:").count() == 3
    assert [Order.objects.get(pk=o.pk).payment_status for o in (exact, part, over)] == ["paid", "pending", "paid"]
    surplus = RefundGrant.objects.get()
    assert (surplus.payment.order, surplus.amount_minor) == (over, 110)
    assert list(surplus.items.values_list("line", "number", "amount_minor", "tax_minor")) == [(None, 0, 110, 0)]
    assert breaches() == []


@pytest.mark.django_db
def test_money_for_a_cancelled_order_goes_back(now: datetime) -> None:
    order = transfer(now)
    cancel_order(order_id=order.pk, by=None, at=now)

    take_in(line("1", 2890, order.number), at=now)

    assert RefundGrant.objects.values_list("amount_minor", flat=True).get() == 2890
    assert breaches() == []


@pytest.mark.django_db
def test_the_command_tells_before_it_writes(now: datetime, tmp_path: Path) -> None:
    order = transfer(now)
    file = tmp_path / "statement.csv"
    file.write_text(f"date,amount,purpose\n2026-03-03,28.90,{order.number}\n2026-03-03,5.00,hello\n")
    said = StringIO()

    with pytest.raises(SystemExit):
        call_command("reconcile_payments", str(file), "--dry-run", stdout=said)
    assert (BankLine.objects.count(), "Nothing was written." in said.getvalue()) == (0, True)
    with pytest.raises(SystemExit):
        call_command("reconcile_payments", str(file), stdout=said)

    assert f"matched    {order.number}" in said.getvalue()
    assert "2 lines: 1 matched, 1 unknown." in said.getvalue()
    assert Payment.objects.get().captured_minor == 2890
    with pytest.raises(CommandError, match="cannot be opened"):
        call_command("reconcile_payments", str(tmp_path / "none"))


@pytest.mark.django_db
def test_staff_say_what_an_unknown_line_is_for(client: Client, now: datetime) -> None:
    order, card = transfer(now), ordered(at=now)
    for key in ("1", "2"):
        take_in(line(key, 2890, "for Ana"), at=now)
    first, second = BankLine.objects.order_by("id")
    lead = StaffFactory()
    lead.user_permissions.set(Permission.objects.filter(codename__in=["view_bankline", "note_payment"]))
    client.force_login(lead)

    client.post(f"/admin/orders/bankline/{first.pk}/assign/", {"number": card.number})
    assert Payment.objects.get(order=order).captured_minor == 0
    for _twice in range(2):
        client.post(f"/admin/orders/bankline/{first.pk}/assign/", {"number": f" {order.number.lower()} "})
    client.post(f"/admin/orders/bankline/{second.pk}/set-aside/", {"why": "a gift"})

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.order, first.decided_by) == ("matched", order, lead)
    assert (second.state, second.why, Payment.objects.get(order=order).captured_minor) == ("set_aside", "a gift", 2890)
    assert breaches() == []
