"""Mails in the language of the order, complete, whoever makes them and wherever."""

from __future__ import annotations

import re
import uuid
from datetime import datetime

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from pytest_django import Settings

from notifications.messages import KINDS
from notifications.messages.rendering import render
from notifications.models import Message
from orders.models import Order, Parcel
from shop.operations.events import relay_events
from shop.operations.people import sync_roles
from support.queries.conversations import language_of_writer
from support.rules.folding import new_text
from tests.factories.bags import filled_bag
from tests.factories.notifications import event_for
from tests.factories.orders import placed_order
from tests.factories.shop import StaffFactory, UserFactory
from tests.factories.support import support_desk
from tests.languages import unknown_texts
from tests.notifications.test_messages import check
from tests.orders.test_checkout_page import FILLED, hidden

pytestmark = pytest.mark.django_db

# What people wrote, and names: the same in every language.
SAID = {
    "Where is it?",
    "> Where is it?",
    "It left this morning.",
    "Sorry for the wait.",
    "It is with you on Thursday.",
    "It names your neighbour.",
    "Dilini, Hearth & Thread",
    "Hearth & Thread",
    "Hearth & Thread, returns",
    "Hearth & Thread, Lda.",
}
NAMES = re.compile(r"[0-9]+ × |IBAN|BIC|Rua |Ana Costa|[0-9-]+ Porto")


def test_every_kind_is_german_without_a_sentence_left_in_english(now: datetime) -> None:
    faults = []

    for position, (name, kind) in enumerate(KINDS.items()):
        order = placed_order(at=now, locale="de", number=f"KP-2041-77{position:02}")
        source = kind.find(event_for(name, at=now, order=order))
        with translation.override("en"):
            english = render(kind, kind.context(source, now))
        with unknown_texts("de") as unknown, translation.override("de"):
            german = render(kind, kind.context(source, now))
        check(german)
        same = set(german.text.splitlines()) & set(english.text.splitlines())
        faults += [f"{name}: {text!r} is not in the catalogue" for text in sorted(unknown)]
        faults += [f"{name}: {line!r} is the same" for line in sorted(same) if " " in line.strip() and not known(line)]
        faults += [] if '<html lang="de" dir="ltr"' in german.html or kind.for_staff else [f"{name}: lang or dir"]

    assert faults == []


def known(line: str) -> bool:
    return line.strip() in SAID or bool(NAMES.match(line.strip()))


def test_a_mail_in_a_language_written_from_the_right_is_turned(now: datetime, settings: Settings) -> None:
    settings.LANGUAGES = [*settings.LANGUAGES, ("ar", "العربية")]
    event = event_for("order_placed", at=now, order=placed_order(at=now, locale="ar"))

    relay_events(now)

    letter = Message.objects.get(event=event)
    assert '<html lang="ar" dir="rtl"' in letter.html
    assert "<bdi>" in letter.html  # names and addresses keep their own direction
    assert "الأربعاء، 4 – الخميس، 5 مارس" in letter.subject.replace("\u2009", " ")


def test_an_order_placed_in_german_is_told_of_in_german_whoever_acts_on_it(
    client: Client, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    _cart, client.cookies["bag"] = filled_bag(at=now)
    german = {"accept-language": "de"}
    form = FILLED | hidden(client.get("/checkout/", headers=german))
    assert client.post("/checkout/", form, headers=german).status_code == 302
    order = Order.objects.get()
    translation.activate("en")  # what a worker speaks

    relay_events(now)
    press_pack(Parcel.objects.get())
    relay_events(now)

    assert order.locale == "de"
    subjects = list(Message.objects.exclude(subject="").order_by("id").values_list("subject", "locale"))
    assert subjects == [
        (f"Ihre Bestellung {order.number}: Ankunft Do., 5. – Fr., 6. März", "de"),
        (f"{order.number} ist gepackt: Ankunft Do., 5. – Fr., 6. März", "de"),
    ]


def press_pack(parcel: Parcel) -> None:
    """Pack as a person of the warehouse does, with an English browser."""
    sync_roles(at=timezone.now())
    person, desk = StaffFactory(), Client(headers={"accept-language": "en"})
    person.groups.add(Group.objects.get(name="warehouse"))
    desk.force_login(person)
    answer = desk.post(reverse("admin:orders_parcel_pack", args=[parcel.pk]))
    assert answer.status_code == 303


def test_why_a_message_was_held_back_is_said_to_staff_in_their_language(now: datetime) -> None:
    order = placed_order(at=now, locale="de")
    event = event_for("payment_received", at=now, order=order)
    order.payment.provider = "stripe"
    order.payment.save()

    relay_events(now)

    held = Message.objects.get(event=event)
    assert (held.state, held.reason) == (
        "suppressed",
        "It was paid while ordering or at the door; the thanks said so.",
    )


def test_who_writes_from_a_german_page_is_answered_in_german(client: Client) -> None:
    support_desk()
    typed = {
        "topic": "fit",
        "message": "Gibt es das auch länger?",
        "name": "Ana Costa",
        "email": "ana@example.com",
        "token": str(uuid.uuid4()),
    }
    assert client.post("/help/contact/", typed, headers={"accept-language": "de"}).status_code == 302

    relay_events(timezone.now())

    letter = Message.objects.get(kind="conversation_opened")
    assert letter.subject.startswith("Wir haben Ihre Nachricht C-")
    assert letter.text.startswith("↑ Bitte antworten Sie über dieser Zeile ↑\n\nGuten Tag Ana,")
    assert new_text(f"Danke!\n\n{letter.text}") == "Danke!"


@pytest.mark.parametrize(
    ("account", "orders", "spoken"),
    [("", (), ""), ("", ("de",), "de"), ("", ("de", "en"), "en"), ("en", ("de",), "en"), ("de", (), "de")],
)
def test_a_mail_is_answered_in_the_language_its_writer_has_with_us(
    now: datetime, account: str, orders: tuple[str, ...], spoken: str
) -> None:
    person = UserFactory(email="ana@example.com", language=account)
    for position, locale in enumerate(orders):
        placed_order(at=now, number=f"KP-2041-770{position}", locale=locale, customer=person)

    assert language_of_writer("Ana@example.com") == spoken
    assert language_of_writer("rui@example.com") == ""
