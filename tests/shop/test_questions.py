"""Questions about a piece: asked without JavaScript, published in edited words, taken off again."""

from __future__ import annotations

import uuid
from datetime import datetime

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from shop.models import Event, ProductQuestion, Voices
from shop.operations import questions
from shop.operations.limits import TooOften
from shop.operations.people import sync_roles
from shop.queries.audit import breaches
from tests.factories.catalogue import tee
from tests.factories.questions import a_published_question, asked_about
from tests.factories.shop import StaffFactory, UserFactory
from tests.pages import words
from tests.shop.test_admin import desk_of

pytestmark = pytest.mark.django_db

ASKED = {"text": "Is it\r\nwarm?", "email": "Ana@Example.com", "name": "Ana\nCosta"}


def test_question_is_asked_once_and_told_once(client: Client) -> None:
    product = tee()
    said = {**ASKED, "token": str(uuid.uuid4())}

    answers = [client.post("/p/tee/questions/", said) for _press in range(2)]

    assert [(each.status_code, each["Location"]) for each in answers] == [(302, "/p/tee/#questions")] * 2
    assert "Somebody who knows the piece answers you by mail" in words(client.get("/p/tee/"))
    row = ProductQuestion.objects.get()
    assert (row.product, row.text, row.email, row.name, row.locale, row.customer, row.published_at) == (
        product, "Is it\nwarm?", "ana@example.com", "Ana Costa", "en", None, None,
    )  # fmt: skip
    event = Event.objects.get(name="shop.question.asked")
    assert (event.payload, event.actor_kind) == ({"question_id": row.pk, "product_id": product.pk}, "customer")
    assert "warm" not in words(client.get("/p/tee/"))


def test_bad_input_keeps_what_was_written_and_nothing_else(client: Client) -> None:
    tee()

    answer = client.post("/p/tee/questions/", {**ASKED, "email": "ana"})

    page = words(answer)
    assert answer.status_code == 422
    assert page.count("Enter an e-mail address, like ana@example.com.") == 2
    assert "Is it\nwarm?</textarea>" in answer.content.decode().replace("\r", "")
    assert not ProductQuestion.objects.exists()


def test_too_many_questions_are_refused_with_a_time(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    tee()
    for number in range(questions.ADDRESS_BUDGET):
        assert client.post("/p/tee/questions/", {**ASKED, "text": f"{number}?"}).status_code == 302

    refused = client.post("/p/tee/questions/", {**ASKED, "text": "and more?"})

    assert (refused.status_code, ProductQuestion.objects.count()) == (429, questions.ADDRESS_BUDGET)
    assert "You asked us several times within the hour" in words(refused)
    assert "and more?" in words(refused)
    monkeypatch.setattr(questions, "ADDRESS_BUDGET", 99)  # negative control: the budget is what refuses
    assert client.post("/p/tee/questions/", {**ASKED, "text": "and more?"}).status_code == 302


def test_one_visitor_cannot_write_to_the_whole_town(now: datetime) -> None:
    product = tee()

    def ask(number: int) -> None:
        asked = questions.Asked(f"b{number}@example.com", "?")
        questions.ask_question(
            token=uuid.uuid4(), product_id=product.pk, asked=asked, customer=None, visitor="10.0.0.1", at=now
        )

    for number in range(questions.VISITOR_BUDGET):
        ask(number)

    with pytest.raises(TooOften):
        ask(questions.VISITOR_BUDGET)


def test_page_shows_the_newest_answers_and_leads_to_all(
    client: Client, now: datetime, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    product = tee()
    for number in range(4):
        a_published_question(at=now, product=product, question=f"Question {number}?", answer=f"Answer {number}.")

    with django_assert_max_num_queries(11):
        page = words(client.get("/p/tee/"))

    assert [f"Answer {number}." in page for number in range(4)] == [False, True, True, True]
    assert "Read all 4 questions" in page
    everything = words(client.get("/p/tee/questions/"))
    assert [f"Answer {number}." in everything for number in range(4)] == [True] * 4
    assert "ana" not in (page + everything).lower()
    assert [breach for breach in breaches() if breach.code == "S25"] == []


def test_words_that_tell_who_asked_are_not_published(now: datetime) -> None:
    row = asked_about(tee(), at=now)
    boss = StaffFactory()

    for question, answer, refusal in (
        ("Ana asks: is it warm?", "It is.", questions.GivesAway),
        ("Is it warm?", "We write to ANA@example.com.", questions.GivesAway),
        ("Is it warm?", " ", questions.NothingToPublish),
    ):
        with pytest.raises(refusal):
            questions.publish_answer(question_id=row.pk, question=question, answer=answer, by=boss, at=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        ProductQuestion.objects.update(published_at=now)

    assert not Voices.objects.exists()
    assert not Event.objects.filter(name="shop.question.published").exists()


def test_catalogue_answers_from_the_product_and_takes_it_off_again(client: Client, now: datetime) -> None:
    sync_roles(at=now)
    row = asked_about(tee(), at=now, name="")
    desk = desk_of("catalogue")
    product_page = desk.get(reverse("admin:shop_product_change", args=[row.product_id])).content.decode()
    address = reverse("admin:shop_productquestion_change", args=[row.pk])
    assert address in product_page
    assert "ana@example.com" not in product_page + desk.get(address).content.decode()

    desk.post(reverse("admin:shop_productquestion_publish", args=[row.pk]), {"question": "", "answer": "Very."})
    assert "Is it warm? Very." in words(client.get("/p/tee/"))
    desk.post(reverse("admin:shop_productquestion_take_down", args=[row.pk]))

    assert "Very." not in words(client.get("/p/tee/"))
    row.refresh_from_db()
    assert (row.published_at, row.shown_answer) == (None, "Very.")
    told = Event.objects.filter(name__startswith="shop.question.").order_by("id").values_list("name", flat=True)
    assert [name.rsplit(".", 1)[1] for name in told] == ["asked", "published", "taken-down"]


def test_known_shopper_finds_her_address_filled_in(client: Client) -> None:
    tee()
    client.force_login(UserFactory(email="eva@example.com", name="Eva Lund"))

    for path in ("/p/tee/", "/p/tee/questions/"):
        assert 'value="eva@example.com"' in client.get(path).content.decode()
