"""Crises on pages: staff see whom it touches before they press; shoppers read what concerns them, strangers nothing."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from orders.models import Incident, IncidentVersion
from orders.operations.access import issue_link
from orders.operations.incidents import give_all_clear
from orders.operations.telling import tell_of_incidents
from shop.models import Product
from tests.factories.incidents import declared, described
from tests.factories.orders import placed_order
from tests.factories.shop import StaffFactory
from tests.pages import words

pytestmark = pytest.mark.django_db

SAYS = "Storm Ana closed the roads south of Lisbon."


def lead() -> Client:
    person, client = StaffFactory(), Client()
    wanted = ("view_incident", "change_incident", "add_incident", "declare_incident", "view_order")
    person.user_permissions.set(Permission.objects.filter(codename__in=wanted))
    client.force_login(person)
    return client


def page_of(incident: Incident) -> str:
    return f"/admin/orders/incident/{incident.pk}/change/"


def test_staff_describe_it_see_whom_it_touches_and_declare_it(client: Client) -> None:
    now = timezone.now()
    order, staff = placed_order(at=now), lead()
    typed = {
        "name": "Storm", "public_text": SAYS, "what_we_do": "", "hits": "road", "extra_days": "2",
        "starts_on": now.date().isoformat(), "ends_on": (now + timedelta(days=5)).date().isoformat(),
        "review_at_0": (now + timedelta(days=1)).date().isoformat(), "review_at_1": "09:00",
        "in_other_languages_de_public_text": "Sturm Ana.", "in_other_languages_de_what_we_do": "",
        "countries": "pt, es", "regions": "", "postcodes": "40", "places": "", "longer": "on",
    }  # fmt: skip

    wrong = staff.post("/admin/orders/incident/add/", typed | {"ends_on": "2020-01-01"})
    assert "It ends before it begins." in words(wrong)
    staff.post("/admin/orders/incident/add/", typed)
    incident = Incident.objects.get()
    assert (incident.countries, incident.postcodes, incident.state) == (["ES", "PT"], ["40"], "draft")
    assert incident.in_other_languages == {"de": {"public_text": "Sturm Ana.", "what_we_do": ""}}
    assert 'lang="de" required' not in (form := staff.get(page_of(incident)).text)
    assert re.search(r'aria-label="Deutsch: what shoppers read"[^>]*>\s*Sturm Ana\.</textarea>', form)

    shown = words(staff.get(page_of(incident)))
    assert "1 open order" in shown
    assert order.number in shown
    assert IncidentVersion.objects.count() == 0

    for said in ("It is declared.", "Somebody was faster"):
        assert staff.post(f"/admin/orders/incident/{incident.pk}/declare/").status_code == 303
        assert said in words(staff.get(page_of(incident)))
    assert IncidentVersion.objects.get().made_by is not None


@pytest.mark.parametrize("orders", [1, 3])
def test_the_admin_page_costs_the_same_however_many_it_touches(
    orders: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    now = timezone.now()
    for number in range(orders):
        placed_order(at=now, number=f"KP-{number}")
    version = declared(at=now)
    tell_of_incidents(now)
    staff, path = lead(), page_of(version.incident)
    staff.get(path)

    with django_assert_max_num_queries(32):
        response = staff.get(path)

    assert f"{orders} open order" in words(response)


def product_path() -> str:
    return f"/p/{Product.objects.order_by('id')[0].slug}/"


def test_product_and_tracking_pages_say_it_where_it_concerns_them_until_it_is_over(client: Client) -> None:
    now = timezone.now()
    order, other = placed_order(at=now), placed_order(at=now, number="KP-2", email="rui@example.com", region="Madeira")
    product = order.lines.get().variant.product
    pages = [product_path(), f"/orders/{issue_link(order=order, at=now)}/"]
    elsewhere = [f"/p/{other.lines.get().variant.product.slug}/", f"/orders/{issue_link(order=other, at=now)}/"]
    plain = queries(client, product_path())

    version = declared(at=now, products=[product])
    tell_of_incidents(now)

    assert [banner(client, path) for path in pages] == [True, True]
    assert [banner(client, path) for path in elsewhere] == [False, False]
    assert queries(client, product_path()) == plain
    give_all_clear(incident_id=version.incident_id, by=None, at=now)
    assert [banner(client, path) for path in pages] == [False, False]


def banner(client: Client, path: str) -> bool:
    page = client.get(path).content.decode()
    return 'class="notice warn crisis"' in page and SAYS in page


def queries(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as asked:
        client.get(path)
    return len(asked)


def test_what_ended_and_nobody_looked_at_is_not_shown_any_more(client: Client) -> None:
    long_ago = timezone.now() - timedelta(days=30)
    placed_order(at=timezone.now())
    declared(at=long_ago)

    assert SAYS not in words(client.get(product_path()))


def test_a_crisis_to_look_at_again_is_on_the_first_page_of_staff(now: datetime) -> None:
    from orders.queries.attention import count_crises_to_look_at

    described(at=now)
    declared(at=now)

    assert count_crises_to_look_at(now) == 0
    assert count_crises_to_look_at(now + timedelta(days=3)) == 1


def test_who_may_only_look_reads_the_words_in_other_languages(client: Client) -> None:
    elsewhere = {"de": {"public_text": "Sturm Ana.", "what_we_do": "Wir fahren die Küste entlang."}}
    incident = described(at=timezone.now(), in_other_languages=elsewhere)
    person = StaffFactory()
    person.user_permissions.set(Permission.objects.filter(codename="view_incident"))
    client.force_login(person)

    page = words(client.get(page_of(incident)))

    assert "Deutsch: Sturm Ana. Wir fahren die Küste entlang." in page
    assert "public_text" not in page
