"""Words of staff's own: checked, shown, kept, used by the next message, compared with the file."""

from __future__ import annotations

import html
from datetime import datetime

import pytest
from django.test import Client
from pytest_django import Settings

from notifications.messages import KINDS
from notifications.messages.own_words import file_words, variables
from notifications.messages.rendering import surroundings
from notifications.models import Message, Wording
from notifications.operations.composing import compose_messages
from notifications.operations.wording import BadWords, UnknownKind, write_wording
from notifications.rules.flat import problems
from orders.models import DelayCase, Order, OrderAccess
from shop.models import Event
from tests.factories.notifications import event_for
from tests.factories.orders import placed_order
from tests.factories.shop import StaffFactory
from tests.notifications.test_admin import colleague

pytestmark = pytest.mark.django_db
PAGE = "/admin/notifications/message/words/order_delayed/en/"
SUBJECT = "{{ number }}: now {{ now }}"
TEXT = "We said {{ promised }} and it is {{ now }}.\n\n{{ why }}\n\nSee it:\n\n{{ url }}"


def write(now: datetime, subject: str = SUBJECT, text: str = TEXT, **more: str) -> Wording | None:
    named = {"kind": "order_delayed", "locale": "en"} | more
    return write_wording(subject=subject, text=text, by=StaffFactory(), at=now, **named)


def delayed(now: datetime) -> Message:
    compose_messages(event=event_for("order_delayed", at=now), at=now)
    return Message.objects.get(kind="order_delayed")


@pytest.mark.parametrize("kind", KINDS)
def test_the_files_words_have_a_flat_form_that_needs_only_known_variables(kind: str) -> None:
    """So that they can be the start of one's own."""
    words = file_words(KINDS[kind], "en", around=surroundings(by_a_person=False))

    assert words.subject
    assert words.text.strip()
    assert problems(words.subject, words.text, known=variables(KINDS[kind]), must_say=KINDS[kind].must_say) == []


def test_the_next_message_uses_our_words_in_text_and_html(now: datetime) -> None:
    write(now)

    message = delayed(now)

    order = Order.objects.get()
    assert message.subject == f"{order.number}: now Fri 6 – Sat 7 March"
    assert message.text.startswith(
        "Hello Ana,\n\nWe said Wed 4 – Thu 5 March and it is Fri 6 – Sat 7 March.\n\nThe road"
    )
    assert "Any question? Just answer this mail" in message.text
    assert message.html.count('class="button-link"') == 1
    assert "{{" not in message.text + message.html + message.subject


def test_a_subject_alone_leaves_the_files_text(now: datetime) -> None:
    write(now, text="")

    message = delayed(now)

    assert message.subject.endswith(": now Fri 6 – Sat 7 March")
    assert "What we do:" in message.text


def test_words_of_another_language_change_nothing_here(now: datetime, settings: Settings) -> None:
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch")]
    write(now, locale="de")

    assert "What we do:" in delayed(now).text


def test_what_a_value_says_cannot_become_a_tag_or_markup(now: datetime) -> None:
    write(now)
    order = placed_order(at=now)
    event = event_for("order_delayed", at=now, order=order)
    DelayCase.objects.update(reason="<script>alert(1)</script> {{ secret }} {% now %}")

    compose_messages(event=event, at=now)

    page = Message.objects.get(event=event).html
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ secret }} {% now %}" in page


@pytest.mark.parametrize(
    ("subject", "text"),
    [(SUBJECT, "{% now %}" + TEXT), (SUBJECT, TEXT + "{{ order.email }}"), ("{{ secret }}", TEXT), (SUBJECT, "Soon.")],
)
def test_bad_words_are_refused_and_nothing_is_kept(now: datetime, subject: str, text: str) -> None:
    with pytest.raises(BadWords):
        write(now, subject, text)

    assert not Wording.objects.exists()
    assert not Event.objects.filter(name="notifications.wording.changed").exists()


@pytest.mark.parametrize("named", [{"kind": "love_letter"}, {"locale": "xx"}])
def test_words_for_nothing_are_refused(now: datetime, named: dict[str, str]) -> None:
    with pytest.raises(UnknownKind):
        write(now, **named)


def test_empty_words_bring_the_files_back(now: datetime) -> None:
    write(now)

    assert write(now, "", "") is None

    assert not Wording.objects.exists()
    assert [event.payload["own"] for event in Event.objects.filter(name="notifications.wording.changed")] == [
        True,
        False,
    ]


def test_a_lead_sees_what_differs_and_keeps_her_words(client: Client, now: datetime) -> None:
    person = colleague(client, "view_message", "write_wording")

    answer = client.post(PAGE, {"subject": SUBJECT, "text": TEXT, "do": "keep"})

    assert answer.status_code == 303
    kept = Wording.objects.get()
    assert (kept.subject, kept.text, kept.changed_by) == (SUBJECT, TEXT, person)
    page = client.get(PAGE).content.decode()
    assert page.count('class="ours"') >= 2
    assert page.count('class="theirs"') >= 2
    assert "own words" in client.get("/admin/notifications/message/words/").content.decode()


def test_showing_first_keeps_nothing(client: Client, now: datetime) -> None:
    order = event_for("order_delayed", at=now).order_number
    colleague(client, "view_message", "write_wording")

    answer = client.post(PAGE, {"subject": SUBJECT, "text": TEXT, "order": order.lower(), "do": "show"})

    assert "We said Wed 4 – Thu 5 March and it is" in answer.content.decode()
    assert not Wording.objects.exists()
    assert not OrderAccess.objects.exists()


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"text": TEXT + "{% load x %}"}, "Take out {% load x %}: no tags, only variables."),
        ({"text": TEXT + "{{ a.b }}"}, "Write a plain variable such as {{ number }} instead of {{ a.b }}."),
        ({"text": TEXT + "{{ secret }}"}, "There is no variable called secret"),
        ({"text": "Soon."}, "Say {{ promised }} somewhere"),
        ({"do": "show", "order": "KP-0"}, "Nothing has happened to this order"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    client: Client, now: datetime, values: dict[str, str], says: str
) -> None:
    colleague(client, "view_message", "write_wording")

    answer = client.post(PAGE, {"subject": "typed {{ number }}", "text": TEXT, "do": "keep"} | values)

    page = html.unescape(answer.content.decode())
    assert answer.status_code == 422
    assert says in page
    assert "typed {{ number }}" in page
    assert not Wording.objects.exists()


def test_a_colleague_who_may_only_read_changes_nothing(client: Client) -> None:
    colleague(client, "view_message")

    assert client.post(PAGE, {"subject": SUBJECT, "text": TEXT, "do": "keep"}).status_code == 403
    assert "Use these words" not in client.get(PAGE).content.decode()
    assert client.get("/admin/notifications/message/words/love_letter/en/").status_code == 404
