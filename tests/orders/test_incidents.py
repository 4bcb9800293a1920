"""A crisis: one press renews the promises it touches and tells each order once; news and the all-clear follow."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications.models import Message
from notifications.operations.composing import compose_messages
from orders.models import DelayCase, Incident, IncidentNotice, IncidentVersion, Order, Promise
from orders.operations import telling
from orders.operations.incidents import (
    LookIsPast,
    NotADraft,
    NotDeclared,
    NothingNew,
    declare,
    give_all_clear,
    tell_news,
)
from orders.operations.telling import tell_batch, tell_of_incidents
from orders.queries.crises import crises_of_order, crisis_described
from orders.queries.incidents import open_orders, preview
from orders.queries.quotes import timetable
from orders.rules.incident import Where
from shop.models import Event
from tests.breaches import without_triggers
from tests.factories.incidents import copies, declared, described
from tests.factories.orders import placed_order, service_level
from tests.factories.shop import StaffFactory
from tests.orders.test_operations_fulfilment import events_of, handed_over, our_breaches

pytestmark = pytest.mark.django_db

MONDAY_AFTER = date(2026, 3, 9)  # Thursday 5 March and three days somebody drives


def tell_all(at: datetime) -> int:
    """Let the sweep run until nothing is due."""
    rounds = 0
    while tell_of_incidents(at):
        rounds += 1
    return rounds


def test_each_reads_of_it_in_the_language_of_her_order_where_staff_wrote_it(now: datetime) -> None:
    german, english, french = (
        placed_order(at=now, number=f"KP-2041-000{position}", locale=locale)
        for position, locale in enumerate(("de", "en", "fr"))
    )
    version = declared(
        at=now, in_other_languages={"de": {"public_text": "Sturm Ana sperrt Straßen.", "what_we_do": ""}}
    )

    tell_all(now)
    for event in Event.objects.filter(name="orders.order.incident-told").order_by("id"):
        compose_messages(event=event, at=now)

    ours = version.public_text
    said = {german: "Sturm Ana sperrt Straßen.", english: ours, french: ours}
    for order, text in said.items():
        assert order.promises.get(source="incident").reason == DelayCase.objects.get(order=order).reason == text
        letter = Message.objects.get(order_number=order.number)
        assert [part in letter.text for part in (text, "We send what can go by the coast.")] == [True, True]
    assert crises_of_order(german.pk)[0].said_in("de") == (said[german], version.what_we_do)
    assert crises_of_order(german.pk)[0].said_in("fr") == (ours, version.what_we_do)


def test_another_sentence_in_one_language_is_news_for_those_alone_who_read_it(now: datetime) -> None:
    orders = [placed_order(at=now, number=f"KP-2041-{locale}", locale=locale) for locale in ("de", "en")]
    version = declared(at=now)
    tell_all(now)

    Incident.objects.update(in_other_languages={"de": {"public_text": "Sturm Ana sperrt Straßen."}})
    tell_news(incident_id=version.incident_id, by=None, at=now + timedelta(hours=1))
    tell_all(now + timedelta(hours=1))

    assert [len(told(order)) for order in orders] == [2, 1]


def in_faro(now: datetime, number: str) -> Order:
    """An order that goes to the south."""
    order = placed_order(at=now, number=number)
    order.postcode = "8000-001"
    order.save()
    return order


def told(order: Order) -> list[str]:
    return [name for name in events_of(order) if "incident" in name]


def last_day(order: Order) -> date:
    return order.promises.order_by("-version")[0].deliver_by_on


def test_declaring_renews_the_promise_once_and_tells_once(now: datetime) -> None:
    order, dilini = placed_order(at=now), StaffFactory()
    elsewhere = in_faro(now, "KP-2")
    incident = described(at=now, postcodes=["40"])

    declare(incident_id=incident.pk, by=dilini, at=now)
    for _twice in range(2):
        tell_all(now)

    first, second = order.promises.order_by("version")
    assert (second.source, second.deliver_from_on, second.deliver_by_on) == (
        "incident",
        date(2026, 3, 7),
        MONDAY_AFTER,
    )
    assert second.reason == "Storm Ana closed the roads south of Lisbon."
    assert first.deliver_by_on == date(2026, 3, 5)
    case = DelayCase.objects.get()
    assert (case.cause, case.broken_promise, case.new_promise, case.decide_by_at) == ("incident", first, second, None)
    order.refresh_from_db()
    assert order.service_status == "late"
    notice = IncidentNotice.objects.get()
    assert (notice.order, notice.outcome, notice.promise, notice.base) == (order, "told", second, first)
    assert notice.event.payload == {
        "order_id": order.pk,
        "version_id": notice.version_id,
        "delay_id": case.pk,
        "promise_id": second.pk,
        "old_promise_id": first.pk,
    }
    assert told(order) == ["orders.order.incident-told"]
    assert told(elsewhere) == []
    declaration = Event.objects.get(name="orders.incident.declared")
    assert (declaration.actor, declaration.payload["incident_id"]) == (dilini, incident.pk)
    assert our_breaches() == []


def test_what_is_declared_or_over_cannot_be_declared_again_and_a_look_must_come(now: datetime) -> None:
    incident = described(at=now)
    with pytest.raises(NotDeclared):
        give_all_clear(incident_id=incident.pk, by=None, at=now)
    with pytest.raises(LookIsPast):
        declare(incident_id=incident.pk, by=None, at=now + timedelta(days=3))
    declare(incident_id=incident.pk, by=None, at=now)

    with pytest.raises(NotADraft):
        declare(incident_id=incident.pk, by=None, at=now)
    with pytest.raises(NothingNew):
        tell_news(incident_id=incident.pk, by=None, at=now)

    assert list(IncidentVersion.objects.values_list("number", "kind")) == [(1, "declared")]


def test_news_reaches_only_whom_it_changes_anything_for(now: datetime) -> None:
    order, incident = placed_order(at=now), described(at=now)
    declare(incident_id=incident.pk, by=None, at=now)
    tell_all(now)
    later = now + timedelta(days=1)

    incident.refresh_from_db()
    incident.ends_on += timedelta(days=1)
    incident.save()
    tell_news(incident_id=incident.pk, by=None, at=later)
    tell_all(later)

    assert told(order) == ["orders.order.incident-told"]
    assert list(IncidentNotice.objects.order_by("id").values_list("outcome", flat=True)) == ["told", "same"]

    incident.extra_days = 4
    incident.save()
    tell_news(incident_id=incident.pk, by=None, at=later)
    tell_all(later)

    # Counted from the day she was first told: four days after Thursday, not three and then four.
    assert last_day(order) == date(2026, 3, 10)
    assert told(order) == ["orders.order.incident-told", "orders.order.incident-told-again"]
    again = DelayCase.objects.get(round=2)
    assert again.decide_by_at is not None  # a second delay needs her word

    incident.extra_days = 1
    incident.save()
    tell_news(incident_id=incident.pk, by=None, at=later)
    tell_all(later)
    assert last_day(order) == date(2026, 3, 10)  # never earlier
    assert told(order) == ["orders.order.incident-told", "orders.order.incident-told-again"]
    assert our_breaches() == []


def test_the_all_clear_is_told_to_who_was_told_and_still_waits(now: datetime) -> None:
    order, arrived = placed_order(at=now), placed_order(at=now, number="KP-2")
    spared = in_faro(now, "KP-3")
    incident = described(at=now, postcodes=["40"])
    declare(incident_id=incident.pk, by=None, at=now)
    tell_all(now)
    Order.objects.filter(pk=arrived.pk).update(delivered_at=now)

    version = give_all_clear(incident_id=incident.pk, by=None, at=now)
    for _twice in range(2):
        tell_all(now)

    assert told(order) == ["orders.order.incident-told", "orders.order.incident-over"]
    assert told(arrived) == ["orders.order.incident-told"]
    assert told(spared) == []
    assert last_day(order) == MONDAY_AFTER  # what was told stands
    assert crises_of_order(order.pk) == []
    version.refresh_from_db()
    assert (version.pass_at, version.told_all_at) == (None, now)


def test_the_scope_is_country_region_postcode_service_workshop_courier_and_product(now: datetime) -> None:
    order, other = placed_order(at=now, region="Norte"), placed_order(at=now, number="KP-2", region="Algarve")
    handed_over(other, now)
    other.refresh_from_db()
    product = order.lines.get().variant.product

    def found(**scope: object) -> list[str]:
        incident = described(at=now, **scope)
        rows = open_orders(crisis_described(incident), today=now.date())
        return list(rows.order_by("id").values_list("number", flat=True))

    assert found(countries=["ES"]) == []
    assert found(countries=[]) == [order.number, other.number]
    assert found(regions=["norte"]) == [order.number]
    assert found(postcodes=["40", "99"]) == [order.number, other.number]
    assert found(postcodes=["99"]) == []
    assert found(couriers=["demo"]) == [other.number]
    assert found(products=[product]) == [order.number]
    assert found(services=[order.service]) == [order.number, other.number]
    assert found(services=[service_level("fast-pt")]) == []
    assert found(starts_on=date(2026, 3, 6), ends_on=date(2026, 3, 9)) == []  # both are there by Thursday


def test_the_preview_says_what_the_press_does(now: datetime) -> None:
    order = placed_order(at=now)
    placed_order(at=now, number="KP-2")
    handed_over(Order.objects.get(number="KP-2"), now)
    incident = described(at=now)

    found = preview(crisis_described(incident), at=now)

    assert (found.total, found.gone, found.late, found.capped) == (2, 1, 0, False)
    shown = {each.order.number: each.now for each in found.examples}
    assert Promise.objects.filter(source="incident").count() == 0
    declare(incident_id=incident.pk, by=None, at=now)
    tell_all(now)
    said = {row.order.number: (row.deliver_from_on, row.deliver_by_on) for row in incident_promises()}
    assert shown == said
    assert order.number in said


def incident_promises() -> list[Promise]:
    return list(Promise.objects.filter(source="incident").select_related("order").order_by("id"))


def test_batches_cost_the_same_however_many_orders_and_go_on_where_they_were(now: datetime) -> None:
    order = placed_order(at=now)
    copies(order, 24)
    version = declared(at=now)

    counts = []
    for most in (2, 20):
        with CaptureQueriesContext(connection) as queries:
            assert tell_batch(version_id=version.pk, most=most, at=now) == most
        counts.append(len(queries))
    version.refresh_from_db()

    assert counts[0] == counts[1]
    assert counts[0] <= 20
    assert IncidentNotice.objects.count() == 22
    assert version.cursor == IncidentNotice.objects.order_by("-order_id")[0].order_id
    assert tell_batch(version_id=version.pk, most=20, at=now) == 3
    assert tell_batch(version_id=version.pk, most=20, at=now) == 0
    assert set(IncidentNotice.objects.values_list("outcome", flat=True)) == {"told"}
    assert Promise.objects.filter(source="incident").count() == 25


def test_a_batch_that_dies_leaves_nothing_behind(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    order = placed_order(at=now)
    version = declared(at=now)

    def dies(*args: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as patched:
        patched.setattr(telling, "_notice", dies)
        with pytest.raises(ConnectionError):
            tell_batch(version_id=version.pk, most=10, at=now)

    assert (IncidentNotice.objects.count(), order.promises.count()) == (0, 1)
    tell_all(now)
    assert told(order) == ["orders.order.incident-told"]


def test_who_orders_after_it_knows_and_is_not_told(now: datetime) -> None:
    version = declared(at=now)
    order = placed_order(at=now)
    without_triggers("orders_promise")
    order.promises.update(basis={"steps": [], "crises": {str(version.incident_id): 3}})

    tell_all(now)

    assert IncidentNotice.objects.get().outcome == "knew"
    assert told(order) == []
    assert [crisis.public_text for crisis in crises_of_order(order.pk)] == [version.public_text]


def test_new_orders_are_promised_later_while_it_lasts_where_it_concerns_them(now: datetime) -> None:
    service = service_level()

    def arrives(**where: object) -> date:
        table = timetable("PT", at=now, where=Where("PT", **where))  # type: ignore[arg-type]
        return table.quote(service).estimate.deliver_by_on

    usual = arrives()
    incident = described(at=now, postcodes=["80"])
    version = declare(incident_id=incident.pk, by=None, at=now)
    quote = timetable("PT", at=now, where=Where("PT", "8000-001")).quote(service)

    assert quote.estimate.deliver_by_on > usual
    assert quote.basis()["crises"] == {str(incident.pk): 3}
    assert (arrives(), arrives(postcode="4050-262")) == (usual, usual)
    give_all_clear(incident_id=version.incident_id, by=None, at=now)
    assert arrives(postcode="8000-001") == usual


def test_a_crisis_lowers_the_orders_a_day_begins(now: datetime) -> None:
    placed_order(at=now)
    service = service_level()
    assert timetable("PT", at=now).quote(service).estimate.starts_on == now.date()

    declared(at=now, places=1, longer=False)

    quote = timetable("PT", at=now).quote(service)
    assert (quote.estimate.starts_on, quote.at_most) == (now.date() + timedelta(days=1), 1)


def test_its_message_says_what_happened_and_the_new_day(now: datetime) -> None:
    order = placed_order(at=now)
    declared(at=now)
    tell_all(now)

    for _twice in range(2):
        compose_messages(event=Event.objects.get(name="orders.order.incident-told"), at=now)

    message = Event.objects.get(name="orders.order.incident-told").messages.get()
    assert message.subject == f"{order.number} will be later: arrives Sat 7 – Mon 9 March"
    assert "Storm Ana closed the roads south of Lisbon." in message.text
    assert "We send what can go by the coast." in message.text


def test_the_command_looks_first_and_tells_with_progress(now: datetime) -> None:
    order = placed_order(at=now)
    StaffFactory(email="dilini@example.com")
    words = [
        "declare_incident", "--name", "Storm", "--text", "Storm.", "--country", "pt", "--until", "2027-12-31",
        "--extra-days", "2", "--by", "dilini@example.com", "--service", order.service.code,
    ]  # fmt: skip

    out = StringIO()
    call_command(*words, "--dry-run", stdout=out)
    assert "It touches 1 open orders: 0 on their way, 0 late already." in out.getvalue()
    assert "Of these 1 would be told something, 0 read nothing new, 0 knew it, 0 lie on other days." in out.getvalue()
    assert order.number in out.getvalue()
    assert Incident.objects.count() == 0

    out = StringIO()
    call_command(*words, stdout=out)
    incident = Incident.objects.get()
    assert f"Crisis {incident.pk} is declared. 1 orders looked at, 1 told." in out.getvalue()
    assert IncidentVersion.objects.get().made_by.email == "dilini@example.com"
    with pytest.raises(CommandError, match="no workshop nowhere"):
        call_command(*words, "--workshop", "nowhere")


def run(*words: str) -> list[str]:
    """Run a command; return the lines it printed."""
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue().splitlines()


def test_news_and_the_all_clear_are_given_by_command_each_looking_first(now: datetime) -> None:
    order = placed_order(at=now)
    by = ["--by", StaffFactory(email="dilini@example.com").email]
    declared(at=now, ends_on=date(2027, 1, 1), review_at=now + timedelta(days=400))
    tell_all(now)
    news = ["update_incident", str(Incident.objects.get().pk), "--text", "The roads stay closed.", *by]

    looked = run(*news, "--dry-run")
    assert (looked[1].split(",")[0], looked[-1]) == ("Of these 1 would be told something", "Nothing was written.")
    assert (IncidentVersion.objects.count(), Incident.objects.get().public_text) == (1, declared_text())
    assert run(*news)[-1] == "The news is out. 1 orders looked at, 1 told."
    with pytest.raises(CommandError, match="what was told already"):
        run(*news)

    ended = ["end_incident", news[1], *by]
    assert run(*ended, "--dry-run") == ["Storm Ana: 1 orders were told of it and still wait.", "Nothing was written."]
    assert run(*ended)[-1] == "It is over. 1 orders looked at, 1 told."
    with pytest.raises(CommandError, match="over already"):
        run(*ended)
    assert [name.rpartition(".")[2] for name in told(order)] == [
        "incident-told",
        "incident-told-again",
        "incident-over",
    ]
    assert IncidentVersion.objects.latest("number").made_by.email == "dilini@example.com"


def declared_text() -> str:
    return IncidentVersion.objects.get(number=1).public_text
