"""What is printed: the slip with its card and without prices, the buyer as her country writes her, nothing cut off."""

from __future__ import annotations

import io
import json
import re
from datetime import datetime
from typing import Any

import pytest
import typst
from django.contrib.auth.models import Permission
from django.test import Client
from PIL import Image

from orders.gateways.paper import _FOLDER, make_pdf
from orders.messages import papers
from orders.models import Document, Order
from orders.operations.documents import issue_what_is_due
from orders.queries.desk import dossier_of
from shop.rules import wording
from shop.rules.money import Money
from tests.factories.bags import ordered
from tests.factories.shop import StaffFactory, VariantFactory
from tests.pdf_text import pdf_pages

pytestmark = pytest.mark.django_db

AMERICAN = {"street": "12 Elm St", "extra": "Apt 4", "city": "Fairfax", "region": "VA", "postcode": "22030"}
# A name that breaks nowhere, an article number as long as they may be, and a card of as many signs as it holds.
LONG = {
    "full_name": "Donaudampfschifffahrtsgesellschaftskapitaenswitwe" * 2,
    "street": "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch " * 3,
    "extra": "W" * 200,
    "city": "Krungthepmahanakhonamonrattanakosinmahintharayutthaya",
    "courier_note": "M" * 300,
    "gift_message": ("Happy birthday, dear Ines!\nWith love from all of us. " * 5)[:300],
    "gift_wrap": True,
    "hide_prices": True,
}
AMOUNT = re.compile(r"[€$£]|\bEUR\b|\d+[.,]\d\d\b")


def order_with(now: datetime, **columns: Any) -> Order:
    order = ordered((VariantFactory(price_minor=1234, sku="W" * 40), 2), at=now)
    Order.objects.filter(pk=order.pk).update(**columns)
    order.refresh_from_db()
    return order


def slip(order: Order) -> dict[str, Any]:
    return papers.slip_words(order, list(dossier_of(order).parcels))


def text_of(template: str, said: dict[str, Any], now: datetime) -> str:
    return " ".join(pdf_pages(make_pdf(template, said, at=now)))


def inside_margins(template: str, said: dict[str, Any], *, breaks: bool = True) -> bool:
    """Whether nothing is printed within a centimetre of the right edge of any page: what does not fit runs over it."""
    source = (_FOLDER / f"{template}.typ").read_text()
    assert "\\u{200B}" in source
    drawn = typst.compile(
        (source if breaks else source.replace("\\u{200B}", "")).encode(),
        format="png",
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(said)},
    )
    for page in [drawn] if isinstance(drawn, bytes) else drawn:
        image = Image.open(io.BytesIO(page)).convert("L")
        edge = image.crop((image.width * 200 // 210, 0, image.width, image.height))
        if edge.getextrema() != (255, 255):
            return False
    return True


def test_a_slip_names_pieces_and_card_and_no_amount(now: datetime) -> None:
    order = order_with(now, gift_message="For Ines\nwith love", gift_wrap=True, courier_note="Ring twice.")

    said = text_of("slip", slip(order), now)

    line = order.lines.get()
    for part in ("2", line.title, "Ana Costa", "Rua das Flores 12", "4050-262 Porto", "Portugal", "Ring twice."):
        assert part in said
    assert "For Ines with love" in said
    assert "To be wrapped as a gift." in said
    assert AMOUNT.findall(said) == []
    assert "12.34" not in said


def test_the_control_finds_the_amounts_of_an_invoice(now: datetime) -> None:
    order = order_with(now)
    issue_what_is_due(order_id=order.pk, at=now)

    said = text_of("document", papers.printed(Document.objects.get()), now)

    assert wording.money(Money(2468, "EUR"), "en") in said
    assert len(AMOUNT.findall(said)) > 4


@pytest.mark.parametrize("parcels", [1, 2])
def test_nothing_of_a_slip_runs_over_its_edge(now: datetime, parcels: int) -> None:
    said = slip(order_with(now, **LONG))
    said["parcels"] *= parcels

    assert inside_margins("slip", said)
    assert not inside_margins("slip", said, breaks=False)
    pages = pdf_pages(make_pdf("slip", said, at=now))
    assert len(pages) == parcels
    for part in (LONG["full_name"], LONG["extra"], "W" * 40, LONG["courier_note"]):
        assert all(part in page.replace(" ", "") for page in pages)


def test_nothing_of_an_invoice_runs_over_its_edge(now: datetime) -> None:
    order = order_with(now, **LONG)
    issue_what_is_due(order_id=order.pk, at=now)
    said = papers.printed(Document.objects.get())

    assert inside_margins("document", said)
    assert not inside_margins("document", said, breaks=False)
    assert LONG["extra"] in text_of("document", said, now).replace(" ", "")


@pytest.mark.parametrize(
    ("country", "lines"),
    [
        ("US", ["Ana Costa", "12 Elm St", "Apt 4", "Fairfax, Virginia 22030", "United States"]),
        ("PT", ["Ana Costa", "12 Elm St", "Apt 4", "22030 Fairfax", "Portugal"]),
        ("GB", ["Ana Costa", "12 Elm St", "Apt 4", "Fairfax", "22030", "United Kingdom"]),
    ],
)
def test_papers_write_the_buyer_as_her_country_does(now: datetime, country: str, lines: list[str]) -> None:
    order = order_with(now, country=country, **AMERICAN)
    issue_what_is_due(order_id=order.pk, at=now)

    assert papers.printed(Document.objects.get())["buyer"] == lines
    assert slip(order)["address"] == lines


def test_the_slip_at_the_desk_is_this_paper(client: Client, now: datetime) -> None:
    order = order_with(now, gift_message="For Ines")
    clerk = StaffFactory()
    clerk.user_permissions.set(Permission.objects.filter(codename="view_order"))
    client.force_login(clerk)

    answer = client.get(f"/admin/orders/order/{order.pk}/slip.pdf")

    (page,) = pdf_pages(answer.content)
    assert "For Ines" in page
    assert AMOUNT.findall(page) == []
