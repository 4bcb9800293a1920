from __future__ import annotations

from datetime import datetime

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command

from returns.models import ReturnReason
from returns.operations.seed_reasons import REASONS
from shop import seeding
from shop.models import Product, User
from support.models import SlaPolicy


def test_seeds_run_in_the_order_of_registration(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr(seeding, "_seeds", {})
    seeding.register("shop.first", lambda at: f"first {at:%Y}")
    seeding.register("orders.second", lambda at: "second")

    assert list(seeding.run(at=now)) == [("shop.first", "first 2026"), ("orders.second", "second")]
    assert seeding.registered() == ("shop.first", "orders.second")


def test_a_real_shop_gets_only_what_every_shop_needs(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr(seeding, "_seeds", {})
    monkeypatch.setattr(seeding, "_for_every_shop", set())
    seeding.register("shop.pictures", lambda at: "pictures")
    seeding.register("returns.reasons", lambda at: "reasons", for_every_shop=True)

    assert list(seeding.run_for_every_shop(at=now)) == [("returns.reasons", "reasons")]


@pytest.mark.django_db
def test_set_up_shop_lays_no_demo_and_nothing_twice(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("set_up_shop")
    call_command("set_up_shop")

    assert (Product.objects.count(), User.objects.count(), Group.objects.count()) == (0, 0, 6)
    assert (ReturnReason.objects.count(), SlaPolicy.objects.count()) == (len(REASONS), 2)
    assert "Every group is as it should be." in capsys.readouterr().out
