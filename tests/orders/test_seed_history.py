"""The demo's history: whatever the hour, the desk shows every kind of order, made by the real operations."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from notifications.models import Message
from notifications.operations.seed_late_letter import seed_late_letter
from orders.models import DelayCase, Order, OrderChange, OrderDraft, PromiseOutcome
from orders.operations.delays import watch_promises
from orders.operations.seed_changes import seed_changes
from orders.operations.seed_history import seed_history
from orders.operations.seed_services import seed_services
from orders.operations.taxing import seed_tax_rates
from shop.operations.seed_calendars import seed_calendars
from shop.operations.seed_catalogue import seed_catalogue
from shop.operations.seed_staff import seed_staff
from support.queries.regret import ARRIVED_LATELY, missed_promises
from tests.factories.bags import for_everybody
from tests.orders.test_operations_fulfilment import our_breaches

pytestmark = pytest.mark.django_db


MOMENTS = (
    datetime(2026, 3, 2, 8, 0, tzinfo=UTC),  # Monday, before anybody is there
    datetime(2026, 3, 4, 20, 0, tzinfo=UTC),  # Wednesday, after closing
    datetime(2026, 3, 8, 12, 0, tzinfo=UTC),  # Sunday
    datetime(2026, 12, 27, 12, 0, tzinfo=UTC),  # between the holidays
)


def test_history_shows_every_kind_of_order_at_any_hour() -> None:
    """The rollback makes every moment start with the same full shelves."""
    for seed in (seed_staff, seed_calendars, seed_catalogue, seed_tax_rates, seed_services):
        seed(MOMENTS[0])
    for at in MOMENTS:
        with transaction.atomic():
            if at == MOMENTS[-1]:  # in a demo that has run before, a new story meets the promotions that are there
                for_everybody(minimum_minor=20_000)
            history_is_complete(at)
            transaction.set_rollback(True)


def history_is_complete(at: datetime) -> None:
    said = [seed_history(at), seed_history(at)]
    seed_late_letter(at)
    watch_promises(at)

    assert said == ["11 orders", "11 orders"]
    kinds = Counter(Order.objects.values_list("next_due_kind", flat=True))
    assert kinds == {"": 5, "deliver": 2, "label": 1, "pack": 2, "pay": 1}
    cases = DelayCase.objects.order_by("id").select_related("broken_promise")
    assert [(case.cause, case.noticed_at < case.broken_promise.breaks_at) for case in cases] == [
        ("weather", True), ("weather", True), ("workshop", True),
    ]  # fmt: skip
    assert [case.noticed_at == at for case in cases] == [False, False, True]  # the last by the watch itself
    ended = PromiseOutcome.objects.order_by("id").values_list("kept_first", "told_in_time", "cause")
    assert list(ended) == [(True, True, "")] * 4 + [(False, True, "weather")]
    letter = Message.objects.get(state="sent")
    missed = PromiseOutcome.objects.get(kept_first=False)
    assert (letter.kind, letter.sent_at < letter.event.happened_at + timedelta(hours=1)) == ("order_delayed", True)
    assert missed.kept_told
    assert at == MOMENTS[-1] or at - missed.delivered_at < ARRIVED_LATELY  # so that it is regretted; holidays apart
    assert [each["order_id"] for each in missed_promises(missed.delivered_at, most=9)] == [missed.order_id]
    assert seed_late_letter(at) == "nothing to tell"
    assert PromiseOutcome.objects.filter(level_bp__isnull=False).count() == 1
    assert Order.objects.filter(payment_status="pending").count() == 1
    assert Counter(Order.objects.values_list("country", "locale")) == {
        ("PT", "en"): 5, ("DE", "de"): 2, ("AT", "de"): 1, ("IE", "en"): 2, ("FR", "en"): 1,
    }  # fmt: skip
    assert {seed_changes(at), seed_changes(at)} == {"1 changed orders, 1 orders by phone"}
    assert OrderChange.objects.values_list("state", "order__payment_status").get() == ("applied", "paid")
    assert OrderDraft.objects.values_list("state", "sent_at").get() == ("open", at)
    assert our_breaches() == []
