"""Tell me when it is back: consent twice, told once, in the order of asking, never more people than pieces allow."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from notifications.models import Message, Suppression
from notifications.operations.sending import send_messages
from shop.models import Event, StockAlert, StockLevel, Variant
from shop.operations import alerts
from shop.operations.events import relay_events
from shop.queries.alerts import alert_token
from shop.queries.audit import breaches
from shop.rules.alerts import may_be_told
from tests.factories.alerts import a_wait
from tests.factories.catalogue import tee
from tests.factories.shop import UserFactory, VariantFactory
from tests.pages import words

pytestmark = pytest.mark.django_db


@pytest.fixture
def gone() -> Variant:
    """The sage tee in M, sold out; everything else is there."""
    return tee(stock={"sage/m": 0}).variants.get(sku="tee-sage/m")


def ask(client: Client, wanted: Variant, **changes: str) -> tuple[int, str]:
    said = {"variant": str(wanted.pk), "email": "ana@example.com", "agreed": "on"} | changes
    answer = client.post("/p/tee/alert/", said)
    return answer.status_code, words(answer)


def put(variant: Variant, pieces: int) -> None:
    StockLevel.objects.filter(variant=variant).update(on_hand=pieces)


def mails(kind: str) -> list[str]:
    return list(Message.objects.filter(kind=kind, state="queued").order_by("id").values_list("recipient", flat=True))


def test_from_asking_to_the_one_mail(client: Client, gone: Variant, now: datetime) -> None:
    assert ask(client, gone)[0] == 302
    relay_events(now)
    put(gone, 1)
    assert alerts.tell_waiting(now) == 0  # she has not confirmed

    page = f"/alerts/{alert_token(StockAlert.objects.get().pk)}/"
    assert page in Message.objects.get(kind="alert_confirm").text
    assert "Shall we write to you when it is back?" in words(client.get(page))
    assert StockAlert.objects.get().confirmed_at is None  # opening it changes nothing
    assert client.post(page, {"do": "confirm"}).status_code == 302
    assert "We write to you when it is back" in words(client.get(page))

    assert [alerts.tell_waiting(now), alerts.tell_waiting(now)] == [1, 0]
    relay_events(now)
    assert mails("alert_back") == ["ana@example.com"]
    assert page in Message.objects.get(kind="alert_back").text
    assert "We have written to you" in words(client.get(page))


def test_nobody_is_put_on_the_desk_for_an_address_somebody_mistyped(
    client: Client, gone: Variant, now: datetime
) -> None:
    """A mailbox that bounced before, and somebody types it again: there is nobody to call."""
    Suppression.objects.create(channel="email", address="ana@example.com", cause="bounced", since=now)

    ask(client, gone)
    relay_events(now)

    assert [(row.kind, row.state) for row in Message.objects.all()] == [("alert_confirm", "failed")]
    assert not Event.objects.filter(name="notifications.message.failed").exists()


def test_signed_in_with_a_proved_address_needs_no_mail(client: Client, gone: Variant, now: datetime) -> None:
    client.force_login(UserFactory(email="ana@example.com"))

    ask(client, gone)

    relay_events(now)
    assert StockAlert.objects.get().confirmed_at is not None
    assert Message.objects.count() == 0


@pytest.mark.parametrize("proved", [True, False])
def test_somebody_elses_address_is_always_asked(client: Client, gone: Variant, now: datetime, proved: bool) -> None:
    client.force_login(UserFactory(email="rui@example.com" if proved else "ana@example.com", proved=proved))

    ask(client, gone)

    assert StockAlert.objects.get().confirmed_at is None


def test_asking_twice_is_asking_once(client: Client, gone: Variant, now: datetime) -> None:
    for email in ("ana@example.com", "Ana@Example.com"):
        assert ask(client, gone, email=email)[0] == 302

    assert StockAlert.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        a_wait(at=now, variant=gone, email="ANA@example.com")


def test_nobody_can_be_flooded(client: Client, gone: Variant) -> None:
    answers = [ask(client, gone) for _ in range(alerts.MAILS_AN_HOUR + 1)]

    assert [status for status, _ in answers] == [302] * alerts.MAILS_AN_HOUR + [422]
    assert "We have written to this address several times" in answers[-1][1]
    assert Event.objects.filter(name="shop.alert.asked").count() == alerts.MAILS_AN_HOUR


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"agreed": ""}, "Tick the box, so that we may write to you."),
        ({"email": "ana"}, "Enter an e-mail address such as ana@example.com."),
        ({"email": "\x00@example.com"}, "There is a problem"),
        ({"variant": "0"}, "That one is not sold out."),
        ({"variant": ""}, "Choose what you are waiting for."),
    ],
)
def test_refusals_say_what_to_do_and_keep_nothing(
    client: Client, gone: Variant, changes: dict[str, str], sentence: str
) -> None:
    status, said = ask(client, gone, **changes)

    assert (status, sentence in said) == (422, True)
    assert (StockAlert.objects.count(), Event.objects.count()) == (0, 0)


def test_what_is_there_is_not_waited_for(client: Client, gone: Variant) -> None:
    put(gone, 1)

    assert "Every size and colour is there right now." in words(client.get("/p/tee/alert/"))
    with pytest.raises(alerts.NotWaitedFor):
        alerts.ask_alert(
            variant_id=gone.pk, email="a@example.com", locale="en", proved=True, at=datetime.now().astimezone()
        )


def test_sold_out_size_can_be_chosen_and_leads_to_waiting(client: Client, gone: Variant) -> None:
    answer = client.post("/bag/add/", {"variant": gone.pk, "quantity": 1, "product": "tee"})

    assert answer["Location"] == f"/p/tee/alert/?variant={gone.pk}"
    assert f'value="{gone.pk}" checked' in " ".join(client.get(answer["Location"]).content.decode().split())


def test_people_are_told_in_turns_in_the_order_of_asking(gone: Variant, now: datetime) -> None:
    for number in range(8):
        a_wait(at=now + timedelta(minutes=number), variant=gone, email=f"p{number}@example.com")
    put(gone, 2)
    later = now + timedelta(hours=1)

    assert alerts.tell_waiting(later) == 6
    assert alerts.tell_waiting(later + timedelta(hours=23)) == 0
    told = StockAlert.objects.filter(told_at=later).order_by("asked_at").values_list("email", flat=True)
    assert list(told) == [f"p{number}@example.com" for number in range(6)]
    assert alerts.tell_waiting(later + timedelta(hours=25)) == 2
    assert "S13" not in {breach.code for breach in breaches()}


@pytest.mark.parametrize(("pieces", "lately", "most"), [(2, 0, 6), (2, 5, 1), (2, 9, 0), (0, 0, 0), (-1, 0, 0)])
def test_never_more_people_than_pieces_allow(pieces: int, lately: int, most: int) -> None:
    assert may_be_told(pieces=pieces, told_lately=lately) == most


def test_who_stopped_hears_nothing_not_even_what_was_written(client: Client, gone: Variant, now: datetime) -> None:
    alert = a_wait(at=now, variant=gone)
    put(gone, 1)
    alerts.tell_waiting(now)
    relay_events(now)

    client.post(f"/alerts/{alert_token(alert.pk)}/", {"do": "stop"})
    send_messages(now + timedelta(days=1))

    message = Message.objects.get(kind="alert_back")
    assert (message.state, message.reason) == ("suppressed", "She does not want to hear of it any more.")
    assert StockAlert.objects.get().email == ""
    assert client.post(f"/alerts/{alert_token(alert.pk)}/", {"do": "confirm"}).status_code == 404


def test_stopping_before_the_relay_came_parks_nothing(gone: Variant, now: datetime) -> None:
    alert = a_wait(at=now, variant=gone)
    put(gone, 1)
    alerts.tell_waiting(now)
    alerts.stop_alert(alert_id=alert.pk, at=now)

    relay_events(now)

    assert Message.objects.get(kind="alert_back").state == "suppressed"


@pytest.mark.parametrize("token", ["1", "1~x", "x", f"{'9' * 40}~a"])
def test_strangers_link_opens_nothing(client: Client, now: datetime, token: str) -> None:
    a_wait(at=now)

    assert {client.get(f"/alerts/{token}/").status_code, client.post(f"/alerts/{token}/").status_code} == {404}


def test_addresses_are_forgotten(now: datetime) -> None:
    a_wait(at=now - timedelta(days=8), email="never@example.com", confirmed=False)
    a_wait(at=now - timedelta(days=400), email="waits@example.com")
    StockAlert.objects.filter(pk=a_wait(at=now - timedelta(days=60), email="told@example.com").pk).update(
        told_at=now - timedelta(days=31)
    )

    assert [alerts.forget_alerts(now), alerts.forget_alerts(now)] == [2, 0]
    assert StockAlert.objects.get().email == "waits@example.com"


def test_nothing_back_asks_one_query(now: datetime, django_assert_num_queries: object) -> None:
    for _ in range(3):
        a_wait(at=now, variant=VariantFactory(stock=0))

    with django_assert_num_queries(1):  # type: ignore[operator]
        assert alerts.tell_waiting(now) == 0
