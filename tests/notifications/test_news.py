"""News of the shop: a tick, one question to the address, and nothing before the button in it was pressed."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from notifications.models import CustomerGroup, Message, NewsConsent, Reader, Suppression, Wish
from notifications.operations import news
from notifications.operations.falling_back import try_another_way
from notifications.operations.news import (
    LinkOver,
    agree_to_news,
    ask_for_news,
    forget_questions,
    question_of,
    take_news,
)
from notifications.operations.sending import send_messages
from notifications.operations.wishing import Hours, choose_wishes
from notifications.queries.groups import page_after
from notifications.rules.news import OPEN_FOR, may_ask
from orders.models import Order
from orders.operations.adopting import adopt_orders
from orders.rules.tokens import hash_token
from shop.models import Event, ForgottenAddress
from shop.operations.events import relay_events
from shop.queries.audit import breaches
from shop.rules.personal import digest
from tests.crowds import together
from tests.factories.bags import filled_bag, ordered
from tests.factories.campaigns import asks_for_news
from tests.factories.news import ANA, a_question, a_tick
from tests.factories.notifications import queued
from tests.factories.shop import UserFactory
from tests.orders.test_checkout_page import press
from tests.pages import words

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _one_moment(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


@pytest.fixture
def ana(client: Client, now: datetime) -> Client:
    """Ana's browser with one mug in the bag."""
    _cart, token = filled_bag(at=now)
    client.cookies["bag"] = token
    return client


def questions() -> list[str]:
    return list(
        Message.objects.filter(kind="news_confirm", state="queued").order_by("id").values_list("recipient", flat=True)
    )


def page_of_the_question() -> str:
    found = re.search(r"/news/[A-Za-z0-9_-]{32}/", Message.objects.filter(kind="news_confirm").latest("id").text)
    assert found
    return found[0]


def broken() -> set[str]:
    """The rules of news that do not hold; nothing is sent here, so others speak of what waits."""
    return {breach.code for breach in breaches()} & {"N11", "N12", "N13", "N14"}


def would_get_news(at: datetime) -> list[str]:
    return page_after(CustomerGroup(), after="", most=100, at=at).addresses


# -- The box ----------------------------------------------------------------------------------------------------------


def test_the_box_is_never_ticked_by_us_and_stays_as_she_left_it(ana: Client) -> None:
    box = re.compile(r'name="news"[^>]*>')
    page = ana.get("/checkout/")

    assert "at most 1 mail in 14 days" in words(page)
    assert "checked" not in box.search(page.content.decode())[0]  # type: ignore[index]
    again = press(ana, page, action="refresh", news="on")
    assert "checked" in box.search(again.content.decode())[0]  # type: ignore[attr-defined, index]


def test_from_the_tick_to_the_first_news(ana: Client, client: Client, now: datetime) -> None:
    assert press(ana, news="on").status_code == 302  # type: ignore[attr-defined]
    assert Order.objects.get().news_wording == "1:1/14"
    while relay_events(now):
        pass
    assert questions() == [ANA]
    assert would_get_news(now) == []
    assert not Reader.objects.exists()

    page = page_of_the_question()
    shown = client.get(page)
    assert "May we write to you about new things?" in words(shown)
    assert (shown["Referrer-Policy"], shown["X-Robots-Tag"]) == ("same-origin", "noindex, nofollow")
    assert would_get_news(now) == []  # opening it changes nothing
    assert [client.post(page, {"do": "yes"}).status_code for _press in range(2)] == [302, 302]

    assert "News of the shop comes to you" in words(client.get(page))
    assert Event.objects.filter(name="notifications.news.agreed").count() == 1
    kept = NewsConsent.objects.get()
    assert (kept.address, kept.where, kept.order_number) == (ANA, "checkout", Order.objects.get().number)
    assert (kept.wording, kept.asked_at, kept.confirmed_at, kept.proof) == ("1:1/14", now, now, "link")
    assert broken() == set()


def test_without_the_tick_nobody_is_asked(ana: Client, now: datetime) -> None:
    press(ana)
    while relay_events(now):
        pass

    assert Order.objects.get().news_wording == ""
    assert not NewsConsent.objects.exists()
    assert questions() == []


def test_an_order_that_never_was_asks_nobody(ana: Client, now: datetime) -> None:
    assert press(ana, news="on", card_number="4000 0000 0000 0002").status_code == 402  # type: ignore[attr-defined]
    while relay_events(now):
        pass

    assert not NewsConsent.objects.exists()


def test_the_order_stands_and_is_told_of_when_the_question_cannot_be_asked(
    ana: Client, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_fields: object) -> None:
        raise RuntimeError("no news today")

    monkeypatch.setattr("notifications.receivers.ask_for_news", broken)

    assert press(ana, news="on").status_code == 302  # type: ignore[attr-defined]
    while relay_events(now):
        pass

    assert Order.objects.get().status == "placed"
    assert Message.objects.get(kind="order_placed").state == "queued"
    assert questions() == []


def test_signed_in_with_her_own_proved_address_she_needs_no_second_letter(ana: Client, now: datetime) -> None:
    ana.force_login(UserFactory(email=ANA))
    press(ana, news="on")
    while relay_events(now):
        pass

    assert questions() == []
    assert NewsConsent.objects.get().proof == "account"
    assert would_get_news(now) == [ANA]
    _cart, token = filled_bag(at=now)
    ana.cookies["bag"] = token
    assert 'name="news"' not in ana.get("/checkout/").content.decode()  # she has it already


def test_signed_in_with_somebody_elses_address_it_is_asked(ana: Client, now: datetime) -> None:
    ana.force_login(UserFactory(email="bea@example.com"))
    press(ana, news="on")
    while relay_events(now):
        pass

    assert questions() == [ANA]
    assert would_get_news(now) == []


def test_a_guests_order_that_became_hers_meanwhile_proves_nothing(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stranger ordered with her address and ticked; before the order stands she proves the address."""
    order = ordered(at=now, news=True)
    Event.objects.filter(name="orders.order.placed").update(customer=UserFactory(email=ANA))
    adopt_orders(user_id=UserFactory._meta.model.objects.get(email=ANA).pk, at=now)
    while relay_events(now):
        pass

    assert order.news_wording
    assert questions() == [ANA]
    assert would_get_news(now) == []


# -- Nobody signs up a stranger ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ago", "refused", "asked"),
    [
        (None, False, True),
        (0, False, False),
        (6, False, False),
        (7, False, True),
        (None, True, False),
        (90, True, False),
    ],
)
def test_one_question_a_week_and_none_after_a_no(ago: int | None, refused: bool, asked: bool, now: datetime) -> None:
    last = None if ago is None else now - ago * DAY

    assert may_ask(asked_at=last, refused=refused, at=now) is asked


def test_a_stranger_is_asked_once_a_week_however_often_and_wherever_she_is_typed(
    client: Client, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = set()
    for address in (ANA, ANA.upper(), ANA):
        said.add(words(client.post("/news/", {"email": address}, follow=True)))
    ask_for_news(tick=a_tick(), at=now + 6 * DAY)
    relay_events(now)

    assert len(said) == 1
    assert len(questions()) == 1
    ask_for_news(tick=a_tick(), at=now + OPEN_FOR)
    relay_events(now)
    assert len(questions()) == 2
    assert broken() == set()


def test_without_the_week_the_same_story_asks_again_and_again(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control, and N14 sees it."""
    monkeypatch.setattr(news, "may_ask", lambda **_said: True)
    for _time in range(3):
        ask_for_news(tick=a_tick(), at=now)
        relay_events(now)

    assert len(questions()) == 3
    assert broken() == {"N14"}


def test_the_page_says_the_same_whatever_is_known_of_the_address(client: Client, now: datetime) -> None:
    asks_for_news("has-it@example.com", at=now)
    refused = a_question(at=now, address="said-no@example.com")
    news.refuse_news(token=refused.issue_token(), at=now)
    ForgottenAddress.objects.create(
        salt="s", digest=digest("s", "gone@example.com"), refuses_mail=True, forgotten_at=now
    )

    answers = {
        words(client.post("/news/", {"email": f"{who}@example.com"}, follow=True)): who
        for who in ("has-it", "said-no", "gone", "new")
    }
    relay_events(now)

    assert len(answers) == 1
    assert sorted(questions()) == ["new@example.com"]


def test_nobody_is_put_on_the_desk_for_an_address_somebody_mistyped(now: datetime) -> None:
    Suppression.objects.create(channel="email", address="closed@example.com", cause="bounced", since=now)
    ask_for_news(tick=a_tick("closed@example.com"), at=now)
    assert not NewsConsent.objects.exists()

    a_question(at=now)
    relay_events(now)
    question = Message.objects.get(kind="news_confirm")
    try_another_way(message=question, why="refused", at=now)
    try_another_way(message=queued(question.event, kind="alert_confirm"), why="refused", at=now)
    try_another_way(message=queued(question.event, kind="alert_back"), why="refused", at=now)  # the control

    failed = Event.objects.filter(name="notifications.message.failed")
    assert [event.payload["kind"] for event in failed] == ["alert_back"]


def test_a_visitor_with_many_addresses_is_stopped(client: Client) -> None:
    codes = [client.post("/news/", {"email": f"a{number}@example.com"}).status_code for number in range(12)]

    assert codes == [302] * 10 + [422] * 2
    assert NewsConsent.objects.count() == 10


def test_who_said_no_is_never_asked_again_and_may_still_change_her_mind(client: Client, now: datetime) -> None:
    token = a_question(at=now).issue_token()
    client.post(f"/news/{token}/", {"do": "no"})
    client.post(f"/news/{token}/", {"do": "no"})

    ask_for_news(tick=a_tick(), at=now + 400 * DAY)

    assert Event.objects.filter(name="notifications.news.asked").count() == 1
    assert Event.objects.filter(name="notifications.news.refused").count() == 1
    client.post(f"/news/{token}/", {"do": "yes"})
    assert would_get_news(now) == [ANA]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("locked", [True, False])
def test_four_ticks_at_once_are_one_question(locked: bool, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the lock of her name each of the four finds that nobody was asked."""
    found, read = [], news.asked_before
    at_once = Barrier(4)

    def reads(address: str) -> object:
        said = read(address)
        found.append(said)
        if not locked:
            at_once.wait(timeout=10)
        return said

    monkeypatch.setattr(news, "asked_before", reads)
    if not locked:
        monkeypatch.setattr(news, "hold_peace_of", lambda _address: None)
    together(*[lambda: ask_for_news(tick=a_tick(), at=now)] * 4)

    assert found.count((None, False)) == (1 if locked else 4)
    assert NewsConsent.objects.count() == 1


# -- The link ---------------------------------------------------------------------------------------------------------


def test_the_link_opens_one_question_for_a_week_and_is_kept_hashed(client: Client, now: datetime) -> None:
    question = a_question(at=now)
    token = question.issue_token()
    question.refresh_from_db()

    assert len(token) == 32
    assert question.token_hash not in (token, hash_token(token))  # bound to its purpose
    assert question_of(token=token, at=now + OPEN_FOR - timedelta(seconds=1)) == question
    with pytest.raises(LinkOver):
        question_of(token=token, at=now + OPEN_FOR)
    with pytest.raises(LinkOver):
        agree_to_news(token=token, at=now + OPEN_FOR)
    assert client.get("/news/not-a-token/").status_code == 404
    assert would_get_news(now) == []


def test_what_nobody_answered_is_forgotten_and_its_letter_held_back(now: datetime) -> None:
    a_question(at=now)
    relay_events(now)
    assert forget_questions(now + OPEN_FOR - timedelta(seconds=1)) == 0
    assert forget_questions(now + OPEN_FOR) == 1

    send_messages(now + OPEN_FOR)

    assert not NewsConsent.objects.exists()
    letter = Message.objects.get(kind="news_confirm")
    assert (letter.state, letter.reason) == (
        "suppressed", "The question was answered meanwhile, or its week is over.",
    )  # fmt: skip


def test_a_question_that_was_forgotten_before_it_was_written_goes_to_nobody(now: datetime) -> None:
    a_question(at=now)
    NewsConsent.objects.all().delete()
    relay_events(now)

    assert [(row.state, row.reason) for row in Message.objects.filter(kind="news_confirm")] == [
        ("suppressed", "The question was answered meanwhile, or its week is over.")
    ]


# -- The proof --------------------------------------------------------------------------------------------------------


def test_a_yes_without_proof_is_refused_by_the_database(now: datetime) -> None:
    question = a_question(at=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        NewsConsent.objects.filter(pk=question.pk).update(confirmed_at=now)


def test_one_click_ends_what_was_agreed_and_says_when(client: Client, now: datetime) -> None:
    agree_to_news(token=a_question(at=now).issue_token(), at=now)
    client.force_login(UserFactory(email=ANA))

    client.post("/account/wishes/", {"time_zone": "Europe/Lisbon"})

    assert NewsConsent.objects.get().ended_at == now
    assert not Wish.objects.get(kind="campaign").wanted
    assert would_get_news(now) == []


def test_a_tick_on_the_page_of_her_account_is_kept_as_proof_and_closes_the_question(
    client: Client, now: datetime
) -> None:
    token = a_question(at=now).issue_token()
    client.force_login(UserFactory(email=ANA))

    for _time in range(2):
        client.post("/account/wishes/", {"time_zone": "Europe/Lisbon", "campaign.email": "on"})

    kept = NewsConsent.objects.get()
    assert (kept.where, kept.proof, kept.confirmed_at, kept.ended_at) == ("account", "account", now, None)
    assert client.get(f"/news/{token}/").status_code == 404


def test_who_stopped_it_and_is_typed_again_is_asked_again_but_not_within_the_week(now: datetime) -> None:
    agree_to_news(token=a_question(at=now).issue_token(), at=now)
    want_none = Hours(None, None, "Europe/Lisbon")
    choose_wishes(
        address=ANA, wishes={("campaign", "email"): False}, hours=want_none, first_channel="email", at=now + DAY
    )

    for days in (2, 7):
        ask_for_news(tick=a_tick(), at=now + days * DAY)

    asked = Event.objects.filter(name="notifications.news.asked").order_by("id")
    assert [event.happened_at for event in asked] == [now, now + 7 * DAY]
    assert would_get_news(now) == []


def test_her_proved_address_is_taken_even_after_a_no(now: datetime) -> None:
    news.refuse_news(token=a_question(at=now).issue_token(), at=now)

    take_news(tick=a_tick(where="page"), at=now)
    take_news(tick=a_tick(where="page"), at=now)

    assert would_get_news(now) == [ANA]
    assert NewsConsent.objects.get().proof == "account"
