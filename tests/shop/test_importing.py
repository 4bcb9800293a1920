"""The catalogue as a table: what goes out comes back unchanged, what is wrong is named and nothing is stored."""

from __future__ import annotations

import io
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from openpyxl import Workbook

from shop.gateways import sheets
from shop.models import Event, PriceInterval, Product, Variant, VariantMeasurement
from shop.operations.importing import import_catalogue
from shop.operations.people import sync_roles
from shop.queries.exporting import catalogue_rows
from shop.rules.catalogue_file import BadFile, read, safe
from tests.factories.catalogue import tee
from tests.factories.shop import CategoryFactory
from tests.pages import words
from tests.shop.test_admin import desk_of

HEAD = "product,name,category,summary,sku,price,options,mm garment-width\n"
LINE = "cup,Cup,table,A cup.,CUP-1,24.00,,\n"


REDUCED = "Line 2, price: tee-sage/s is sold as reduced; end the reduction, then change the price."


def pieces_of(raw: bytes | str) -> list[object]:
    data = raw.encode() if isinstance(raw, str) else raw
    return list(read(sheets.read(data), measures={"garment-width"}, currency="EUR"))


def refused(raw: bytes | str) -> tuple[str, ...]:
    with pytest.raises(BadFile) as refusal:
        pieces_of(raw)
    return refusal.value.problems


def brought_in(text: str, **how: object) -> object:
    return import_catalogue(pieces=pieces_of(text), by=None, at=timezone.now(), **how)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("raw", "begins"),
    [
        ("", "The file is empty."),
        (HEAD, "The file holds no pieces."),
        ("product,sku,prize\na,b,1\n", "Line 1: there is no column called “prize”."),
        ("product,sku,sku\na,b,c\n", "Line 1: the column “sku” is there twice."),
        ("product,name\na,b\n", "Line 1: the column “sku” is missing."),
        ("product,sku,price\ncup,CUP-1,free\n", "Line 2, price: a price above nothing is needed"),
        ("product,sku,price\ncup,CUP-1,1.999\n", "Line 2, price: a price above nothing is needed"),
        ("product,sku,price\ncup,CUP-1,NaN\n", "Line 2, price: a price above nothing is needed"),
        ("product,sku\nNot A Slug,CUP-1\n", "Line 2, product: small letters, numbers and single hyphens are needed"),
        ("product,sku\ncup,A\n\ncup,A\n", "Line 4, sku: A stands in line 2 already."),
        ("product,sku,name\ncup,A,Cup\ncup,B,Mug\n", "Line 3, name: line 2 says something else of cup."),
        ("product,sku\ncup,A,more\n", "Line 2: there are more values than columns."),
        ("product,sku,name\ncup,A,=HYPERLINK(1)\n", "Line 2, name: it begins like a formula (=)"),
        ("product,sku,name\ncup,A,@SUM(1)\n", "Line 2, name: it begins like a formula (@)"),
        ("product,sku,active\ncup,A,maybe\n", "Line 2, active: yes or no is needed; this is “maybe”."),
        ("product,sku,options\ncup,A,sage\n", "Line 2, options: each option once is needed"),
        ("product,sku,mm garment-width\ncup,A,46.5\n", "Line 2, mm garment-width: a whole number"),
        ('product,sku\ncup,"A\n', "Line 2 is not CSV: a value is too long, or a quote is not closed."),
        (b"product,sku\ncup,A\ncup,\xe9\n", "Line 3 is not UTF-8. Save the file as “CSV UTF-8”."),
        (b"product,sku\ncup,A\0\n", "Line 2: the file is not text."),
        (b"\xd0\xcf\x11\xe0old", "This is an old or protected spreadsheet."),
        (b"PK\x03\x04 nonsense", "The file is damaged."),
    ],
)
def test_what_is_wrong_is_said_with_line_and_column(raw: bytes | str, begins: str) -> None:
    (problem,) = refused(raw)

    assert problem.startswith(begins)


def test_every_wrong_cell_is_named_at_once() -> None:
    assert len(refused("product,sku,price,weight_g,active\ncup,A,x,y,z\nB A,,1,1,yes\n")) == 5


def packed(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def workbook(*rows: list[object]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def with_sheet(content: bytes) -> bytes:
    """An honest workbook whose sheet is replaced by something else."""
    source, out = zipfile.ZipFile(io.BytesIO(workbook(["product", "sku"], ["cup", "A"]))), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for entry in source.infolist():
            made.writestr(entry.filename, content if "sheet1" in entry.filename else source.read(entry.filename))
    return out.getvalue()


BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><worksheet>&b;</worksheet>'


@pytest.mark.parametrize(
    ("raw", "begins"),
    [
        (packed(**{"[Content_Types].xml": b"<x/>", "xl__big.xml": b" " * 30_000_000}), "Unpacked the file would be"),
        (packed(**{"readme.txt": b"hello"}), "The file is a zip, but no spreadsheet."),
        (packed(**{"[Content_Types].xml": b"<x/>", "xl__vbaProject.bin": b"x"}), "The file holds macros."),
        (packed(**{"[Content_Types].xml": b"<x/>"}), "The file cannot be read as a spreadsheet."),
        (with_sheet(BOMB), "The file cannot be read as a spreadsheet."),
        (workbook(["product", "sku", "name"], ["cup", "A", "=1+1"]), "Line 2, name: it begins like a formula (=)"),
    ],
)
def test_a_hostile_spreadsheet_is_refused(raw: bytes, begins: str) -> None:
    (problem,) = refused(raw)

    assert problem.startswith(begins)


def test_a_spreadsheet_reads_as_the_same_csv_does() -> None:
    rows = [
        ["product", "sku", "price", "weight_g", "active"],
        ["cup", "A", 38.5, 120, True],
        ["cup", "B", "7,90", 3.0, False],
    ]

    assert pieces_of(workbook(*rows)) == pieces_of(
        "product;sku;price;weight_g;active\ncup;A;38,5;120;yes\ncup;B;7.90;3;no\n"
    )


@pytest.mark.parametrize("text", ["=1", "+49 30", "-soft", "@home", "'=1", "plain", "it's", "'quoted'"])
def test_text_that_looks_like_a_formula_goes_out_and_comes_back(text: str) -> None:
    raw = sheets.write_csv([["product", "sku", "name"], ["cup", "A", safe(text)]])

    assert pieces_of(raw)[0].product == {"name": text}  # type: ignore[attr-defined]
    assert not safe(text).startswith(("=", "+", "-", "@"))


@pytest.mark.django_db
@pytest.mark.parametrize("write", [sheets.write_csv, sheets.write_xlsx])
def test_what_goes_out_comes_back_in_and_changes_nothing(write: object) -> None:
    tee(story="Two lines,\nof text.", summary="=not a formula")
    raw = write(catalogue_rows())  # type: ignore[operator]
    prices = PriceInterval.objects.count()

    outcome = import_catalogue(pieces=pieces_of(raw), by=None, at=timezone.now())

    assert (outcome.new_variants, outcome.changed_variants, outcome.unchanged_variants) == (0, 0, 4)
    assert (outcome.new_products, outcome.changed_products, PriceInterval.objects.count()) == (0, 0, prices)
    assert Product.objects.get().summary == "=not a formula"


@pytest.mark.django_db
def test_from_when_to_refill_goes_out_and_comes_in() -> None:
    tee()
    one, other = Variant.objects.order_by("id")[:2]
    slug = one.product.slug

    brought_in(f"product,sku,low_at\n{slug},{one.sku},7\n{slug},{other.sku},\n")

    table = list(catalogue_rows())
    column, sku = (list(table[0]).index(name) for name in ("low_at", "sku"))
    said = {row[sku]: row[column] for row in table[1:]}
    assert (said[one.sku], said[other.sku]) == ("7", "")
    assert (Variant.objects.get(pk=one.pk).low_at, Variant.objects.get(pk=other.pk).low_at) == (7, None)


@pytest.mark.django_db
def test_new_pieces_changes_options_and_measures_are_written_and_looked_at_first() -> None:
    product = tee()
    text = (
        HEAD.replace("summary", "summary,label")
        + "cup,Cup,table,A cup.,,CUP-1,24.00,,\n"
        + "tee,,,,,tee-sage/s,35,colour=ink; size=m,475\n"
        + "tee,,,,,tee-new,39,colour=sage; size=m,480\n"
    )
    CategoryFactory(slug="table", name="Table")

    looked = brought_in(text, dry_run=True)
    assert not Variant.objects.filter(sku="CUP-1").exists()
    assert not Event.objects.filter(name="shop.catalogue.imported").exists()
    done = brought_in(text)

    assert looked == done
    assert (done.new_products, done.changed_products, done.new_variants, done.changed_variants) == (1, 0, 2, 1)  # type: ignore[attr-defined]
    changed, made = Variant.objects.get(sku="tee-sage/s"), Variant.objects.get(sku="tee-new")
    assert (changed.price_minor, {one.code for one in changed.options.all()}) == (3500, {"ink", "m"})
    assert (made.product, made.label, made.price_minor) == (product, "Sage, M", 3900)
    assert VariantMeasurement.objects.get(variant=changed).value_mm == 475
    assert Product.objects.get(slug="cup").published is False
    assert Event.objects.get(name="shop.catalogue.imported").payload == {"lines": 3, "new": 2, "changed": 1}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("cup,Cup,attic,A cup.,CUP-1,24,,", "Line 2, category: there is no category at the address “attic”."),
        ("cup,,,A cup.,CUP-1,24,,", "Line 2, name: cup is new and needs it."),
        ("tee,,,,tee-x,,,", "Line 2, price: tee-x is new and needs it."),
        ("tee,,,,tee-x,1,colour=plaid,", "Line 2, options: there is no colour=plaid; add it under Options first."),
        ("cap,Cap,table,A cap.,tee-sage/s,1,,", "Line 2, sku: tee-sage/s belongs to another product."),
        ("tee,,,,tee-sage/s,90,,", REDUCED),
    ],
)  # fmt: skip
def test_one_wrong_line_and_nothing_at_all_is_stored(line: str, problem: str) -> None:
    tee()
    CategoryFactory(slug="table", name="Table")
    Variant.objects.filter(sku="tee-sage/s").update(was_minor=5000)
    fine = "tee,Other,,,tee-ink/s,1.00,,999\n"

    with pytest.raises(BadFile) as refusal:
        brought_in(f"{HEAD}{line}\n{fine}")

    assert problem in refusal.value.problems
    assert Product.objects.get(slug="tee").name == "Everyday tee"
    assert Variant.objects.get(sku="tee-ink/s").price_minor == 3800
    assert Product.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_leave_what_one_of_them_says() -> None:
    tee()
    start = threading.Barrier(2)

    def bring(price: str) -> None:
        try:
            start.wait(timeout=20)
            brought_in(f"product,sku,price,name\ntee,tee-sage/s,{price},T {price}\ntee,tee-ink/m,{price},T {price}\n")
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(bring, ["11", "12"]))

    told = {(row.price_minor, row.product.name) for row in Variant.objects.filter(sku__in=["tee-sage/s", "tee-ink/m"])}
    assert told in ({(1100, "T 11")}, {(1200, "T 12")})


@pytest.mark.django_db
def test_the_commands_say_what_they_did_and_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tee()
    file, bad = tmp_path / "all.xlsx", tmp_path / "bad.csv"
    bad.write_text("product,sku,price\ntee,tee-sage/s,free\n")

    call_command("export_catalogue", file)
    call_command("import_catalogue", file, "--dry-run")
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("import_catalogue", bad)
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_catalogue", tmp_path / "none.csv")

    said = capsys.readouterr()
    assert "Variants: 0 new, 0 changed, 4 as they were." in said.out
    assert "This was a look: nothing was changed." in said.out
    assert "Line 2, price:" in said.err


@pytest.mark.django_db
def test_staff_look_read_what_is_wrong_and_bring_it_in() -> None:
    sync_roles(at=timezone.now())
    tee()
    desk, page = desk_of("catalogue"), "/admin/shop/product/file/"

    def sent(text: str, **pressed: str) -> object:
        return desk.post(page, {"file": SimpleUploadedFile("spring.csv", text.encode()), **pressed})

    wrong = sent("product,sku,price\ntee,tee-sage/s,free\n")
    look = sent("product,sku,price\ntee,tee-sage/s,30\n", look="1")
    before = Variant.objects.get(sku="tee-sage/s").price_minor
    done = sent("product,sku,price\ntee,tee-sage/s,30\n")

    assert (wrong.status_code, look.status_code, done.status_code) == (422, 200, 303)  # type: ignore[attr-defined]
    assert "Line 2, price: a price above nothing is needed" in words(wrong)
    assert "0 new, 1 changed, 0 as they were. Nothing was changed." in words(look)
    assert (before, Variant.objects.get(sku="tee-sage/s").price_minor) == (3800, 3000)
    assert "Choose the file" in words(desk.post(page))
    raw = desk.get("/admin/shop/product/export.xlsx").content
    assert [one.sku for one in pieces_of(raw)] == ["tee-sage/s", "tee-sage/m", "tee-ink/s", "tee-ink/m"]  # type: ignore[attr-defined]
