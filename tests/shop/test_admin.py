"""The admin: numbers first, lists that stay cheap, buttons that call operations."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.utils import timezone

from shop.admin.base import COUNT_AT_MOST, CappedPaginator
from shop.models import (
    BusinessCalendar,
    Event,
    EventDelivery,
    Heartbeat,
    Inbound,
    StockLevel,
    StockLocation,
    StockMovement,
    User,
)
from shop.operations.low_stock import look_at_shelves
from shop.operations.people import sync_roles
from shop.todo import count_up_to_most
from tests.factories.shop import StaffFactory, VariantFactory, calendar

pytestmark = pytest.mark.django_db


@pytest.fixture
def _roles() -> None:
    sync_roles(at=timezone.now())


def desk_of(role: str) -> Client:
    person = StaffFactory(email=f"{role}@example.com")
    person.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(person)
    return client


def told(answer: Any) -> list[str]:
    """Return the messages the person reads on the next page."""
    page = answer.client.get(answer.headers["Location"])
    return [str(message) for message in page.context["messages"]]


def parked_delivery() -> EventDelivery:
    event = Event.objects.create(
        name="shop.tea.poured", subject="shop.tea:1", visibility="staff", happened_at=timezone.now()
    )
    return EventDelivery.objects.create(event=event, consumer="tests.nobody", state="parked", attempts=8)


# -- What is to do now --------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_roles")
def test_first_page_counts_what_this_person_can_act_on() -> None:
    parked_delivery()
    Heartbeat.objects.create(name="shop.relay_events", beat_at=timezone.now() - timedelta(minutes=3))
    VariantFactory(stock=0)
    look_at_shelves(timezone.now())

    todos = desk_of("ops").get("/admin/").context["todos"]

    counts = {str(each["label"]): (each["count"], each["alarm"]) for each in todos if "/shop/" in each["url"]}
    assert counts == {
        "events that somebody must look at": (1, True),
        "deliveries from outside that nobody understood": (0, False),
        "jobs that have not run for two minutes": (1, True),
        "empty shelves of things on sale": (1, False),
        "articles to refill": (1, False),
    }


@pytest.mark.usefixtures("_roles")
def test_every_number_leads_to_a_list_of_that_many_rows() -> None:
    parked_delivery()
    VariantFactory(stock=0)
    VariantFactory(stock=3)
    look_at_shelves(timezone.now())
    client = desk_of("ops")

    for each in client.get("/admin/").context["todos"]:
        if "/shop/" in each["url"]:
            page = client.get(each["url"]).context
            rows = len(page["tasks"]) if "tasks" in page else page["cl"].result_count
            assert rows == each["count"], each["url"]


@pytest.mark.usefixtures("_roles")
def test_a_number_is_not_shown_to_somebody_who_may_not_open_its_list() -> None:
    urls = [each["url"] for each in desk_of("catalogue").get("/admin/").context["todos"]]

    assert [url for url in urls if "eventdelivery" in url or "inbound" in url] == []


# -- Lists --------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_roles")
@pytest.mark.parametrize("pieces", [1, 3])
def test_stock_levels_cost_the_same_whatever_their_number(pieces: int, django_assert_num_queries: Any) -> None:
    for _ in range(pieces):
        VariantFactory()
    client = desk_of("warehouse")

    # session, person, two for the rights, locations for the filter, count, rows
    with django_assert_num_queries(7):
        answer = client.get("/admin/shop/stocklevel/")

    assert answer.context["cl"].result_count == pieces


def test_pages_are_counted_to_a_limit_and_no_further(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1) as asked:
        assert CappedPaginator(Event.objects.order_by("-id"), 50).count == 0

    assert f"LIMIT {COUNT_AT_MOST}" in asked[0]["sql"]


@pytest.mark.usefixtures("_roles")
def test_every_field_of_a_table_has_a_name() -> None:
    row = calendar("workshop")

    page = desk_of("lead").get(f"/admin/shop/businesscalendar/{row.pk}/change/").content.decode()

    fields = re.findall(r'<(?:input|select)[^>]* name="intervals-0-[^>]*>', page)
    names = [re.findall(r'aria-label="([^"]*)"', each) for each in fields if 'type="hidden"' not in each]
    assert names == [["Weekday, row 1"], ["Opens, row 1"], ["Closes, row 1"], ["Delete, row 1"]]


@pytest.mark.parametrize(("rows", "expected"), [(0, 0), (3, 3), (150, 100)])
def test_numbers_are_counted_no_further_than_needed(rows: int, expected: int) -> None:
    Heartbeat.objects.bulk_create(Heartbeat(name=f"x{n}", beat_at=timezone.now()) for n in range(rows))

    assert count_up_to_most(Heartbeat.objects.filter(name__startswith="x")) == expected


# -- Buttons ------------------------------------------------------------------------------------------------------


def received(pieces: object, key: object = None) -> dict[str, object]:
    return {"pieces": pieces, "reason": "from the kiln", "key": key or str(uuid4())}


@pytest.mark.usefixtures("_roles")
def test_a_button_calls_its_operation_once_however_often_it_is_pressed() -> None:
    level = StockLevel.objects.get(variant=VariantFactory(stock=5))
    client = desk_of("warehouse")
    data = received(7)

    first = client.post(f"/admin/shop/stocklevel/{level.pk}/receive/", data)
    client.post(f"/admin/shop/stocklevel/{level.pk}/receive/", data)

    level.refresh_from_db()
    assert (first.status_code, level.on_hand) == (303, 12)
    movement = StockMovement.objects.order_by("id").last()
    assert movement is not None
    assert (movement.kind, movement.on_hand_delta, movement.reason) == ("received", 7, "from the kiln")
    assert movement.actor == User.objects.get(email="warehouse@example.com")


@pytest.mark.usefixtures("_roles")
def test_a_button_with_a_wrong_value_keeps_what_was_typed_and_changes_nothing() -> None:
    level = StockLevel.objects.get(variant=VariantFactory(stock=5))

    answer = desk_of("warehouse").post(f"/admin/shop/stocklevel/{level.pk}/receive/", received("many"))

    level.refresh_from_db()
    assert (answer.status_code, level.on_hand) == (422, 5)
    assert b'value="many"' in answer.content
    assert b'value="from the kiln"' in answer.content


@pytest.mark.usefixtures("_roles")
def test_a_refusal_is_a_sentence_and_changes_nothing() -> None:
    level = StockLevel.objects.get(variant=VariantFactory(stock=5))
    StockLevel.objects.filter(pk=level.pk).update(quarantine=1)

    answer = desk_of("warehouse").post(
        f"/admin/shop/stocklevel/{level.pk}/put-back/", {"pieces": 2, "reason": "mended", "key": str(uuid4())}
    )

    level.refresh_from_db()
    assert (answer.status_code, level.on_hand) == (303, 5)
    assert told(answer) == ["So many pieces are not there. Count again; nothing was changed."]


@pytest.mark.usefixtures("_roles")
def test_the_catalogue_decides_what_may_be_sold_before_it_is_made_and_hears_why_not() -> None:
    level = StockLevel.objects.get(variant=VariantFactory(stock=0, making_days=5))
    plain = StockLevel.objects.get(variant=VariantFactory(stock=5))
    client, page = desk_of("catalogue"), f"/admin/shop/stocklevel/{level.pk}"

    allowed = client.post(f"{page}/make-to-order/", {"limit": 4})
    said = told(allowed)
    StockLevel.objects.filter(pk=level.pk).update(allocated=3)
    lowered = client.post(f"{page}/make-to-order/", {"limit": 2})
    refused = told(lowered)
    no_time = client.post(f"/admin/shop/stocklevel/{plain.pk}/make-to-order/", {"limit": 2})

    level.refresh_from_db()
    plain.refresh_from_db()
    assert said == ["4 pieces may be sold before they are made; the dates count their making time."]
    assert refused == ["3 pieces are promised to orders and not made yet. Nothing was changed: allow at least as many."]
    assert told(no_time) == [
        "This article has no making time, so no honest date could be told. Enter it at the product's variants first."
    ]
    assert (level.policy, level.oversell_limit) == ("made_to_order", 4)
    assert (plain.policy, plain.oversell_limit) == ("deny", 0)


@pytest.mark.usefixtures("_roles")
def test_a_level_opens_with_a_limit_only_for_what_has_a_making_time() -> None:
    variant = VariantFactory(stock=0)
    attic = StockLocation.objects.create(code="attic", name="Attic", position=1)
    form = {"variant": variant.pk, "location": attic.pk, "oversell_limit": 3}

    refused = desk_of("catalogue").post("/admin/shop/stocklevel/add/", form)

    assert (refused.status_code, StockLevel.objects.filter(location=attic).exists()) == (200, False)
    assert "no honest date could be told" in refused.content.decode()


@pytest.mark.usefixtures("_roles")
def test_a_button_is_neither_shown_to_nor_works_for_somebody_without_the_right() -> None:
    level = StockLevel.objects.get(variant=VariantFactory(stock=5))
    client = desk_of("agent")

    page = client.get(f"/admin/shop/stocklevel/{level.pk}/change/")
    answer = client.post(f"/admin/shop/stocklevel/{level.pk}/receive/", received(7))

    level.refresh_from_db()
    assert (page.context["operation_buttons"], answer.status_code, level.on_hand) == ([], 403, 5)


@pytest.mark.usefixtures("_roles")
def test_a_parked_delivery_is_replayed_and_the_log_says_by_whom() -> None:
    delivery = parked_delivery()
    client = desk_of("ops")

    client.post(f"/admin/shop/eventdelivery/{delivery.pk}/replay/")
    again = client.post(f"/admin/shop/eventdelivery/{delivery.pk}/replay/")

    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("due", 0)
    assert "Somebody was faster: this is no longer open here." in told(again)
    noted = Event.objects.get(name="shop.delivery.replayed")
    assert noted.actor == User.objects.get(email="ops@example.com")


@pytest.mark.usefixtures("_roles")
def test_a_parked_inbound_row_is_left_unread_with_a_reason_and_once() -> None:
    row = Inbound.objects.create(source="mail", source_key="1", raw=b"\x00noise", state="parked", error="no mail")
    client, button = desk_of("ops"), f"/admin/shop/inbound/{row.pk}/set-aside/"

    empty = client.post(button, {"reason": ""})
    client.post(button, {"reason": "Only noise."})
    client.post(button, {"reason": "Again."})

    row.refresh_from_db()
    assert "Enter why nobody needs to read it" in empty.content.decode()
    assert (row.state, row.error, bytes(row.raw)) == ("ignored", "Only noise.", b"\x00noise")
    assert Event.objects.filter(name="shop.inbound.set-aside").count() == 1


@pytest.mark.usefixtures("_roles")
def test_a_parked_inbound_row_is_replayed() -> None:
    row = Inbound.objects.create(source="tests", source_key="1", raw=b"hello", state="parked", attempts=6)

    desk_of("ops").post(f"/admin/shop/inbound/{row.pk}/replay/")

    row.refresh_from_db()
    assert (row.state, row.attempts) == ("received", 0)
    assert Event.objects.filter(name="shop.inbound.replayed", subject=f"shop.inbound:{row.pk}").count() == 1


@pytest.mark.usefixtures("_roles")
def test_raw_bytes_are_a_download_and_never_a_page() -> None:
    row = Inbound.objects.create(source="mail", source_key="1", raw=b"<script>alert(1)</script>", state="parked")

    answer = desk_of("ops").get(f"/admin/shop/inbound/{row.pk}/raw/")

    assert answer.content == b"<script>alert(1)</script>"
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="inbound-{row.pk}.txt"'
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


# -- People, calendars, the look ----------------------------------------------------------------------------------


@pytest.mark.usefixtures("_roles")
def test_a_lead_adds_a_colleague_and_never_sees_a_password_hash() -> None:
    client = desk_of("lead")
    data = {
        "email": "joana@example.com",
        "name": "Joana Reis",
        "is_staff": "on",
        "usable_password": "true",
        "password1": "a-warm-winter-coat",
        "password2": "a-warm-winter-coat",
    }

    client.post("/admin/shop/user/add/", data)
    joana = User.objects.get(email="joana@example.com")
    agent = Group.objects.get(name="agent").pk
    fields = {"email": joana.email, "name": "Joana Reis", "is_staff": "on", "is_active": "on", "is_superuser": "on"}
    client.post(f"/admin/shop/user/{joana.pk}/change/", fields | {"groups": [agent]})

    joana.refresh_from_db()
    assert [group.name for group in joana.groups.all()] == ["agent"]
    assert (joana.is_staff, joana.is_superuser) == (True, False)
    page = client.get(f"/admin/shop/user/{joana.pk}/change/").content
    assert b"pbkdf2" not in page
    assert joana.password.encode() not in page


@pytest.mark.usefixtures("_roles")
def test_a_lead_offers_only_roles_that_are_hers_to_give() -> None:
    person = StaffFactory()

    page = desk_of("lead").get(f"/admin/shop/user/{person.pk}/change/")

    offered = page.context["adminform"].form.fields["groups"].queryset
    assert [group.name for group in offered] == ["agent", "catalogue", "warehouse"]


@pytest.mark.usefixtures("_roles")
def test_a_lead_who_changes_a_name_keeps_the_role_she_could_not_give() -> None:
    person = StaffFactory()
    person.user_permissions.add(Permission.objects.get(codename="view_product"))

    desk_of("lead").post(
        f"/admin/shop/user/{person.pk}/change/",
        {"email": person.email, "name": "Another name", "is_staff": "on", "is_active": "on"},
    )

    person.refresh_from_db()
    assert person.name == "Another name"
    assert person.user_permissions.count() == 1
    assert Event.objects.get(name="shop.person.changed").payload == {"fields": ["name"]}


def as_posted(*forms: Any) -> dict[str, Any]:
    """Return what a browser sends back when nobody touched the forms."""
    fields = [(form, name) for form in forms for name in form.fields if name != "DELETE"]
    values = {form.add_prefix(name): form[name].value() for form, name in fields}
    return {name: "" if value is None else value for name, value in values.items()}


@pytest.mark.usefixtures("_roles")
def test_every_change_of_a_calendar_raises_its_version() -> None:
    row: BusinessCalendar = calendar("workshop")
    client = desk_of("lead")
    page = client.get(f"/admin/shop/businesscalendar/{row.pk}/change/")
    formsets = [each.formset for each in page.context["inline_admin_formsets"]]
    forms = [form for formset in formsets for form in (formset.management_form, *formset.forms)]
    data = as_posted(page.context["adminform"].form, *forms)

    client.post(f"/admin/shop/businesscalendar/{row.pk}/change/", data)
    row.refresh_from_db()
    assert row.version == 1  # nothing was changed

    client.post(f"/admin/shop/businesscalendar/{row.pk}/change/", data | {"intervals-0-closes": "17:00:00"})
    row.refresh_from_db()
    assert row.version == 2
    assert Event.objects.get(name="shop.calendar.changed").payload == {"calendar_id": row.pk, "version": 2}


@pytest.mark.usefixtures("_roles")
@pytest.mark.parametrize("path", ["", "shop/stocklevel/", "shop/user/", "shop/businesscalendar/", "shop/product/add/"])
def test_no_page_of_the_admin_has_inline_script_or_style(path: str) -> None:
    StaffFactory(email="setup@example.com", is_superuser=True)
    client = Client()
    client.force_login(User.objects.get(email="setup@example.com"))

    page = client.get(f"/admin/{path}").content.decode()

    inline = re.findall(r"<style|\sstyle=|\son\w+=|<script(?![^>]*(?:\ssrc=|type=.application/json))", page)
    assert inline == []


def test_templates_of_the_admin_bring_no_inline_script_or_style() -> None:
    texts = {path: path.read_text() for path in Path(settings.BASE_DIR, "templates/admin").rglob("*.html")}

    assert texts
    assert [path for path, text in texts.items() if re.search(r"<style|\sstyle=|<script>", text)] == []
