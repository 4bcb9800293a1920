"""What she wishes to hear decides where a message goes, when it is written and again when it is sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from notifications.messages import KINDS
from notifications.messages.kind import Lane
from notifications.models import Message, Reader, Suppression, Wish
from notifications.models.tokens import STOP, WISHES, sign_name
from notifications.operations import wishing
from notifications.operations.composing import compose_messages
from notifications.operations.sending import send_messages
from shop.models import Event
from shop.operations.limits import TooOften
from tests.factories.notifications import event_for, queued, told
from tests.factories.orders import placed_order
from tests.factories.shop import UserFactory
from tests.faults.harness import SmtpPeer

pytestmark = pytest.mark.django_db
ANA = "ana@example.com"
NUMBER = "+351912345678"
OPTIONAL = [kind.name for kind in KINDS.values() if kind.optional]
ABOUT_AN_ORDER = [name for name in OPTIONAL if KINDS[name].lane != Lane.CAMPAIGN]


@pytest.fixture
def peer(settings: Settings) -> Iterator[SmtpPeer]:
    with SmtpPeer() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 20
        settings.SMALL_NEWS_MINUTES = 0
        yield server


@pytest.fixture
def sms(settings: Settings) -> None:
    settings.TEXT_URLS = {"sms": "json://127.0.0.1:9/{to}", "whatsapp": "json://127.0.0.1:9/{to}", "telegram": ""}


def reader(at: datetime, *, channel: str = "sms", confirmed: bool = True, **fields: object) -> Reader:
    values = {"text_channel": channel, "text_address": NUMBER, "text_confirmed_at": at if confirmed else None}
    return Reader.objects.create(address=ANA, changed_at=at, **(values | fields))


def wish(who: Reader, kind: str, channel: str, wanted: bool) -> None:
    Wish.objects.create(reader=who, kind=kind, channel=channel, wanted=wanted, changed_at=who.changed_at)


def written(event: Event, at: datetime) -> list[tuple[str, str, str]]:
    compose_messages(event=event, at=at)
    rows = Message.objects.filter(event=event).order_by("id")
    return list(rows.values_list("channel", "recipient", "state"))


def test_a_text_goes_beside_the_mail_where_she_asked_for_it(now: datetime, sms: None) -> None:
    wish(reader(now), "order_delayed", "sms", True)
    event = event_for("order_delayed", at=now)

    assert written(event, now) == [("email", ANA, "queued"), ("sms", NUMBER, "queued")]

    mail, text = Message.objects.filter(event=event).order_by("id")
    assert text.html == ""
    assert text.text.startswith("Hearth & Thread: KP-2041-7736 will be later: arrives ")
    assert text.text.split()[-1] in mail.text
    assert len(text.text) <= 459


@pytest.mark.parametrize("missing", ["confirmed", "channel", "open"])
def test_a_text_goes_nowhere_she_did_not_open(now: datetime, sms: None, settings: Settings, missing: str) -> None:
    wish(reader(now, confirmed=missing != "confirmed"), "order_delayed", "sms", True)
    if missing == "open":
        settings.TEXT_URLS = {"sms": ""}
    if missing == "channel":
        Reader.objects.update(text_channel="telegram")

    assert written(event_for("order_delayed", at=now), now) == [("email", ANA, "queued")]


@pytest.mark.parametrize(("hours_ago", "ways"), [(23, ["email", "whatsapp"]), (25, ["email"]), (None, ["email"])])
def test_a_channel_with_a_window_is_open_after_she_wrote_there(
    now: datetime, sms: None, hours_ago: int | None, ways: list[str]
) -> None:
    heard = now - timedelta(hours=hours_ago) if hours_ago else None
    wish(reader(now, channel="whatsapp", text_heard_at=heard), "order_delayed", "whatsapp", True)

    assert [channel for channel, _to, _state in written(event_for("order_delayed", at=now), now)] == ways


@pytest.mark.parametrize("kind", ABOUT_AN_ORDER)
def test_what_she_switched_off_stands_on_the_page_of_her_order(now: datetime, kind: str) -> None:
    wish(Reader.objects.create(address=ANA.upper(), changed_at=now), kind, "email", False)

    assert written(event_for(kind, at=now), now) == [("inbox", ANA, "sent")]


@pytest.mark.parametrize("kind", ["birthday", "anniversary"])
def test_a_greeting_she_switched_off_stands_nowhere(now: datetime, kind: str) -> None:
    event = event_for(kind, at=now)
    Wish.objects.update(wanted=False)

    assert written(event, now) == [("email", ANA, "suppressed")]


def test_what_she_must_hear_comes_though_she_switched_everything_off(now: datetime) -> None:
    who = Reader.objects.create(address=ANA, changed_at=now)
    for kind in KINDS:
        wish(who, kind, "email", False)

    assert written(event_for("order_delayed", at=now), now) == [("email", ANA, "queued")]


def test_a_closed_mail_address_goes_the_other_way_or_to_staff(now: datetime, sms: None) -> None:
    Suppression.objects.create(channel="email", address="Ana@Example.com", cause="bounced", since=now)
    first, second = (placed_order(at=now, number=f"KP-1000-000{n}") for n in (1, 2))
    assert written(event_for("order_delayed", at=now, order=first), now) == [("email", ANA, "failed")]
    failed = Event.objects.get(name="notifications.message.failed")
    assert (failed.payload["why"], failed.order_number) == ("closed", "KP-1000-0001")
    reader(now)

    assert written(event_for("order_delayed", at=now, order=second), now) == [("sms", NUMBER, "queued")]


def test_a_refused_mail_goes_by_text_once(peer: SmtpPeer, now: datetime, sms: None) -> None:
    reader(now)
    event = event_for("order_delayed", at=now)
    compose_messages(event=event, at=now)
    peer.mode = "5xx"

    send_messages(timezone.now())

    rows = Message.objects.filter(event=event).order_by("id").values_list("channel", "state")
    assert list(rows)[:2] == [("email", "failed"), ("sms", "queued")]
    assert not Event.objects.filter(name="notifications.message.failed").exists()


def test_a_refused_mail_without_another_way_is_a_task(peer: SmtpPeer, now: datetime) -> None:
    event = event_for("order_delayed", at=now)
    compose_messages(event=event, at=now)
    peer.mode = "5xx"

    send_messages(timezone.now())

    assert Event.objects.get(name="notifications.message.failed").payload["why"] == "refused"


def test_nothing_optional_goes_out_after_she_switched_it_off(peer: SmtpPeer, now: datetime) -> None:
    """Source: reliability reference T29."""
    for kind, number in (("parcel_delivered", 1), ("order_delayed", 2)):
        compose_messages(event=event_for(kind, at=now, order=placed_order(at=now, number=f"KP-1-{number}")), at=now)
        wishing.choose_wishes(
            address=ANA, wishes={(kind, "email"): False}, hours=wishing.Hours(None, None, "UTC"),
            first_channel="email", at=now,
        )  # fmt: skip

    send_messages(timezone.now())

    assert list(Message.objects.order_by("id").values_list("kind", "state", "reason")) == [
        ("parcel_delivered", "suppressed", "She does not want this kind any more."), ("order_delayed", "sent", ""),
    ]  # fmt: skip
    assert len(peer.accepted) == 1


def test_nothing_goes_out_after_its_address_was_closed(peer: SmtpPeer, now: datetime) -> None:
    compose_messages(event=event_for("order_delayed", at=now), at=now)
    Suppression.objects.create(channel="email", address=ANA, cause="complained", since=now)

    send_messages(timezone.now())

    assert (Message.objects.get().state, len(peer.accepted)) == ("failed", 0)
    assert Event.objects.get(name="notifications.message.failed").payload["why"] == "closed"


NIGHT = datetime(2026, 3, 2, 22, 0, tzinfo=UTC)
MORNING = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)


def test_a_text_waits_for_the_morning_and_the_mail_does_not(sms: None) -> None:
    wish(reader(NIGHT), "order_delayed", "sms", True)
    event = event_for("order_delayed", at=NIGHT)

    compose_messages(event=event, at=NIGHT)

    due = dict(Message.objects.filter(event=event).values_list("channel", "due_at"))
    assert due == {"email": NIGHT, "sms": MORNING}


def test_her_own_quiet_hours_hold_for_mails_and_not_for_what_she_asked_for() -> None:
    reader(NIGHT, quiet_from=21 * 60, quiet_until=8 * 60)
    delayed, link = (
        event_for("order_delayed", at=NIGHT),
        told(placed_order(at=NIGHT, number="KP-9"), "orders.link.requested", at=NIGHT),
    )

    for event in (delayed, link):
        compose_messages(event=event, at=NIGHT)

    due = dict(Message.objects.values_list("kind", "due_at"))
    assert due == {"order_delayed": MORNING, "tracking_link": NIGHT}


def test_what_comes_due_at_night_after_an_outage_waits_for_the_morning(peer: SmtpPeer) -> None:
    reader(NIGHT, quiet_from=21 * 60, quiet_until=8 * 60)
    message = queued(told(placed_order(at=NIGHT), "orders.parcel.handed-over", at=NIGHT), kind="parcel_handed_over")

    send_messages(NIGHT + timedelta(hours=2))

    message.refresh_from_db()
    assert (message.state, message.due_at, len(peer.accepted)) == ("queued", max(MORNING, message.due_at), 0)


# -- One click ------------------------------------------------------------------------------------------------------


def optional_mail(now: datetime) -> Message:
    compose_messages(event=event_for("parcel_delivered", at=now), at=now)
    return Message.objects.get()


def test_a_mail_she_may_stop_says_how_and_one_click_stops_it(
    peer: SmtpPeer, now: datetime, client: Client, settings: Settings
) -> None:
    optional_mail(now)
    send_messages(timezone.now())
    letter = peer.accepted[0]
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = str(letter["List-Unsubscribe"]).strip("<>").removeprefix(settings.SITE_URL)

    answer = Client(enforce_csrf_checks=True).post(url, {"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    assert Wish.objects.values_list("kind", "channel", "wanted").get() == ("parcel_delivered", "email", False)
    assert written(event_for("parcel_delivered", at=now, order=placed_order(at=now, number="KP-2")), now) == [
        ("inbox", ANA, "sent")
    ]


def test_what_she_must_hear_offers_no_such_click(peer: SmtpPeer, now: datetime) -> None:
    compose_messages(event=event_for("order_delayed", at=now), at=now)
    send_messages(timezone.now())

    assert peer.accepted[0]["List-Unsubscribe"] is None


def test_looking_at_the_link_changes_nothing(client: Client, now: datetime) -> None:
    message = optional_mail(now)
    url = reverse("notifications:stop", args=[sign_name(message.message_id, purpose=STOP)])

    page = client.get(url)

    assert page.status_code == 200
    assert "Arrived and happy?" in page.content.decode()
    assert not Wish.objects.exists()


def test_a_link_fits_its_own_purpose_only(client: Client, now: datetime) -> None:
    message = optional_mail(now)
    tokens = {purpose: sign_name(message.message_id, purpose=purpose) for purpose in (STOP, WISHES)}

    assert client.post(reverse("notifications:stop", args=[tokens[WISHES]])).status_code == 404
    assert client.get(reverse("notifications:wishes", args=[tokens[STOP]])).status_code == 404
    assert client.get(reverse("notifications:wishes", args=[tokens[WISHES] + "x"])).status_code == 404
    Message.objects.update(created_at=timezone.now() - timedelta(days=401))
    assert client.get(reverse("notifications:wishes", args=[tokens[WISHES]])).status_code == 404
    assert not Wish.objects.exists()


def test_what_she_must_hear_cannot_be_stopped_by_a_forged_click(client: Client, now: datetime) -> None:
    compose_messages(event=event_for("order_delayed", at=now), at=now)
    token = sign_name(Message.objects.get().message_id, purpose=STOP)

    assert client.post(reverse("notifications:stop", args=[token])).status_code == 409
    assert not Wish.objects.exists()


# -- Her page ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def page(now: datetime) -> str:
    message = optional_mail(now)
    return reverse("notifications:wishes", args=[sign_name(message.message_id, purpose=WISHES)])


def save(client: Client, page: str, *ticks: str, **more: str) -> int:
    values = {"do": "save", "quiet_from": "", "quiet_until": "", "time_zone": "Europe/Lisbon"} | more
    return client.post(page, values | dict.fromkeys(ticks, "on")).status_code


def test_her_page_keeps_ticks_and_hours(client: Client, page: str) -> None:
    assert save(client, page, "order_packed.email", quiet_from="22:30", quiet_until="07:15") == 302

    who = Reader.objects.get()
    assert (who.quiet_from, who.quiet_until, who.time_zone) == (1350, 435, "Europe/Lisbon")
    kept = {wish.kind: wish.wanted for wish in who.wishes.all()}
    assert kept == {kind: kind == "order_packed" for kind in OPTIONAL}
    shown = client.get(page).content.decode()
    assert 'value="22:30"' in shown
    assert shown.count("checked") == 1
    assert save(client, page, *(f"{kind}.email" for kind in OPTIONAL)) == 302
    assert set(Wish.objects.values_list("wanted", flat=True)) == {True}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"quiet_from": "22:30"}, "Enter both times, or leave both empty: then mails come at any hour."),
        ({"quiet_from": "late", "quiet_until": "7"}, "Enter a valid time."),
        ({"time_zone": "Mars/Olympus"}, "Select a valid choice."),
    ],
)
def test_wrong_hours_are_said_and_nothing_is_kept(client: Client, page: str, wrong: dict[str, str], says: str) -> None:
    answer = client.post(page, {"do": "save", "time_zone": "Europe/Lisbon"} | wrong)

    assert (answer.status_code, says in answer.content.decode()) == (422, True)
    assert not Reader.objects.exists()


def test_her_page_asks_no_more_for_many_kinds_than_it_has_to(
    client: Client, page: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    save(client, page)

    with django_assert_max_num_queries(9):
        client.get(page)


def test_signed_in_she_asks_for_news_on_a_page_of_her_account_for_her_own_address_alone(client: Client) -> None:
    client.force_login(UserFactory(email="bea@example.com"))
    own = reverse("notifications:own-wishes")
    assert "For bea@example.com." in client.get(own).content.decode()
    assert not Reader.objects.exists()

    assert save(client, own, "campaign.email") == 302

    assert Reader.objects.get().address == "bea@example.com"
    assert Wish.objects.get(kind="campaign").wanted
    assert own in client.get(reverse("account:home")).content.decode()


def test_an_address_nobody_proved_is_proved_first(client: Client) -> None:
    person = UserFactory(email="bea@example.com")
    EmailAddress.objects.filter(user=person).update(verified=False)
    client.force_login(person)

    answer = client.post(reverse("notifications:own-wishes"), {"time_zone": "Europe/Lisbon", "campaign.email": "on"})

    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("account_email"))
    assert not Reader.objects.exists()


# -- A number of her own ----------------------------------------------------------------------------------------------


def code_sent() -> str:
    return Message.objects.filter(kind="text_code").order_by("-id")[0].text.split()[0]


def test_a_number_counts_once_its_code_came_back(client: Client, page: str, sms: None) -> None:
    assert client.post(page, {"do": "code", "channel": "sms", "number": "+351 912 345 678"}).status_code == 302
    text = Message.objects.get(kind="text_code")
    assert (text.channel, text.recipient, text.lane) == ("sms", NUMBER, 0)
    assert Reader.objects.get().text_confirmed_at is None

    assert client.post(page, {"do": "confirm", "code": "wrong"}).status_code == 422
    assert client.post(page, {"do": "confirm", "code": f" {code_sent()} "}).status_code == 302

    assert Reader.objects.get().text_confirmed_at is not None
    assert save(client, page, "order_delayed.sms", "order_delayed.email", first_channel="sms") == 302
    assert Reader.objects.get().first_channel == "sms"
    assert client.post(page, {"do": "forget"}).status_code == 302
    who = Reader.objects.get()
    assert (who.text_address, who.text_confirmed_at, who.first_channel) == ("", None, "email")


@pytest.mark.parametrize("number", ["912 345 678", "+351 1", "call me", ""])
def test_a_number_that_is_none_is_said(client: Client, page: str, sms: None, number: str) -> None:
    answer = client.post(page, {"do": "code", "channel": "sms", "number": number})

    assert answer.status_code == 422
    assert not Message.objects.filter(kind="text_code").exists()


def test_a_code_cannot_be_guessed_and_ends(now: datetime, sms: None) -> None:
    wishing.ask_for_code(address=ANA, channel="sms", number=NUMBER, at=now)
    code = code_sent()
    with pytest.raises(wishing.WrongCode):
        wishing.confirm_code(address=ANA, code=code, at=now + timedelta(minutes=15))
    for _guess in range(4):
        with pytest.raises(wishing.WrongCode):
            wishing.confirm_code(address=ANA, code="none", at=now)

    with pytest.raises(wishing.WrongCode):  # the right one comes too late
        wishing.confirm_code(address=ANA, code=code, at=now)


def test_codes_are_sent_three_times_an_hour(now: datetime, sms: None) -> None:
    for _time in range(3):
        wishing.ask_for_code(address=ANA, channel="sms", number=NUMBER, at=now)

    with pytest.raises(TooOften):
        wishing.ask_for_code(address=ANA, channel="sms", number=NUMBER, at=now)
    with pytest.raises(TooOften):
        wishing.ask_for_code(address="rui@example.com", channel="sms", number=NUMBER, at=now)
