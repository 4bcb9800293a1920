"""Campaigns: nobody twice, no more than a day's share, nobody after her no, nothing after the stop, whoever dies."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import Settings

from notifications.models import Campaign, CampaignRecipient, Message
from notifications.operations import campaigning
from notifications.operations.campaigning import (
    BadWords,
    NotADraft,
    NotRunning,
    NoWords,
    run_campaigns,
    save_campaign,
    start_campaign,
    stop_campaign,
)
from notifications.operations.sending import send_messages
from notifications.operations.trying_out import letter_to, send_campaign_test
from notifications.operations.wishing import stop_kind
from notifications.queries.campaigns import results_of
from orders.models import Order
from shop.models import Event
from shop.operations.events import relay_events
from shop.queries.audit import breaches
from tests.crowds import together
from tests.factories.campaigns import WORDS, a_draft_campaign, asks_for_news
from tests.factories.orders import placed_order
from tests.factories.shop import StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
ANA = "ana@example.com"


@pytest.fixture(autouse=True)
def _one_moment(now: datetime, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    settings.SMALL_NEWS_MINUTES = 0


def people(number: int, *, at: datetime) -> list[str]:
    addresses = [f"p{each:03d}@example.com" for each in range(number)]
    for address in addresses:
        asks_for_news(address, at=at)
    return addresses


def started(at: datetime, **fields: Any) -> Campaign:
    return start_campaign(campaign_id=a_draft_campaign(at=at, **fields).pk, by=StaffFactory(), at=at)


def go_on(at: datetime, *, times: int = 20) -> None:
    """Let it go on while it is due by the day of the story; the database's own clock is months ahead."""
    for _time in range(times):
        if Campaign.objects.filter(due_at__lte=at).exists():
            run_campaigns(at)


def written_to() -> list[str]:
    return sorted(CampaignRecipient.objects.filter(told_at__isnull=False).values_list("address", flat=True))


def test_everybody_of_the_group_is_written_to_once_however_often_it_is_looked_at(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaigning, "PAGE", 4)
    monkeypatch.setattr(campaigning, "BATCH", 3)
    addresses = people(11, at=now)
    campaign = started(now)

    go_on(now)
    while relay_events(now):
        pass

    campaign.refresh_from_db()
    assert (campaign.state, campaign.due_at) == ("done", None)
    assert written_to() == addresses
    assert sorted(Message.objects.values_list("recipient", flat=True)) == addresses
    assert Event.objects.filter(name="notifications.campaign.due").count() == 11


def test_who_dies_half_way_repeats_nobody_and_leaves_nobody_out(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaigning, "PAGE", 4)
    addresses = people(9, at=now)
    campaign = started(now)
    real, calls = campaigning._set_turn, []

    def dies(*args: Any, **fields: Any) -> None:
        calls.append(1)
        if len(calls) % 2:
            raise RuntimeError("the process died")
        real(*args, **fields)

    monkeypatch.setattr(campaigning, "_set_turn", dies)
    for _time in range(12):
        Campaign.objects.filter(pk=campaign.pk, state="running").update(due_at=now)
        run_campaigns(now)

    campaign.refresh_from_db()
    assert campaign.state == "done"
    assert written_to() == addresses
    assert Event.objects.filter(name="notifications.campaign.due").count() == 9


def test_the_database_itself_refuses_a_second_row_for_one_person(now: datetime) -> None:
    campaign = a_draft_campaign(at=now)
    CampaignRecipient.objects.create(campaign=campaign, address=ANA)

    with pytest.raises(IntegrityError, match="campaign_writes_once"), transaction.atomic():
        CampaignRecipient.objects.create(campaign=campaign, address="Ana@Example.com")


def test_a_day_s_share_goes_and_the_rest_comes_next_morning_at_nine(now: datetime) -> None:
    people(5, at=now)
    campaign = started(now, per_day=2)
    told = []
    for day in range(3):
        go_on(now + timedelta(days=day))
        told.append(len(written_to()))

    campaign.refresh_from_db()
    assert told == [2, 4, 5]
    assert campaign.state == "done"


def test_the_rest_waits_for_nine_in_the_morning_of_the_shop(now: datetime) -> None:
    people(3, at=now)
    campaign = started(now, per_day=2)

    go_on(now)

    campaign.refresh_from_db()
    assert campaign.due_at == datetime.fromisoformat("2026-03-03T09:00:00+00:00")


def test_it_begins_at_its_moment_and_not_before(now: datetime) -> None:
    people(1, at=now)
    campaign = started(now, starts_at=now + timedelta(hours=3))

    assert campaign.due_at == now + timedelta(hours=3)
    go_on(now)

    assert written_to() == []


def test_who_says_no_after_she_was_taken_up_is_not_written_to(now: datetime) -> None:
    people(1, at=now)
    asks_for_news(ANA, at=now)
    started(now)
    go_on(now)
    asks_for_news("p000@example.com", at=now, wanted=False)  # before it is written
    relay_events(now)
    hers = Message.objects.get(recipient=ANA)
    stop_kind(message=hers, at=now)  # after it is written

    send_messages(now)

    rows = Message.objects.order_by("recipient").values_list("recipient", "state", "reason")
    assert list(rows) == [
        (ANA, "suppressed", "She does not want this kind any more."),
        ("p000@example.com", "suppressed", "She does not want this kind."),
    ]


def test_the_stop_button_stops_what_is_written_already(now: datetime) -> None:
    people(3, at=now)
    campaign = started(now, per_day=2)
    go_on(now)
    relay_events(now)
    assert Message.objects.filter(state="queued").count() == 2

    stop_campaign(campaign_id=campaign.pk, by=StaffFactory(), at=now)
    send_messages(now)
    go_on(now + timedelta(days=2))

    assert set(Message.objects.values_list("state", "reason")) == {("suppressed", "The campaign was stopped.")}
    assert len(written_to()) == 2


def test_without_the_stop_the_same_mails_go_out(now: datetime) -> None:
    """The control."""
    people(2, at=now)
    started(now)
    go_on(now)
    relay_events(now)

    send_messages(now)

    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}


def test_two_campaigns_to_one_person_are_two_weeks_apart(now: datetime) -> None:
    asks_for_news(ANA, at=now)
    for name in ("Spring", "Summer"):
        started(now, name=name)
    go_on(now)
    while relay_events(now):
        pass

    send_messages(now)

    assert sorted(Message.objects.values_list("state", flat=True)) == ["queued", "sent"]
    assert Message.objects.get(state="queued").due_at == now + timedelta(days=14)


def test_she_reads_it_in_her_language_by_her_name_and_falls_back_to_the_shop_s(now: datetime) -> None:
    placed_order(at=now, locale="de")
    campaign = a_draft_campaign(at=now)

    assert letter_to(campaign, address=ANA).subject == "Der Frühling ist da, Ana"
    campaign.texts.filter(locale="de").delete()
    assert letter_to(campaign, address=ANA).subject == "Spring is here, Ana"


def test_a_test_goes_to_her_who_asks_and_to_nobody_else(now: datetime) -> None:
    asks_for_news(ANA, at=now)
    boss = StaffFactory(email="boss@example.com")

    send_campaign_test(campaign=a_draft_campaign(at=now), address=ANA, by=boss, at=now)
    send_messages(now)

    message = Message.objects.get()
    assert (message.recipient, message.state, message.unasked_at) == ("boss@example.com", "sent", None)
    assert message.subject.startswith("Test: Spring is here")


@pytest.mark.parametrize("words", ["{{ iban }}", "{% include 'x' %}", "{{ first_name|upper }}"])
def test_words_with_unknown_variables_or_tags_are_not_kept(words: str, now: datetime) -> None:
    campaign = a_draft_campaign(at=now)

    with pytest.raises(BadWords):
        save_campaign(campaign=campaign, texts={"en": ("News", words)}, by=StaffFactory(), at=now)

    assert campaign.texts.get(locale="en").text == WORDS["en"][1]


def test_what_is_started_is_neither_started_again_nor_rewritten_and_a_draft_is_not_stopped(now: datetime) -> None:
    draft, boss = a_draft_campaign(at=now), StaffFactory()
    with pytest.raises(NotRunning):
        stop_campaign(campaign_id=draft.pk, by=boss, at=now)
    start_campaign(campaign_id=draft.pk, by=boss, at=now)

    with pytest.raises(NotADraft):
        start_campaign(campaign_id=draft.pk, by=boss, at=now)
    with pytest.raises(NotADraft):
        save_campaign(campaign=draft, texts={}, by=boss, at=now)
    assert draft.texts.count() == 2


def test_a_campaign_without_words_in_the_shop_s_language_is_not_started(now: datetime) -> None:
    draft = a_draft_campaign(at=now)
    draft.texts.filter(locale="en").delete()

    with pytest.raises(NoWords):
        start_campaign(campaign_id=draft.pk, by=StaffFactory(), at=now)

    draft.refresh_from_db()
    assert (draft.state, draft.due_at) == ("draft", None)


def test_the_results_are_counted_in_plain_numbers(now: datetime) -> None:
    people(4, at=now)
    campaign = started(now, per_day=3)
    go_on(now)
    relay_events(now)
    send_messages(now)
    later = now + timedelta(days=1)
    placed_order(at=later, number="KP-5", email="P001@example.com")
    placed_order(at=now - timedelta(days=1), number="KP-6", email="p002@example.com")
    placed_order(at=now + timedelta(days=15), number="KP-7", email="p000@example.com")
    stop_kind(message=Message.objects.get(recipient="p000@example.com"), at=later)
    Message.objects.filter(recipient="p002@example.com").update(state="bounced")

    found = results_of(campaign)

    assert (found.recipients, found.told, found.sent, found.waiting, found.came_back) == (4, 3, 3, 0, 1)
    assert (found.unsubscribed, found.ordered) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_tell_nobody_twice(now: datetime) -> None:
    addresses = people(40, at=now)
    campaign = started(now)

    for _time in range(3):
        together(*(lambda: campaigning._go_on(campaign.pk, now) for _worker in range(4)))

    assert written_to() == addresses
    assert Event.objects.filter(name="notifications.campaign.due").count() == 40


def test_the_mail_can_be_ended_with_one_click(now: datetime) -> None:
    UserFactory(email=ANA, name="Ana Costa")
    asks_for_news(ANA, at=now)
    started(now)
    go_on(now)
    relay_events(now)

    message = Message.objects.get()

    assert (message.optional, message.lane, message.subject) == (True, 3, "Spring is here, Ana")
    assert "/c/mugs/" in message.text
    assert Order.objects.count() == 0
    assert connection.in_atomic_block


def test_who_wants_none_after_she_was_written_to_breaks_no_rule_of_the_audit(now: datetime) -> None:
    people(2, at=now)
    started(now, per_day=2)
    go_on(now)
    relay_events(now)
    send_messages(now)
    Message.objects.update(created_at=now, sent_at=now)  # the database's own clock is months ahead
    asks_for_news("p000@example.com", at=now + timedelta(days=1), wanted=False)
    ours = ("N11", "N12", "N13")

    assert [breach for breach in breaches() if breach.code in ours] == []

    asks_for_news("p000@example.com", at=now - timedelta(days=1), wanted=False)  # she had said so before
    assert [breach.code for breach in breaches() if breach.code in ours] == ["N11"]
