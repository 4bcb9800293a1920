"""What goes with a regret, and how much a month: staff type it as money."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from support.models import GestureBudget, GesturePolicy
from tests.accounts import AGAIN, said_again
from tests.factories.regret import budget, policy
from tests.factories.shop import PASSWORD, StaffFactory
from tests.pages import words

pytestmark = pytest.mark.django_db
POLICY = {
    "kind": "late", "from_days": "3", "amount_minor": "5,00", "percent_bp": "", "minimum_minor": "20",
    "valid_days": "365", "active": "on",
}  # fmt: skip


@pytest.fixture
def lead(client: Client) -> Client:
    names = ["view", "add", "change"]
    codes = [f"{name}_{model}" for name in names for model in ("gesturepolicy", "gesturebudget")]
    nuwan = StaffFactory()
    nuwan.user_permissions.set(Permission.objects.filter(codename__in=codes))
    nuwan.set_password(PASSWORD)
    nuwan.save()
    client.force_login(nuwan)
    return said_again(client)


@pytest.mark.parametrize(("typed", "minor"), [("5,00", 500), ("5.00", 500), ("5", 500), ("0.5", 50), (" 12.34 ", 1234)])
def test_an_amount_is_typed_as_money_with_point_or_comma(lead: Client, typed: str, minor: int) -> None:
    answer = lead.post("/admin/support/gesturepolicy/add/", POLICY | {"amount_minor": typed})

    assert answer.status_code == 302
    assert list(GesturePolicy.objects.values_list("amount_minor", "minimum_minor")) == [(minor, 2000)]


@pytest.mark.parametrize("typed", ["5.005", "five", "-1", "1e3", "99999999999"])
def test_what_is_no_amount_is_said_and_nothing_is_written(lead: Client, typed: str) -> None:
    answer = lead.post("/admin/support/gesturepolicy/add/", POLICY | {"amount_minor": typed})

    said = words(answer)
    assert ("Enter an amount like 10.00." in said, "Give an amount or a share of the order" in said) == (True, False)
    assert f'value="{typed}"' in answer.content.decode()
    assert not GesturePolicy.objects.exists()


def test_what_was_written_is_shown_as_money_and_saved_as_it_was(lead: Client) -> None:
    row = policy("late", from_days=3, minimum_minor=2000)
    page = lead.get(f"/admin/support/gesturepolicy/{row.pk}/change/").content.decode()

    assert ('value="5.00"' in page, 'value="20.00"' in page) == (True, True)
    assert "minor units" not in page
    lead.post(f"/admin/support/gesturepolicy/{row.pk}/change/", POLICY)
    row.refresh_from_db()
    assert (row.amount_minor, row.minimum_minor) == (500, 2000)


def test_a_share_needs_no_amount(lead: Client) -> None:
    lead.post("/admin/support/gesturepolicy/add/", POLICY | {"amount_minor": "", "percent_bp": "500"})

    assert list(GesturePolicy.objects.values_list("amount_minor", "percent_bp")) == [(None, 500)]


def test_a_budget_is_typed_as_money_and_no_less_than_was_given(lead: Client, now: datetime) -> None:
    row = budget(now.date(), minor=20_000)
    GestureBudget.objects.update(spent_minor=15_001)
    address = f"/admin/support/gesturebudget/{row.pk}/change/"

    assert 'value="200.00"' in lead.get(address).content.decode()
    assert "€150.01 of it are given already." in words(lead.post(address, {"budget_minor": "150"}))
    assert lead.post(address, {"budget_minor": "150.01"}).status_code == 302
    assert GestureBudget.objects.get().budget_minor == 15_001
    GestureBudget.objects.update(spent_minor=0)


@pytest.mark.parametrize("asked", [True, False])
def test_who_says_what_is_given_says_again_who_she_is(
    lead: Client, now: datetime, monkeypatch: pytest.MonkeyPatch, asked: bool
) -> None:
    if not asked:  # the control: nobody is asked
        monkeypatch.setattr("shop.admin.base.reauthentication_required", lambda act: act)
    session = lead.session
    del session["account_authentication_methods"]
    session.save()
    row = budget(now.date(), minor=20_000)
    pages = {
        "/admin/support/gesturepolicy/add/": POLICY,
        f"/admin/support/gesturebudget/{row.pk}/change/": {"budget_minor": "900"},
    }

    led = [lead.post(page, form).headers["Location"].startswith(AGAIN) for page, form in pages.items()]

    written = (GesturePolicy.objects.count(), GestureBudget.objects.get().budget_minor)
    assert (led, written) == (([True] * 2, (0, 20_000)) if asked else ([False] * 2, (1, 90_000)))
    if asked:  # the last of them goes on by itself
        lead.post(AGAIN, {"password": PASSWORD, "next": f"/admin/support/gesturebudget/{row.pk}/change/"})
        assert GestureBudget.objects.get().budget_minor == 90_000


def test_the_form_is_right_before_anybody_is_asked(lead: Client) -> None:
    session = lead.session
    del session["account_authentication_methods"]
    session.save()

    answer = lead.post("/admin/support/gesturepolicy/add/", POLICY | {"amount_minor": "five"})

    assert "Enter an amount like 10.00." in words(answer)
