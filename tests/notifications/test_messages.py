"""Every kind of message: called for by its event, complete in plain text, sound as HTML, whatever the data."""

from __future__ import annotations

import dataclasses
import re
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import translation

from notifications.messages import KINDS
from notifications.messages.kind import Kind
from notifications.messages.rendering import HTML_LIMIT_BYTES, Letter, render
from notifications.messages.words import Line
from notifications.models import Message
from orders.models import OrderAccess
from shop.operations.events import relay_events
from support.rules.folding import MARKER, marker, new_text
from tests.factories.notifications import event_for
from tests.factories.orders import placed_order
from tests.markup import faults_in

VOID = {"meta", "br", "img", "link", "hr", "input"}
LONG = "Wilhelmine-Aurora " * 12
NASTY = (
    "</td><script>alert(1)</script> {{ secret }} {% now %} &amp; «ℵ» مريم בַּת 👩‍🚀\r\nBcc: everybody@example.com\u2028X"
)


class Checker(HTMLParser):
    """Sees whether every tag is closed in its turn and collects the words and links."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []
        self.links: list[str] = []
        self.problems: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def letter_of(kind: Kind, at: datetime) -> tuple[Any, Letter]:
    event = event_for(kind.name, at=at)
    source = kind.find(event)
    context = kind.context(source, at)
    return context, render(kind, context)


def check(letter: Letter) -> Checker:
    """Ask of a letter what every letter must fulfil."""
    assert len(letter.subject) <= 150
    assert len(letter.subject.splitlines()) == 1
    assert letter.text.endswith("\n")
    assert not re.search(r"[ \t]\n|\n\n\n", letter.text)
    assert len(letter.html.encode()) <= HTML_LIMIT_BYTES
    page = Checker()
    page.feed(letter.html)
    assert (page.problems, page.open) == ([], [])
    assert faults_in(letter.html) == []
    assert 'name="color-scheme"' in letter.html
    assert "prefers-color-scheme: dark" in letter.html
    assert all(link.startswith((settings.SITE_URL, "mailto:", "tel:")) for link in page.links)
    assert "<script" not in letter.html
    assert re.search(r'<td class="inner" style="[^"]*color: #2a2420', letter.html)
    return page


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("<p><table><tr><td>x</td></tr></table></p>", "unexpected-end-tag"),
        ("<p>Ana & Costa &nosuch; </p>", "expected-named-entity"),
        ('<p class="a" class="b">x</p>', "duplicate-attribute"),
        ("<table><p>x</p></table>", "unexpected-start-tag-implies-table-voodoo"),
        ("<div><p>x</section></div>", "end-tag-too-early"),
    ],
)
def test_the_parser_sees_what_a_browser_would_have_to_guess(body: str, code: str) -> None:
    page = "<!DOCTYPE html><html lang=en><head><title>x</title></head><body>{}</body></html>"

    assert faults_in(page.format("<p>x</p>")) == []
    assert f"line 1: {code}" in faults_in(page.format(body))


def test_every_folder_of_templates_is_a_registered_kind() -> None:
    folders = {path.name for path in (Path(settings.BASE_DIR) / "templates" / "messages").iterdir() if path.is_dir()}

    assert folders - {"parts"} == set(KINDS)


@pytest.mark.django_db
@pytest.mark.parametrize("name", KINDS)
def test_a_letter_is_complete_in_plain_text_and_sound_as_html(name: str, now: datetime) -> None:
    context, letter = letter_of(KINDS[name], now)

    page = check(letter)

    assert "{{" not in letter.text + letter.html + letter.subject
    assert "{%" not in letter.text + letter.html
    words = " ".join(" ".join(page.words).split())
    links = {getattr(context, each.name) for each in dataclasses.fields(context) if each.name.endswith("url")}
    assert links <= set(page.links)
    for value in facts(context):
        assert value in letter.text or value in letter.subject
        if value not in links:
            assert " ".join(value.split()) in words
    if hasattr(context, "url"):
        assert letter.html.count(context.url) == 1  # one main button
    assert settings.CARE_PHONE in letter.text
    assert settings.SITE_URL in letter.text
    assert "no-reply" not in (letter.text + letter.html).replace("noreply", "no-reply")


def facts(context: Any) -> list[str]:
    """Return the texts of a context a reader must find in both forms."""
    hidden = {
        "first_name",
        "account_name",
        "iban",
        "bic",
        "paid_by",
        "phone",
        "text",
        "earlier",
        "earlier_rows",
        "subject",
        "what_we_do",
        "number",
    }
    return [
        value
        for field in dataclasses.fields(context)
        if isinstance(value := getattr(context, field.name), str) and value and field.name not in hidden
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("text", [LONG, NASTY, ""], ids=["long", "nasty", "missing"])
@pytest.mark.parametrize("name", KINDS)
def test_a_letter_stands_extreme_and_missing_data(name: str, text: str, now: datetime) -> None:
    context, _ = letter_of(KINDS[name], now)
    lines = tuple(Line(20, text[:120], text[:120], text[:20]) for _ in range(30 if text else 0))
    wild = dataclasses.replace(context, **{
        field.name: text if isinstance(getattr(context, field.name), str)
        else lines if isinstance(getattr(context, field.name), tuple) and "Line" in str(field.type)
        else (text,) * 4 if isinstance(getattr(context, field.name), tuple)
        else getattr(context, field.name)
        for field in dataclasses.fields(context)
        if not field.name.endswith("url")
    })  # fmt: skip

    letter = render(KINDS[name], wild)

    check(letter)
    assert "{%" not in (letter.text + letter.html).replace("{% now %}", "")
    assert letter.subject


@pytest.mark.django_db
def test_a_letter_is_written_in_the_language_of_the_order(now: datetime) -> None:
    order = placed_order(at=now, locale="de")
    event = event_for("order_placed", at=now, order=order)

    with translation.override("de"):
        context = KINDS["order_placed"].context(KINDS["order_placed"].find(event), now)

    assert context.arrives == "Mi., 4. – Do., 5. März"
    assert context.total == "28,90\xa0€"


@pytest.mark.django_db
def test_the_thanks_carry_date_price_and_a_link_that_opens_the_order(now: datetime) -> None:
    event = event_for("order_placed", at=now)

    relay_events(now)

    message = Message.objects.get(event=event)
    assert message.subject == "Your order KP-2041-7736: arrives Wed 4 – Thu 5 March"
    assert "Total: €28.90" in message.text
    assert f"{settings.SITE_URL}/orders/" in message.text
    assert OrderAccess.objects.filter(order__number="KP-2041-7736").count() == 1


@pytest.mark.django_db
def test_the_thanks_say_why_that_date(now: datetime) -> None:
    order = placed_order(at=now)
    promise = order.promises.order_by("id")[0]
    promise.pk, promise.version = None, 2
    promise.basis = {
        "steps": [
            {
                "stage": "start", "first_on": "2026-03-01", "last_on": "2026-03-02", "calendar": "x",
                "skipped": [["2026-03-01", ""]],
            },
            {"stage": "work", "first_on": "2026-03-02", "last_on": "2026-03-02", "calendar": "x", "skipped": []},
            {
                "stage": "transit", "first_on": "2026-03-03", "last_on": "2026-03-05", "calendar": "x",
                "skipped": [["2026-03-04", "Poya day"], ["2026-03-08", ""]],
            },
        ]
    }  # fmt: skip
    promise.save(force_insert=True)

    context = KINDS["order_placed"].context(order, now + timedelta(hours=1))

    assert context.why == (
        "Our workshop rests on Sunday 1 March; we start on Monday 2 March.",
        "Monday 2 March: we make it ready and pack it.",
        "Tue 3 – Thu 5 March: it travels to you. Not counted: Wednesday 4 March (Poya day).",
    )


@pytest.mark.django_db
def test_a_letter_too_long_for_html_goes_out_as_text(now: datetime) -> None:
    context, _ = letter_of(KINDS["support_answer"], now)

    letter = render(KINDS["support_answer"], dataclasses.replace(context, text="A long story. " * 5_000))

    assert letter.html == ""
    assert letter.text.count("A long story.") == 5_000


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["support_answer", "conversation_opened"])
def test_an_answer_to_a_conversations_mail_is_folded_in_any_program(name: str, now: datetime) -> None:
    _, letter = letter_of(KINDS[name], now)

    assert letter.text.startswith(f"{marker(MARKER)}\n\n")
    assert letter.html.count(MARKER) == 1
    header = "Van: Hearth\nVerzonden: maandag\nAan: Ana\nOnderwerp: Re: Mug\n\n"  # Outlook in a language we do not read
    assert new_text(f"Yes please.\n\n{header}{letter.text}") == "Yes please."


@pytest.mark.django_db
def test_other_mails_carry_no_line_of_ours(now: datetime) -> None:
    _, letter = letter_of(KINDS["order_placed"], now)

    assert MARKER not in letter.text + letter.html
