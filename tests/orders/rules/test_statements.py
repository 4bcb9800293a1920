"""Statements as banks really write them: which way the money went, how much, and never a debit as money received."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.rules.statements import StatementLine, Unreadable, read_statement
from orders.rules.statements.amounts import read_amount, read_xml_amount
from shop.rules.money import exponent


def amounts(raw: str | bytes) -> list[int]:
    return [line.amount_minor for line in read_statement(raw.encode() if isinstance(raw, str) else raw)]


def table(*cells: str, head: str = "amount", sign: str = ";") -> str:
    """Lines of one day with these amounts (a cell may bring further cells), below such a head."""
    rows = [f"2026-03-0{number}{sign}for KP-2041-7736{sign}{cell}" for number, cell in enumerate(cells, start=1)]
    return "\n".join([f"date{sign}purpose{sign}{head}", *rows]) + "\n"


# -- One cell -------------------------------------------------------------------------------------------------------

GROUPS: dict[str, Callable[[str], str]] = {
    "1234,50": lambda whole: whole,
    "1.234,50": lambda whole: f"{int(whole):,}".replace(",", "."),
    "1 234,50": lambda whole: f"{int(whole):,}".replace(",", "\u202f"),
    "1'234,50": lambda whole: f"{int(whole):,}".replace(",", "'"),
}
LEFT = [
    "-{}",
    "{}-",
    "- {}",
    "{} -",
    "\u2212{}",
    "\u2013{}",
    "{}\u2013",
    "({})",
    "{} S",
    "{}S",
    "S {}",
    "{} Dr",
    "DR {}",
]
LEFT += ["{} D", "{} Debit", "EUR -{}", "-{} EUR", "-EUR {}", "(EUR {})", "€ -{}", "{} EUR S", "{} Soll", "({} EUR)"]
CAME = ["{} H", "H {}", "{} Cr", "CR {}", "{} C", "+{}", "{}+", "{} Haben", "+{} EUR", "{} EUR H", "{} Credit"]
SILENT = ["{}", " {} ", "EUR {}", "{} EUR", "{} €", "€{}", "{} Euro"]


@given(
    minor=st.integers(0, 10**11),
    grouped=st.sampled_from(list(GROUPS.values())),
    written=st.one_of(
        st.tuples(st.sampled_from(LEFT), st.just(True)),
        st.tuples(st.sampled_from(CAME), st.just(False)),
        st.tuples(st.sampled_from(SILENT), st.none()),
    ),
)
def test_an_amount_is_read_exactly_however_it_is_written(
    minor: int, grouped: Callable[[str], str], written: tuple[str, bool | None]
) -> None:
    form, left = written
    cell = form.format(f"{grouped(str(minor // 100))},{minor % 100:02d}")

    amount = read_amount(cell, "EUR")

    assert (amount.minor, amount.currency, amount.left) == (minor, "EUR", left)


@given(minor=st.integers(0, 10**9), left=st.sampled_from(LEFT), came=st.sampled_from(["H", "Cr", "C", "+", "Haben"]))
def test_what_says_that_it_left_wins(minor: int, left: str, came: str) -> None:
    cell = left.format(f"{minor // 100}.{minor % 100:02d}")

    assert read_amount(f"{cell} {came}", "EUR").left
    assert amounts(table(f"{cell};{came}", head="amount;S/H")) == [-minor]


@given(minor=st.integers(0, 10**9), currency=st.sampled_from(["EUR", "JPY", "TND"]))
def test_an_amount_in_xml_has_a_point_and_nothing_for_thousands(minor: int, currency: str) -> None:
    places = exponent(currency)
    digits = f"{minor:0{places + 1}d}"
    plain = f"{digits[:-places]}.{digits[-places:]}" if places else digits

    assert read_xml_amount(plain, currency) == minor
    assert read_xml_amount(plain + ("00" if places else ".00"), currency) == minor


@pytest.mark.parametrize(
    ("cell", "minor"),
    [
        *[("1.234", 123_400), ("1,234", 123_400), ("1.234.567", 123_456_700), ("1,234,567.8", 123_456_780)],
        *[(".5", 50), ("0.500", 50), ("0,500", 50), ("1234.500", 123_450), ("12,5", 1250), ("12", 1200)],
    ],
)
def test_thousands_and_decimal_places_are_told_apart(cell: str, minor: int) -> None:
    assert read_amount(cell, "EUR").minor == minor


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "much",
        "12,-",
        "1.2.3",
        "12.345,678",
        "1 2 a",
        "28.90 X",
        "28.90 EUR USD",
        "(28.90",
        "28.90)",
        "28.90 / 3",
        "-",
    ],
)
def test_a_cell_that_could_be_anything_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match=r"is no amount|decimal places|is no currency"):
        read_amount(cell, "EUR")


@pytest.mark.parametrize("text", ["1,234.50", "28,90", "-28.90", "1 000.00", "", "1E3", "28.905"])
def test_an_amount_that_is_none_in_xml_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no amount|decimal places"):
        read_xml_amount(text, "EUR")


# -- Tables ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "cells"),
    [
        ("amount", ("28,90-", "28,90")),
        ("Umsatz", ("28,90 S", "28,90 H")),
        ("Umsatz;S/H", ("28,90;S", "28,90;H")),
        ("Umsatz; ", ("28,90;S", "28,90;H")),  # the cooperative banks' export: a column without a name
        ("Umsatz", ("28,90;S", "28,90;H")),  # and without even an end of the head
        ("Umsatz;Währung;", ("28,90;EUR;S", "28,90;EUR;H")),
        ("amount;Debit/Credit", ("28.90;Debit", "28.90;Credit")),
        ("amount;Dr/Cr", ("28.90;DR", "28.90;Cr.")),
        ("amount;Transaction type", ("28.90;DEBIT", "28.90;CREDIT")),  # a name we do not know
        ("amount;Af Bij", ("28,90;Af", "28,90;Bij")),
        ("Débito;Crédito", ("28,90;", ";28,90")),
        ("Debit;Credit", ("-28.90;", ";28.90")),
        ("Debit;Credit", ("28.90;0.00", "0.00;28.90")),
        ("amount;Debit", ("28.90;28.90", "28.90;")),
        ("amount;Debit", ("28.90;x", "28.90;0.00")),
        ("amount;currency", ("-28,90;€", "28,90 €;EUR")),
        ("valor;Debit;Credit", ("2026-03-01;28.90;", "2026-03-01;;28.90")),
    ],
)
def test_a_table_says_which_way_the_money_went(head: str, cells: tuple[str, ...]) -> None:
    assert amounts(table(*cells, head=head)) == [-2890, 2890]


def test_without_a_look_at_the_direction_a_debit_would_be_money_received(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the same table, read without its nameless column."""
    told = table("28,90;S", "28,90;H", head="Umsatz; ")
    monkeypatch.setattr("orders.rules.statements.table._unnamed_direction", lambda *_: {})

    assert amounts(told) == [2890, 2890]


@pytest.mark.parametrize(
    ("head", "cells", "words"),
    [
        ("amount;S/H", ("1,00;S", "2,00;"), "Line 3: .*neither that money came in nor that it left"),
        ("amount;S/H", ("1,00;S", "2,00;?"), "Line 3: “.” says neither"),
        ("amount; ", ("1,00;S", "2,00;X"), "Line 3: “X” says neither"),
        ("Debit;Credit", ("1.00;2.00",), "Line 2: .*never both"),
        ("Debit;Credit", (";",), "Line 2: .*or none"),
        ("amount;currency", ("1.00 USD;EUR",), "Line 2: the amount is in USD"),
        ("amount;currency", ("1.00;Europe",), "Line 2: “Europe” is no currency"),
    ],
)
def test_a_line_that_does_not_say_which_way_is_refused(head: str, cells: tuple[str, ...], words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        read_statement(table(*cells, head=head).encode())


def test_a_column_that_means_something_else_is_left_alone() -> None:
    assert amounts(table("28.90;D", "-1.00;C", head="amount;class")) == [2890, -100]
    assert amounts(table("28.90;EUR", "-1.00;", head="amount;")) == [2890, -100]


def test_what_came_in_keeps_its_key_and_what_left_has_another() -> None:
    came, left = read_statement(table("28,90;H", "28,90;S", head="Umsatz;S/H").replace("-02", "-01").encode())

    assert came.key.partition(":")[0] != left.key.partition(":")[0]
    assert came.key == read_statement(table("28,90").replace("amount", "Umsatz").encode())[0].key


# -- Files ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_table_is_read_in_every_encoding_and_with_every_end_of_line(encoding: str, end: str) -> None:
    bom = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    text = 'Meine Bank;;\n\nBuchungstag;Verwendungszweck;Betrag\n03.03.2026;"Gebühr\nKP-2041-7736";-3,50\n'

    lines = read_statement(bom + text.replace("\n", end).encode(encoding))

    assert [(line.amount_minor, line.purpose.split()) for line in lines] == [(-350, ["Gebühr", "KP-2041-7736"])]


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b'date;purpose;amount\n2026-03-02;"two\nlines";1\n2026-03-02;"open;1\n', r"Line 4: .*quotation mark"),
        (b'date;purpose;amount\n2026-03-02;"a"b;1\n', r"Line 2: .*quotation mark"),
        (b"date;purpose;amount\n2026-03-02;" + b"x" * 140_000 + b";1\n", r"Line 2: .*cannot be read from here"),
        (b'date;purpose;amount\n2026-03-02;"two\nlines";1\n2026-03-02;x;much\n', "Line 4: .*is no amount"),
        ("date;purpose;amount\n".encode("utf-16")[:-1], "UTF-16 and is damaged"),
    ],
)
def test_a_table_that_breaks_off_is_refused_with_its_line(raw: bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        read_statement(raw)


# -- CAMT -----------------------------------------------------------------------------------------------------------


def camt(*entries: str, head: str = '<?xml version="1.0" encoding="UTF-8"?>') -> str:
    names = 'xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"'
    return f"{head}<Document {names}><BkToCstmrStmt><Stmt>{''.join(entries)}</Stmt></BkToCstmrStmt></Document>"


def entry(amount: str, way: str, *details: str, more: str = "", currency: str = "EUR") -> str:
    inside = f"<NtryDtls><Btch/>{''.join(details)}</NtryDtls>" if details else ""
    said = f"<CdtDbtInd>{way}</CdtDbtInd>" if way else ""
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt>{said}{more}<Sts><Cd>BOOK</Cd></Sts>'
        f"<BookgDt><Dt>2026-03-03</Dt></BookgDt>{inside}</Ntry>"
    )


def detail(amount: str = "", way: str = "", text: str = "x", *, old: bool = False, currency: str = "EUR") -> str:
    """One payment of a batch, as version 8 writes it or, `old`, as version 2 does: without a way of its own."""
    own = f'<Amt Ccy="{currency}">{amount}</Amt>'
    sum_of = (f"<AmtDtls><TxAmt>{own}</TxAmt></AmtDtls>" if old else own) if amount else ""
    said = f"<CdtDbtInd>{way}</CdtDbtInd>" if way else ""
    return f"<TxDtls><Refs/>{sum_of}{said}<RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls>"


@pytest.mark.parametrize(
    ("told", "found"),
    [
        (entry("30.00", "CRDT", detail("10.00"), detail("20.00")), [1000, 2000]),
        (entry("30.00", "CRDT", detail("10.00", old=True), detail("20.00", old=True)), [1000, 2000]),
        (entry("30.00", "DBIT", detail("10.00"), detail("20.00")), [-1000, -2000]),
        (entry("15.00", "CRDT", detail("20.00", "CRDT"), detail("5.00", "DBIT")), [2000, -500]),
        (entry("15.00", "DBIT", detail("5.00", "CRDT"), detail("20.00", "DBIT")), [500, -2000]),
        (entry("30.00", "CRDT", detail(), detail()), [3000]),  # nobody knows how it is shared
        (entry("30.00", "CRDT", detail("10.00"), detail()), [3000]),
        (entry("30.00", "CRDT", detail("11.70", currency="USD"), detail("20.00")), [3000]),
        (entry("30.00", "CRDT", detail("34.10", currency="USD")), [3000]),
        (entry("30.00", "CRDT", detail("", "DBIT")), [-3000]),  # they disagree about one sum
        (entry("30.00", "CRDT"), [3000]),
        (entry("28.900", "CRDT"), [2890]),
        (entry("1234.500", "CRDT"), [123_450]),
        (entry("1234.5", "CRDT", currency="TND"), [1_234_500]),
        (entry("500", "CRDT", currency="JPY"), [500]),
    ],
)
def test_each_payment_of_a_batch_has_its_own_amount_and_its_own_way(told: str, found: list[int]) -> None:
    assert amounts(camt(told)) == found


def test_what_is_charged_or_was_instructed_is_not_the_amount() -> None:
    charges = '<Chrgs><Rcrd><Amt Ccy="EUR">1.00</Amt><CdtDbtInd>DBIT</CdtDbtInd></Rcrd></Chrgs>'
    meant = '<AmtDtls><InstdAmt><Amt Ccy="EUR">99.00</Amt></InstdAmt></AmtDtls>'
    loaded = "<TxDtls>" + meant + charges + "<RmtInf><Ustrd>x</Ustrd></RmtInf></TxDtls>"

    assert amounts(camt(entry("30.00", "CRDT", loaded, more=charges))) == [3000]
    assert amounts(camt(entry("60.00", "CRDT", loaded, loaded))) == [6000]


def test_a_batch_that_stays_whole_says_all_that_its_payments_say() -> None:
    [line] = read_statement(camt(entry("30.00", "CRDT", detail(text="KP-2041-7736"), detail(text="other"))).encode())

    assert line.purpose == "KP-2041-7736 other"


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (entry("1,234.50", "CRDT"), "on 2026-03-03: “1,234.50” is no amount"),
        (entry("28,90", "CRDT"), "is no amount"),
        (entry("28.90", ""), "does not say whether money came in or left"),
        (entry("28.90", "HABEN"), "does not say whether money came in or left"),
        (entry("28.90", "", more="<Chrgs><CdtDbtInd>CRDT</CdtDbtInd></Chrgs>"), "does not say whether"),
        (entry("28.90", "CRDT").replace("2026-03-03", "3 March"), "on 3 March: "),
        (entry("28.90", "CRDT").replace("<Dt>2026-03-03</Dt>", ""), "has no booking date"),
        (entry("28.90", "CRDT").replace('<Amt Ccy="EUR">28.90</Amt>', ""), "has no amount"),
    ],
)
def test_an_entry_that_cannot_be_sure_is_refused(told: str, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        read_statement(camt(told).encode())


@pytest.mark.parametrize(
    ("told", "came_back"),
    [
        (entry("28.90", "CRDT", more="<RvslInd>true</RvslInd>"), True),
        (entry("28.90", "CRDT", more="<RvslInd>false</RvslInd>"), False),
        (entry("28.90", "CRDT", detail().replace("<Refs/>", "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>")), True),
        (entry("28.90", "CRDT"), False),
    ],
)
def test_a_transfer_of_ours_that_came_back_is_known(told: str, came_back: bool) -> None:
    assert [line.came_back for line in read_statement(camt(told).encode())] == [came_back]


@pytest.mark.parametrize(("encoding", "says"), [("utf-16", "UTF-16"), ("utf-16", "UTF-8"), ("cp1252", "windows-1252")])
def test_camt_is_read_in_the_encoding_it_has(encoding: str, says: str) -> None:
    told = camt(
        entry("28.90", "CRDT", detail(text="Für KP-2041-7736")), head=f'<?xml version="1.0" encoding="{says}"?>'
    )

    [line] = read_statement(told.encode(encoding))

    assert (line.amount_minor, line.purpose) == (2890, "Für KP-2041-7736")


@given(
    shares=st.lists(st.tuples(st.integers(1, 10**7), st.sampled_from(["CRDT", "DBIT", ""])), min_size=2, max_size=6),
    way=st.sampled_from(["CRDT", "DBIT"]),
    old=st.booleans(),
)
def test_no_debit_of_any_batch_is_money_received(shares: list[tuple[int, str]], way: str, old: bool) -> None:
    details = [detail(f"{minor // 100}.{minor % 100:02d}", said, old=old) for minor, said in shares]

    lines: list[StatementLine] = read_statement(camt(entry("1.00", way, *details)).encode())

    assert [line.amount_minor for line in lines] == [
        -minor if (said or way) == "DBIT" else minor for minor, said in shares
    ]
