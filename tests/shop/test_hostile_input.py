"""Nothing a stranger types gives a 500, an address elsewhere, or an order."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.contrib import admin
from django.test import Client
from django.utils import timezone

from notifications.models import CustomerGroup
from orders.models import Order
from orders.operations.access import issue_link
from returns.models import ReturnCase
from support.models import Conversation
from tests.accounts import sign_in
from tests.factories.returns import delivered_order
from tests.factories.shop import StaffFactory, UserFactory
from tests.pages import words

pytestmark = pytest.mark.django_db

NAMES = [
    *[
        "action",
        "country",
        "email",
        "exchange",
        "full_name",
        "key",
        "line",
        "message",
        "name",
        "next",
        "number",
        "option",
    ],
    *[
        "order",
        "order_number",
        "page",
        "payment",
        "postcode",
        "problem",
        "product",
        "q",
        "quantity",
        "removed",
        "service",
    ],
    *["shown", "step", "submission_key", "theme", "token", "tone", "topic", "variant"],
]
VALUES = [
    "\x00",
    "9" * 5000,
    "٣",
    "-1",
    "1e9",
    "' OR 1=1 --",
    "//evil.example",
    "https:evil.example",
    "𝕏" * 300,
    "{{ 7 }}",
]
FIXED = [
    "/",
    "/bag/",
    "/checkout/",
    "/help/",
    "/help/contact/",
    "/orders/find/",
    "/bag/add/",
    "/bag/lines/1/",
    "/search/",
    "/wishlist/",
    "/wishlist/add/",
]
BEHIND_TOKEN = ["", "thanks/", "arrival.ics", "cancellation/", "return/", "return/KP-1-R1/"]


@pytest.fixture
def pages(now: datetime) -> list[str]:
    order = delivered_order(at=now)
    token = issue_link(order=order, at=timezone.now())
    product = order.lines.get().variant.product
    shelf = [f"/p/{product.slug}/", f"/c/{product.category.slug}/"]
    return [*FIXED, "/preferences/", *shelf, *[f"/orders/{token}/{rest}" for rest in BEHIND_TOKEN]]


def rows() -> list[int]:
    return [model.objects.count() for model in (Order, ReturnCase, Conversation)]


@pytest.mark.parametrize("value", VALUES)
def test_no_parameter_breaks_a_page_or_leads_elsewhere(pages: list[str], value: str) -> None:
    client = Client(raise_request_exception=False)
    before, filled = rows(), dict.fromkeys(NAMES, value)

    answers = [client.get(page, {**filled}) for page in pages] + [client.post(page, {**filled}) for page in pages]

    assert [f"{a.request['PATH_INFO']} {a.status_code}" for a in answers if a.status_code >= 500] == []
    assert [a.headers["Location"] for a in answers if "evil" in a.headers.get("Location", "").split("?")[0]] == []
    assert rows() == before


@pytest.mark.parametrize(
    "path",
    [
        "/orders/%00/",
        "/orders/%ff%fe/",
        "/help/contact/sent/%00/",
        "/hooks/courier/%00/",
        "/bag/lines/99999999999999999999/",
    ],
)
def test_no_path_breaks_the_shop(path: str) -> None:
    client = Client(raise_request_exception=False)

    assert {client.get(path).status_code, client.post(path).status_code} <= {404, 405}


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/sitemap.xml", "/sitemap-products.xml"])
def test_what_is_only_read_takes_no_other_method(path: str) -> None:
    client = Client()

    answers = [client.get(path), client.head(path), client.post(path), client.put(path), client.delete(path)]

    assert [answer.status_code for answer in answers] == [200, 200, 405, 405, 405]


def test_a_nul_in_an_address_is_a_404_for_everybody(now: datetime) -> None:
    """Whoever may look at such a thing at all: with her link, signed in, and in the admin where keys are words."""
    order = delivered_order(at=now, customer=UserFactory(email="ana@example.com"))
    token = issue_link(order=order, at=timezone.now())
    owner, superuser = Client(raise_request_exception=False), Client(raise_request_exception=False)
    owner.force_login(order.customer)
    superuser.force_login(StaffFactory(is_superuser=True))

    answers = [
        owner.get(f"/orders/{token}/documents/%00.pdf"),
        owner.get("/account/orders/%00/"),
        superuser.get("/admin/shop/heartbeat/%00/change/"),
        superuser.get("/admin/shop/heartbeat/%00/history/"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert [b"Traceback" in answer.content for answer in answers] == [False] * 4


def test_a_return_number_that_is_no_number_is_a_404(now: datetime) -> None:
    token = issue_link(order=delivered_order(at=now), at=timezone.now())

    answers = [Client().get(f"/orders/{token}/return/{number}/") for number in ("%00", "%27", "KP-1-R1")]

    assert [answer.status_code for answer in answers] == [404] * 3


@pytest.mark.parametrize(
    "target", ["//evil.example", "/\\evil.example", "https:evil.example", "https://evil.example/a", "-1", "orders:mine"]
)
def test_login_leads_nowhere_else(client: Client, target: str) -> None:
    person = StaffFactory(email="agent@example.com", secret=True)

    answer = sign_in(client, person.email, next=target)

    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")
    assert client.get("/admin/login/", {"next": target}).headers["Location"] == "/admin/"


def test_a_sign_no_column_holds_is_a_bad_request_to_the_admin(client: Client) -> None:
    client.force_login(StaffFactory(is_superuser=True))

    answer = client.get("/admin/notifications/campaign/", {"state": "\x00"})

    assert (answer.status_code, "text/html" in answer.headers["Content-Type"]) == (400, True)
    assert client.get("/admin/notifications/campaign/", {"state": "x"}).status_code in {200, 302}


def test_a_group_of_more_days_than_there_are_is_a_sentence(client: Client) -> None:
    client.force_login(StaffFactory(is_superuser=True))
    group = CustomerGroup.objects.create(name="Friends", changed_at=timezone.now())

    page = f"/admin/notifications/customergroup/{group.pk}/change/"
    answer = client.post(page, {"name": "Friends", "ordered_within_days": "9" * 22})

    assert (answer.status_code, "less than or equal to 32767" in words(answer)) == (200, True)


def searched_forms() -> list[tuple[str, str]]:
    """The add page of each table whose form has selects with a search, and the name of such a field in what is sent."""
    found = []
    for model, page in admin.site._registry.items():
        add = f"/admin/{model._meta.app_label}/{model._meta.model_name}/add/"
        found += [(add, name) for name in page.autocomplete_fields]
        for inline in page.inlines:
            rows = inline.model._meta.get_field(foreign_key_of(inline, model)).remote_field.get_accessor_name()
            found += [(add, f"{rows}-0-{name}") for name in inline.autocomplete_fields]
    return found


def foreign_key_of(inline: type, parent: type) -> str:
    return inline.fk_name or next(f.name for f in inline.model._meta.fields if f.related_model is parent)


@pytest.mark.parametrize(("path", "field"), searched_forms())
def test_a_forged_choice_is_no_choice_and_no_fault_of_the_page(client: Client, path: str, field: str) -> None:
    client.force_login(StaffFactory(is_superuser=True))
    asked = client.get(path)
    assert asked.status_code in {200, 403}  # 403: nobody adds a row by hand
    rows = field.rpartition("-0-")[0]
    total = {f"{rows}-TOTAL_FORMS": "1", f"{rows}-INITIAL_FORMS": "0"} if rows else {}

    for value in ["none", "-1", "9" * 22, "1.5", "٣"]:
        answer = client.post(path, {field: value} | total)
        assert answer.status_code == asked.status_code, value


@pytest.mark.parametrize("table", ["orders/workshop", "shop/product"])
def test_a_tick_on_no_row_is_a_bad_request(client: Client, table: str) -> None:
    client.force_login(StaffFactory(is_superuser=True))

    for value in ["none", "\x00", "9" * 22]:
        answer = client.post(f"/admin/{table}/", {"action": "delete_selected", "index": "0", "_selected_action": value})
        assert answer.status_code == 400, value
    answer = client.post(f"/admin/{table}/", {"action": "delete_selected", "index": "0", "_selected_action": "1"})
    assert answer.status_code in {200, 302}  # a row somebody deleted meanwhile is nobody's fault


def test_there_are_forms_to_forge() -> None:
    assert len(searched_forms()) >= 11
