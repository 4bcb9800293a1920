"""The role matrix: every address of the site, asked by everybody, with GET and with POST.

A GET never writes, a POST that is refused writes nothing either, and every answer to a GET carries the headers.
Source: reliability reference S1, S2, S4, S7, S25, B12.

The walk is thousands of requests, so what is the same for each of them is done once: `tests/shop/known_people.py` keeps
who is logged in and what they may do.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import datetime
from functools import cache
from http.cookies import SimpleCookie
from typing import Any
from unittest import mock

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.http import HttpRequest
from django.template.backends.django import Template
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from orders.models import Order
from orders.operations.access import issue_link
from shop.models import User
from shop.operations.people import sync_roles
from tests import role_matrix
from tests.addresses import Address, every_address
from tests.factories.orders import placed_order
from tests.factories.shop import StaffFactory, UserFactory
from tests.headers import faults_of, shared_faults
from tests.role_matrix import ADMIN, PAGES, ROLES, STAFF, AdminRow, Row, expected, staff_only
from tests.shop.known_people import KnownPeople

# A GET may keep a session, count a rate limit and note that a job ran; nothing else.
MAY_BE_WRITTEN = ("django_session", "shop_ratelimit", "shop_heartbeat")
FORGED = "A" * 43


class WriteOnGet(AssertionError):
    """A page wrote to the database although nobody asked it to change anything."""


@contextmanager
def no_writes() -> Iterator[list[str]]:
    """Collect every statement that writes."""
    writes: list[str] = []

    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if is_write(sql):
            writes.append(sql[:160])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield writes


def is_write(sql: str) -> bool:
    words = sql.lstrip(" (\n").upper()
    starts = ("INSERT", "UPDATE", "DELETE", "TRUNCATE", "MERGE", "COPY")
    writes = words.startswith(starts) or (words.startswith("WITH") and any(f" {word} " in words for word in starts))
    return writes and not any(table in sql for table in MAY_BE_WRITTEN)


class World:
    """Ana's order, a stranger's order, one person for each role, and a secret link for each of the two."""

    def __init__(self, at: datetime) -> None:
        sync_roles(at=at)
        self.at = at
        self.ana = UserFactory(email="ana@example.com")
        self.stranger = UserFactory(email="rui@example.com", name="Rui Lopes")
        self.order = placed_order(at=at, number=role_matrix.ANAS_ORDER, customer=self.ana)
        self.other = placed_order(at=at, number="KP-7777-1111", email="rui@example.com", customer=self.stranger)
        self.token, self.other_token = self._link(self.order), self._link(self.other)
        self.people = {"anonymous": None, "customer": self.ana, "stranger": self.stranger}
        self.people |= {role: self._member(role) for role in STAFF}
        self.logins = {role: self._login(person) for role, person in self.people.items()}
        self.client = Client(raise_request_exception=False)

    def _member(self, role: str) -> User:
        person = StaffFactory(email=f"{role}@example.com")
        person.groups.add(Group.objects.get(name=role))
        return person

    def as_(self, role: str) -> Client:
        """The browser of `role`, with the cookies of a fresh login, whatever was asked before."""
        self.client.cookies = SimpleCookie(self.logins[role])
        return self.client

    def _login(self, person: User | None) -> dict[str, str]:
        client = Client()
        if person:
            client.force_login(person)
        return {name: morsel.value for name, morsel in client.cookies.items()}

    def _link(self, order: Order) -> str:
        return issue_link(order=order, at=self.at)


@pytest.fixture
def world(settings: Any, caplog: pytest.LogCaptureFixture) -> World:
    settings.AUTHENTICATION_BACKENDS = [f"{KnownPeople.__module__}.{KnownPeople.__qualname__}"]
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    KnownPeople.forget()
    caplog.set_level(logging.ERROR, "django.request")  # each refusal would be written down with its traceback
    return World(timezone.now())


# -- Rows -----------------------------------------------------------------------------------------------------------


def admin_rows() -> dict[str, Row]:
    """Spell out the rows of every model of the admin."""
    rows: dict[str, Row] = {}
    for label, entry in ADMIN.items():
        app, _, model = label.partition(".")
        prefix = f"admin:{app}_{model}_"

        def one(entry: AdminRow = entry) -> dict[str, Any]:
            return {"object_id": entry.row().pk}

        rows[prefix + "changelist"] = Row(get=staff_only(entry.view))
        rows[prefix + "add"] = Row(get=staff_only(entry.add), post=staff_only(entry.add))
        rows[prefix + "change"] = Row(get=staff_only(entry.view), post=staff_only(entry.change), with_=one)
        rows[prefix + "history"] = Row(get=staff_only(entry.view), with_=one)
        rows[prefix + "delete"] = Row(get=staff_only(entry.delete), post=staff_only(entry.delete), with_=one)
        for button, who in (entry.buttons or {}).items():
            others = " ".join(role for role in STAFF if role not in who.split())
            get = {who: "method", others: "forbidden", "*": "login"}
            rows[prefix + button.replace("-", "_")] = Row(get=get, post=staff_only(who), with_=one)
        for page, who in (entry.pages or {}).items():
            rows[prefix + page] = Row(get=staff_only(who), with_=one)
    return rows


@cache
def all_rows() -> dict[str, Row]:
    return admin_rows() | PAGES


def name_of(address: Address) -> str:
    """Nameless patterns of the admin get a name to write a row for; its redirects from `12/` to `12/change/` none."""
    if address.route.startswith("admin/") and not address.named:
        return "admin:<url>" if "(?P<url>" in address.route else ""
    return address.name


def suggestion(address: Address) -> str:
    model = address.name.removeprefix("admin:").rpartition("_")[0].replace("_", ".", 1)
    if address.name.startswith("admin:") and model not in ADMIN and address.arguments in {(), ("object_id",)}:
        return f'ADMIN: "{model}": AdminRow(row=<a row>, view="...", buttons={{...}}),'
    values = ", ".join(f'"{name}": ...' for name in address.arguments)
    with_ = f", with_=lambda: {{{values}}}" if values else ""
    return f'PAGES: "{address.name}": Row(get="allowed", post=None{with_}),'


# -- The walk -------------------------------------------------------------------------------------------------------


def test_every_address_has_a_row() -> None:
    rows = all_rows()

    missing = [address for address in every_address() if name_of(address) and name_of(address) not in rows]

    lines = sorted({suggestion(address) for address in missing})
    assert not missing, "Addresses without a row in tests/role_matrix.py:\n  " + "\n  ".join(lines)


def test_every_row_has_an_address() -> None:
    names = {name_of(address) for address in every_address()}
    gone = sorted(set(all_rows()) - names - {"admin:auth_user_password_change"})

    assert gone == []


def test_every_admin_model_has_a_policy() -> None:
    registered = {model._meta.label_lower for model in admin.site._registry}

    assert registered == set(ADMIN)
    assert all(apps.get_model(label) for label in ADMIN)


def part_of(address: Address) -> str:
    """The part of the site an address belongs to: an app, or the admin of an app."""
    name = name_of(address)
    space, _, rest = name.rpartition(":")
    app = rest.partition("_")[0]
    return f"{space}-{app}" if space == "admin" and any(app == label.split(".")[0] for label in ADMIN) else space


PARTS = sorted({part_of(address) for address in every_address()})


@pytest.mark.django_db
@pytest.mark.parametrize("part", PARTS)
def test_everybody_is_answered_as_the_table_says(part: str, world: World) -> None:
    faults = [fault for address in every_address() if part_of(address) == part for fault in ask(world, address)]

    assert not faults, "\n" + "\n".join(faults)


@pytest.mark.django_db
def test_write_detector_sees_a_write_and_lets_sessions_pass() -> None:
    with no_writes() as writes:
        UserFactory()
        Client().force_login(UserFactory())

    person = ["shop_user", "account_emailaddress"]
    assert [sql.split('"')[1] for sql in writes] == [*person, *person, "shop_user"]


def ask(world: World, address: Address) -> list[str]:
    """Ask one address as everybody, first with GET and then with POST; return what differs from the table."""
    row = all_rows().get(name_of(address))
    if row is None:
        return []
    faults: list[str] = []
    with rolled_back():
        arguments = row.with_()
        for method, outcome in (("get", row.get), ("post", row.post)):
            seen: set[str] = set()  # what staff were given already
            for role in roles_at(address) if outcome is not None else ():
                wanted = expected(outcome, role)
                with unrendered() if role in STAFF and wanted in seen else nullcontext():
                    found = visit(world, address, row, method, role, arguments, wanted)
                seen |= {wanted} if role in STAFF else set()
                faults += [f"{method.upper()} {name_of(address)} as {role}: {fault}" for fault in found]
    return faults


def roles_at(address: Address) -> list[str]:
    """Everybody; to the admin a stranger is one more customer."""
    return [role for role in ROLES if role != "stranger" or not address.name.startswith("admin:")]


@contextmanager
def unrendered() -> Iterator[None]:
    """Leave out writing the page: the view has decided by then, and the page was written for a colleague already."""
    honest = admin.site.get_app_list

    def short(request: HttpRequest, app_label: str | None = None) -> list[Any]:
        return honest(request, app_label) if app_label else []

    menu = mock.patch.object(admin.site, "get_app_list", short)
    with menu, mock.patch.object(Template, "render", return_value=SafeString("")):
        yield


def visit(
    world: World, address: Address, row: Row, method: str, role: str, arguments: Mapping[str, Any], wanted: str
) -> list[str]:
    """Ask one address as one person; what a POST that was let through changed is taken back."""
    url = address_url(address, {**tokens(world, address, role), **arguments})
    if method == "post" and wanted == "allowed":
        with rolled_back():
            got = outcome_of(world.as_(role).post(url, row.data or {}))
        return [] if got in {"allowed", "refused"} else [f"{got}, the table says {wanted}"]
    with no_writes() as writes:
        answer = world.as_(role).get(url) if method == "get" else world.as_(role).post(url, row.data or {})
    got = outcome_of(answer)
    faults = [f"{got}, the table says {wanted}"] if got != wanted else []
    faults += [f"WROTE {sql}" for sql in writes[:1]]
    return faults if method == "post" else [*faults, *faults_of(answer), *shared_faults(address.name, role, answer)]


def tokens(world: World, address: Address, role: str) -> dict[str, str]:
    """Ana's secret link for everybody who was given it; the stranger has one of his own, which opens only his order."""
    if "token" not in address.arguments:
        return {}
    if role != "stranger":
        return {"token": world.token}
    return {"token": FORGED if address.arguments == ("token",) else world.other_token}


def address_url(address: Address, arguments: dict[str, Any]) -> str:
    if not address.named:
        return "/admin/nowhere/"
    wanted = {name: arguments[name] for name in address.arguments if name in arguments}
    try:
        return reverse(address.name, kwargs=wanted)
    except NoReverseMatch:
        raise AssertionError(f"{address.name} needs {address.arguments}: fill `with_` in its row") from None


def outcome_of(answer: Any) -> str:
    status = answer.status_code
    if status in {301, 302, 303}:
        return "login" if "/login/" in answer.headers["Location"] else "allowed"
    words = {403: "forbidden", 404: "not found", 410: "not found", 405: "method"}
    if status in words:
        return words[status]
    if status in {400, 401, 409, 413, 415, 422, 429}:
        return "refused"
    return "allowed" if 200 <= status < 300 else f"HTTP {status}"


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_the_table_knows_its_roles() -> None:
    assert expected(role_matrix.ANY_STAFF, "anonymous") == "login"
    assert expected(staff_only("ops"), "agent") == "forbidden"
