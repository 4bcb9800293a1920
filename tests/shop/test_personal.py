"""Somebody's data: a copy of it and its erasure, and nobody else's with it."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from notifications.models import Message
from orders.models import Document, Order
from orders.queries.personal import ids_of
from shop import personal
from shop.messages.portable import archive
from shop.models import (
    AccountLetter,
    DataRequest,
    Event,
    EventDelivery,
    ForgottenAddress,
    Redaction,
    Review,
    StockAlert,
    User,
)
from shop.operations import erasing
from shop.operations.data_requests import (
    AskedAlready,
    LinkUnknown,
    LossNotAgreed,
    NotOpen,
    NotProved,
    WorksHere,
    ask_copy,
    ask_erasure,
    confirm_erasure,
    copy_of_link,
    order_erasure,
    take_back_erasure,
)
from shop.operations.events import record_event, relay_events
from shop.operations.letters import ask_letter
from shop.operations.serving_data import serve_data_requests, serve_now
from shop.queries.audit import breaches
from shop.queries.data_requests import fates_of, person_at
from shop.rules.personal import answer_by
from tests.factories.orders import placed_order
from tests.factories.personal import Somebody, settled_order, somebody
from tests.factories.shop import StaffFactory, UserFactory
from tests.factories.support import asked

ANA, STRANGER = "ana@example.com", "diana@example.com"  # each of Ana's letters stands in the stranger's address
KEPT = set(personal.kept_by_law())

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(now: datetime) -> Somebody:
    return somebody(at=now)


@pytest.fixture
def stranger(now: datetime) -> Somebody:
    return somebody(at=now, email=STRANGER, name="Diana Lopes", number="KP-2")


def token_of(letter: AccountLetter) -> str:
    return str(letter.values["token"])


def tables_with(word: str) -> set[str]:
    """Every table in whose rows a word stands, whatever its columns are: the database's own text of each row."""
    found = set()
    with connection.cursor() as cursor:
        for model in apps.get_models():
            table = model._meta.db_table
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE lower(t::text) ~ %s", [rf"\m{word}"])  # noqa: S608
            if cursor.fetchone()[0]:
                found.add(table)
    return found


def let_mails_out(at: datetime) -> None:
    while relay_events(at):
        pass
    Message.objects.filter(state="queued").update(state="sent", sent_at=at)


def erase(somebody: Somebody, at: datetime) -> DataRequest:
    """Let an erasure run to its end: its last mail goes out in between."""
    request = order_erasure(person=person_at(somebody.user.email), locale="en", refuses_mail=False, at=at)
    for _turn in range(4):
        let_mails_out(at)
        DataRequest.objects.filter(state="due").update(due_at=at - timedelta(days=400))
        serve_data_requests(at)
    request.refresh_from_db()
    return request


# -- Whose is what ---------------------------------------------------------------------------------------------------


def test_every_table_is_somebodys_to_answer_for() -> None:
    ours = {"shop", "orders", "returns", "support", "notifications"}
    tables = {model._meta.label_lower for model in apps.get_models() if model._meta.app_label in ours}

    assert tables - personal.accounted_for() == set()
    assert personal.accounted_for() - tables == set()


@pytest.mark.parametrize(
    ("asked_on", "last_on"),
    [
        (date(2026, 1, 31), date(2026, 2, 28)),
        (date(2026, 12, 5), date(2027, 1, 5)),
        (date(2028, 1, 30), date(2028, 2, 29)),
    ],
)
def test_answer_is_due_in_a_month(asked_on: date, last_on: date) -> None:
    assert answer_by(asked_on) == last_on


# -- A copy ----------------------------------------------------------------------------------------------------------


def unpacked(content: bytes) -> tuple[dict[str, Any], str, list[str]]:
    with ZipFile(BytesIO(content)) as packed:
        return json.loads(packed.read("data.json")), packed.read("index.html").decode(), sorted(packed.namelist())


def test_copy_holds_everything_and_nothing_of_a_stranger(ana: Somebody, stranger: Somebody, now: datetime) -> None:
    data, page, names = unpacked(archive(person_at(ANA), at=now))

    empty = {name for name, rows in data.items() if not rows}
    assert empty == {"fit_knowledge", "changes", "refunds", "promotions", "requests", "reviews_as_guest"}
    assert (data["orders"][0]["courier_note"], data["scans"][0]["words"]) == ("Ring Costa", "signed by Ana Costa")
    assert names == [
        "data.json",
        f"documents/{Document.objects.get(order=ana.order).number}.pdf",
        "index.html",
        f"photos/review-{ana.review.pk}-1.webp",
    ]
    for told in (json.dumps(data), page):
        assert "Diana" not in told
        assert STRANGER not in told
        assert stranger.order.number not in told
    assert "rang" not in page  # staff's notes for each other
    assert "Dear ana@example.com" in page


def test_copy_would_hold_a_strangers_rows_without_the_owner(ana: Somebody, stranger: Somebody, now: datetime) -> None:
    """Negative control: with a sloppy comparison of addresses the check above finds the stranger."""
    sloppy = personal.Person(frozenset({ANA, STRANGER}), ana.user.pk)

    assert STRANGER in archive(sloppy, at=now).decode("latin1") or STRANGER in unpacked(archive(sloppy, at=now))[1]


def test_orders_of_another_account_are_not_hers(ana: Somebody, now: datetime) -> None:
    guests = settled_order(at=now, number="KP-3", email="Ana@Example.com")
    settled_order(at=now, number="KP-4", email=ANA, customer=UserFactory(email="eva@example.com"))

    assert ids_of(person_at(ANA)) == [ana.order.pk, guests.pk]


def test_unproved_address_opens_nothing(now: datetime) -> None:
    user = UserFactory(email=ANA, proved=False)
    settled_order(at=now, email=ANA)

    for ask in (ask_copy, ask_erasure):
        with pytest.raises(NotProved):
            ask(user_id=user.pk, locale="en", at=now)

    assert DataRequest.objects.count() == 0


def test_copy_is_made_by_a_worker_and_fetched_by_link_or_signed_in(ana: Somebody, client: Client) -> None:
    client.force_login(ana.user)
    assert client.post("/account/data/copy/").status_code == 302
    assert "We are putting it together" in client.get("/account/data/").content.decode()
    assert client.get("/account/data/file/").status_code == 404

    assert serve_data_requests(timezone.now()) == 1

    token = token_of(AccountLetter.objects.get(values__about="copy-ready"))
    assert DataRequest.objects.get().token_hash not in ("", token)
    for reader, address in ((client, "/account/data/file/"), (Client(), f"/account/data/copy/{token}/file/")):
        answer = reader.get(address)
        assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-store")
        assert unpacked(answer.content)[0]["orders"][0]["number"] == "KP-1"
    assert Client().get("/account/data/erasure/" + token + "/").status_code == 404  # a link for one purpose
    other = Client()
    other.force_login(UserFactory(email=STRANGER))
    assert other.get("/account/data/file/").status_code == 404


def test_link_ends_and_the_copy_with_it(ana: Somebody, now: datetime) -> None:
    ask_copy(user_id=ana.user.pk, locale="en", at=now)
    with pytest.raises(AskedAlready):
        ask_copy(user_id=ana.user.pk, locale="en", at=now)
    serve_data_requests(now)
    token = token_of(AccountLetter.objects.get(values__about="copy-ready"))
    assert copy_of_link(token=token, at=now + timedelta(days=6)).state == "ready"

    later = now + timedelta(days=7)
    with pytest.raises(LinkUnknown):
        copy_of_link(token=token, at=later)
    serve_data_requests(later)

    request = DataRequest.objects.get()
    assert (request.state, hasattr(request, "file")) == ("lapsed", False)


# -- Erasure ---------------------------------------------------------------------------------------------------------


def test_erasure_leaves_nothing_of_her_and_everything_of_a_stranger(
    ana: Somebody, stranger: Somebody, now: datetime
) -> None:
    before = tables_with(STRANGER)
    sums = Order.objects.values_list("total_minor", "country", "placed_at").get(pk=ana.order.pk)

    request = erase(ana, now)

    assert (request.state, request.email, request.addresses) == ("done", "", [])
    for word in (ANA, "ana costa", "rua das flores", "ring costa", "912345678"):
        assert {table for table in tables_with(word) if table not in KEPT} - hers_by_name(word) == set(), word
    assert tables_with(STRANGER) == before
    assert not User.objects.filter(pk=ana.user.pk).exists()
    order = Order.objects.get(pk=ana.order.pk)
    assert (order.total_minor, order.country, order.placed_at, order.full_name) == (*sums, "(erased)")
    review = Review.objects.get(pk=ana.review.pk)
    assert (review.stars, review.text, review.author, review.photos.count()) == (4, "It washes well.", "", 0)
    assert not Review.objects.filter(pk=ana.unread.pk).exists()
    ana.credit.refresh_from_db()
    assert (ana.credit.balance_minor, ana.credit.entries.count()) == (0, 2)
    assert Document.objects.get(order=order).content["buyer"][0] == "Ana Costa"  # the law
    assert [breach for breach in breaches() if breach.code in ("S16", "S15", "O03", "S10", "U02", "N08")] == []


def hers_by_name(word: str) -> set[str]:
    """The stranger lives in the same street in the factories."""
    return {"orders_order", "orders_savedaddress"} if word in ("rua das flores", "912345678", "ring costa") else set()


def test_photos_leave_the_storage(ana: Somebody, now: datetime, django_capture_on_commit_callbacks: Any) -> None:
    path = f"reviews/{ana.review.photos.get().name}.webp"
    assert default_storage.exists(path)

    with django_capture_on_commit_callbacks(execute=True):
        erase(ana, now)

    assert not default_storage.exists(path)


def test_open_things_hold_it_and_it_goes_on_when_they_are_settled(ana: Somebody, now: datetime) -> None:
    open_order = placed_order(at=now, number="KP-5", email=ANA, customer=ana.user)
    question = asked(at=now, email=ANA)

    held = erase(ana, now)

    assert (held.state, held.begun_at, held.held_since) == ("due", None, now)
    assert AccountLetter.objects.filter(values__about="erasure-held").count() == 1
    assert ana.user.email in tables_with_nothing_changed(ana)
    Order.objects.filter(pk=open_order.pk).update(status="cancelled")
    question.conversation.messages.update(automated=True)
    type(question.conversation).objects.filter(pk=question.conversation_id).update(waiting_since=None)

    assert erase(ana, now).state == "done"


def tables_with_nothing_changed(ana: Somebody) -> str:
    return User.objects.get(pk=ana.user.pk).email


def test_killed_between_steps_it_goes_on_and_twice_is_once(
    ana: Somebody, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever step dies, the next worker goes on; nothing that was done is done again."""
    real = erasing.step
    done: list[str] = []

    def dying(*, name: str, **more: Any) -> None:
        if done.count(name) == 0:
            done.append(name)
            raise SystemExit  # not an Exception: nothing of ours catches it, as nothing catches kill -9
        real(name=name, **more)

    monkeypatch.setattr(erasing, "step", dying)
    request = order_erasure(person=person_at(ANA), locale="en", refuses_mail=True, at=now)
    deaths = 0
    for _turn in range(40):
        let_mails_out(now)
        DataRequest.objects.filter(state="due").update(due_at=now - timedelta(days=400), lease_until=None)
        try:
            serve_data_requests(now)
        except SystemExit:
            deaths += 1

    request.refresh_from_db()
    assert (request.state, deaths) == ("done", 2 * len(personal.registered()))
    assert request.steps == [
        *(k.name for k in personal.registered()),
        *(f"last:{k.name}" for k in personal.registered()),
    ]
    assert AccountLetter.objects.filter(values__about="erased").count() == 0
    assert Message.objects.filter(kind="account_data").count() == 1
    assert ForgottenAddress.objects.values_list("refuses_mail", flat=True).get() is True
    assert ana.credit.entries.filter(kind="expire").count() == 1


def test_page_asks_shows_and_takes_her_word(ana: Somebody, now: datetime, client: Client) -> None:
    client.force_login(ana.user)
    client.post("/account/data/erasure/")
    token = token_of(AccountLetter.objects.get(values__about="confirm-erasure"))
    address = f"/account/data/erasure/{token}/"

    page = Client().get(address).content.decode()
    refused = Client().post(address)

    assert "ten years" in page
    assert "€12.00" in page
    assert (refused.status_code, DataRequest.objects.get().state) == (422, "asked")
    confirmed = Client().post(address, {"agrees": "on", "refuses_mail": "on"})
    assert (confirmed.status_code, confirmed["Location"]) == (302, address)
    request = DataRequest.objects.get()
    assert (request.state, request.refuses_mail) == ("due", True)
    assert Client().post(address).status_code == 302  # again: nothing happens
    assert client.post("/account/data/erasure-back/").status_code == 302
    assert DataRequest.objects.get().state == "lapsed"
    with pytest.raises(LinkUnknown):
        confirm_erasure(token=token, agrees=True, refuses_mail=False, at=now)


def test_refusals_write_nothing(ana: Somebody, now: datetime) -> None:
    boss = StaffFactory()
    with pytest.raises(WorksHere):
        ask_erasure(user_id=boss.pk, locale="en", at=now)
    with pytest.raises(NotOpen):
        take_back_erasure(user_id=ana.user.pk, at=now)
    ask_erasure(user_id=ana.user.pk, locale="en", at=now)
    with pytest.raises(AskedAlready):
        ask_erasure(user_id=ana.user.pk, locale="en", at=now)
    token = token_of(AccountLetter.objects.get())
    with pytest.raises(LossNotAgreed):
        confirm_erasure(token=token, agrees=False, refuses_mail=False, at=now)

    assert list(DataRequest.objects.values_list("state", "user")) == [("asked", ana.user.pk)]


# -- Append-only tables ----------------------------------------------------------------------------------------------


@pytest.fixture
def begun(ana: Somebody, now: datetime) -> DataRequest:
    request = order_erasure(person=person_at(ANA), locale="en", refuses_mail=False, at=now)
    DataRequest.objects.filter(pk=request.pk).update(begun_at=now)
    return request


def change(table: str, row_id: int, what: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {what} WHERE id = %s", [row_id])  # noqa: S608


def test_facts_change_only_with_leave_only_in_their_words_and_only_these(begun: DataRequest) -> None:
    first, second = Event.objects.order_by("id")[:2]
    with pytest.raises(DatabaseError, match="append-only"):
        change("shop_event", first.pk, "payload = '{}'")

    Redaction.objects.create(request=begun, table_name="shop_event", row_id=first.pk)

    change("shop_event", first.pk, "payload = '{\"gone\": true}'")
    for row_id, what in ((first.pk, "name = 'forged'"), (second.pk, "payload = '{}'")):
        with pytest.raises(DatabaseError, match="append-only"):
            change("shop_event", row_id, what)
    with pytest.raises(DatabaseError, match="append-only"):
        change("shop_redaction", Redaction.objects.get().pk, "row_id = 0")
    DataRequest.objects.filter(pk=begun.pk).update(state="lapsed")
    with pytest.raises(DatabaseError, match="append-only"):
        change("shop_event", first.pk, "payload = '{}'")


def test_leave_of_another_transaction_is_none(begun: DataRequest) -> None:
    event = Event.objects.order_by("id")[0]

    Redaction.objects.create(request=begun, table_name="shop_event", row_id=event.pk, transaction_id=1)

    with pytest.raises(DatabaseError, match="append-only"):
        change("shop_event", event.pk, "payload = '{}'")


# -- Afterwards ------------------------------------------------------------------------------------------------------


def test_whoever_comes_back_is_a_customer_again(ana: Somebody, now: datetime) -> None:
    erase(ana, now)
    settled_order(at=now - timedelta(days=1), number="KP-6", email=ANA)
    assert [(b.code, b.what.partition(" ")[0]) for b in breaches(["S16"])] == [("S16", "orders_order")]

    settled_order(at=now + timedelta(days=1), number="KP-7", email=ANA)

    assert breaches(["S16"]) == []


# -- Commands --------------------------------------------------------------------------------------------------------


def test_commands_copy_and_erase(ana: Somebody, tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("export_person", "Ana@example.com", "--out", str(tmp_path / "ana.zip"))
    assert unpacked((tmp_path / "ana.zip").read_bytes())[0]["account"][0]["name"] == "Ana Costa"
    assert (tmp_path / "ana.zip").stat().st_mode & 0o777 == 0o600

    call_command("erase_person", ANA, "--dry-run")

    said = capsys.readouterr().out
    assert "Invoices and credit notes: 1" in said
    assert "Nothing was changed." in said
    assert DataRequest.objects.count() == 0
    with pytest.raises(CommandError, match="gives something up"):
        call_command("erase_person", ANA)
    call_command("erase_person", ANA, "--agreed")
    assert "under way" in capsys.readouterr().out
    call_command("erase_person", "nobody@example.com")


def test_fates_and_copy_ask_as_often_for_three_orders_as_for_one(
    ana: Somebody, now: datetime, django_assert_num_queries: Any
) -> None:
    person = person_at(ANA)
    with django_assert_num_queries(QUERIES):
        fates_of(person), archive(person, at=now)
    for number in ("KP-8", "KP-9"):
        settled_order(at=now, number=number, email=ANA, customer=ana.user)

    with django_assert_num_queries(QUERIES):
        fates_of(person), archive(person, at=now)


QUERIES = 77


LETTERS = {
    "copy-ready": ("The copy of your data is ready", "Die Kopie Ihrer Daten ist fertig", "/account/data/copy/t0ken/"),
    "confirm-erasure": (
        "You asked us to erase your data",
        "Sie möchten Ihre Daten löschen lassen",
        "/account/data/erasure/t0ken/",
    ),
    "erasure-held": (
        "We erase your data as soon as everything is settled",
        "Wir löschen Ihre Daten, sobald alles erledigt ist",
        "/account/data/",
    ),
    "erased": ("Your data is erased", "Ihre Daten sind gelöscht", ""),
}


@pytest.mark.parametrize("locale", ["en", "de"])
@pytest.mark.parametrize("about", LETTERS)
def test_a_letter_about_data_is_written_whole_in_her_language(about: str, locale: str, now: datetime) -> None:
    values = {"about": about, "token": "t0ken"}
    ask_letter(kind="data", email="ana@example.com", user=None, locale=locale, values=values, at=now)

    relay_events(now)

    english, german, path = LETTERS[about]
    letter = Message.objects.get(kind="account_data")
    assert letter.subject == (german if locale == "de" else english)
    assert f"{letter.subject}.\n" in letter.text
    assert path in letter.text
    assert path in letter.html


def reapply(*words: str) -> list[str]:
    out = StringIO()
    call_command("reapply_erasures", *words, stdout=out)
    return out.getvalue().splitlines()


def test_whom_a_restore_brings_back_is_erased_again_without_a_letter(
    ana: Somebody, stranger: Somebody, now: datetime, settings: Any, tmp_path: Path
) -> None:
    settings.ERASURE_JOURNAL = tmp_path / "erasures.jsonl"
    User.objects.update(joined_at=now)
    let_mails_out(now)
    backup = transaction.savepoint()
    assert erase(ana, now).state == "done"
    serve_data_requests(now)
    transaction.savepoint_rollback(backup)
    journal = settings.ERASURE_JOURNAL.read_text()
    with settings.ERASURE_JOURNAL.open("a") as file:
        file.write('["a line that broke')

    looked = reapply("--dry-run")
    assert User.objects.filter(email=ANA).exists()
    told, once_more = reapply(), reapply()

    counted = "1 erased addresses in the journal, {} of them unknown here; {} stand somewhere in the database."
    assert looked == [counted.format(1, 1), "Nothing was changed."]
    assert told == [counted.format(1, 1), "1 erased again"]
    assert once_more == [counted.format(0, 0)]
    assert tables_with("ana@example") <= KEPT
    assert "example.com" not in journal
    assert not AccountLetter.objects.filter(values__about="erased").exists()
    assert User.objects.filter(email=STRANGER).exists()


def test_news_of_a_wait_that_is_on_its_way_ends_with_the_erasure(ana: Somebody, now: datetime) -> None:
    """The row stays without its address for a month, so that no event is parked for want of it."""
    alert = StockAlert.objects.filter(email=ANA).order_by("id")[0]
    let_mails_out(now)
    with transaction.atomic():
        record_event(name="shop.alert.due", subject="shop.stockalert", payload={"alert_id": alert.pk}, at=now)
    request = order_erasure(person=person_at(ANA), locale="en", refuses_mail=False, at=now)

    serve_now(request_id=request.pk, at=now)
    let_mails_out(now)

    assert Message.objects.filter(kind="alert_back").values_list("state", "recipient").get() == ("suppressed", "")
    assert not EventDelivery.objects.exclude(state="done").exists()
