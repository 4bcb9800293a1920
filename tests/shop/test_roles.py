"""Roles are data: every right exists, syncing twice changes nothing, nobody climbs."""

from __future__ import annotations

from datetime import datetime
from io import StringIO

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command

from shop.models import Event, User
from shop.operations import people
from shop.rules import roles
from tests.factories.shop import StaffFactory, UserFactory


@pytest.fixture
def _synced(db: None, now: datetime) -> None:
    people.sync_roles(at=now)


def member(role: str, **fields: object) -> User:
    person = StaffFactory(**fields)
    person.groups.add(Group.objects.get(name=role))
    return person


def use_small_table(monkeypatch: pytest.MonkeyPatch, right: str) -> None:
    for role in list(roles.ROLES):
        monkeypatch.setitem(roles.ROLES, role, frozenset({right}))


@pytest.mark.django_db
def test_every_right_of_the_table_exists() -> None:
    known = {f"{app}.{code}" for app, code in Permission.objects.values_list("content_type__app_label", "codename")}

    assert sorted({right for rights in roles.ROLES.values() for right in rights} - known) == []


def test_no_role_may_write_what_only_operations_write() -> None:
    written_by_operations = ("stockmovement", "event", "heartbeat", "ratelimit")
    rights = {right for rights in roles.ROLES.values() for right in rights}

    assert not [r for r in rights if r.endswith(written_by_operations) and ".view_" not in r]
    assert not [r for r in roles.ROLES["auditor"] if ".view_" not in r]


@pytest.mark.django_db
def test_sync_roles_corrects_what_somebody_clicked_together_and_is_quiet_afterwards(now: datetime) -> None:
    people.sync_roles(at=now)
    agent = Group.objects.get(name="agent")
    agent.permissions.add(Permission.objects.get(codename="delete_user", content_type__app_label="shop"))

    first, second = people.sync_roles(at=now), people.sync_roles(at=now)

    assert first.changes == (people.GroupChange("agent", (), ("shop.delete_user",)),)
    assert second.changes == ()
    assert Event.objects.filter(name="shop.role.changed", subject="auth.group:agent").count() == 2


@pytest.mark.django_db
def test_sync_roles_leaves_out_and_names_a_right_that_does_not_exist(now: datetime) -> None:
    synced = people.sync_roles(at=now, table={"agent": {"shop.view_product", "shop.fly"}})

    assert synced == people.Synced((people.GroupChange("agent", ("shop.view_product",), ()),), ("shop.fly",))


@pytest.mark.django_db
def test_command_prints_the_differences_and_is_quiet_the_second_time(monkeypatch: pytest.MonkeyPatch) -> None:
    use_small_table(monkeypatch, "shop.view_product")
    first, second = StringIO(), StringIO()

    call_command("sync_roles", stdout=first)
    call_command("sync_roles", stdout=second)

    assert "agent + shop.view_product\n" in first.getvalue()
    assert second.getvalue() == "Every group is as it should be.\n"


@pytest.mark.django_db
def test_command_fails_on_a_right_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    use_small_table(monkeypatch, "shop.fly")

    with pytest.raises(CommandError, match=r"No such right: shop\.fly\."):
        call_command("sync_roles", stdout=StringIO())


@pytest.mark.usefixtures("_synced")
@pytest.mark.parametrize("role", ["lead", "ops", "auditor"])
def test_a_lead_cannot_hand_out_a_role_beside_or_above_hers(role: str, now: datetime) -> None:
    lead, newcomer = member("lead"), StaffFactory()

    with pytest.raises(people.NotYoursToGive):
        people.set_roles(user_id=newcomer.pk, names=["agent", role], by=lead, at=now)

    assert list(newcomer.groups.all()) == []


@pytest.mark.usefixtures("_synced")
def test_a_lead_cannot_raise_herself(now: datetime) -> None:
    lead = member("lead")

    with pytest.raises(people.NotYoursToGive):
        people.set_roles(user_id=lead.pk, names=["lead", "warehouse"], by=lead, at=now)

    assert [group.name for group in lead.groups.all()] == ["lead"]


@pytest.mark.usefixtures("_synced")
def test_a_lead_fills_her_team_and_the_log_says_who_did_it(now: datetime) -> None:
    lead, newcomer = member("lead"), StaffFactory()

    people.set_roles(user_id=newcomer.pk, names=["agent"], by=lead, at=now)
    people.set_roles(user_id=newcomer.pk, names=["agent"], by=lead, at=now)

    noted = Event.objects.get(name="shop.person.roles-set")
    assert (noted.actor, noted.payload) == (lead, {"gained": ["agent"], "lost": []})


@pytest.mark.usefixtures("_synced")
def test_a_lead_manages_shoppers_and_her_team_and_nobody_above() -> None:
    lead = member("lead")

    assert people.may_manage(lead, UserFactory())
    assert people.may_manage(lead, member("agent"))
    assert not people.may_manage(lead, member("ops"))
    assert not people.may_manage(lead, lead)
    assert not people.may_manage(lead, StaffFactory(is_superuser=True))
