"""The tests' own ground: emptied after who committed, and migrated anew when a migration changes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import TransactionTestCase

from shop.models import User
from tests import database
from tests.factories.orders import placed_order
from tests.factories.shop import UserFactory


@pytest.mark.django_db(transaction=True)
def test_what_a_test_has_filled_is_emptied_and_permissions_stay(now: Any) -> None:
    placed_order(at=now, customer=UserFactory())
    group = Group.objects.create(name="tests")
    group.permissions.set(Permission.objects.order_by("id")[:3])
    known = Permission.objects.count()

    database.empty_what_was_filled(TransactionTestCase())

    with connection.cursor() as cursor:
        filled = database.filled_tables(cursor)
    assert filled == []
    assert (User.objects.count(), Permission.objects.count()) == (0, known)


def test_another_migration_is_another_template(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "find_spec", lambda name: SimpleNamespace(submodule_search_locations=[str(tmp_path)]))
    before = database.fingerprint()

    (tmp_path / "0001_add_a_column.py").write_text("")

    assert database.fingerprint() != before
