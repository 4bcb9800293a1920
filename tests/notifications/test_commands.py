"""What operators ask the queue."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from notifications.models import Message, Provider
from orders.models import OrderAccess
from tests.factories.notifications import event_for, queued, told
from tests.factories.orders import placed_order

pytestmark = pytest.mark.django_db


def asked(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def test_outbox_status_of_an_empty_queue_is_calm() -> None:
    status = json.loads(asked("outbox_status", "--json"))

    assert status == {
        "queued": 0, "due": 0, "claimed": 0, "oldest_due_at": None, "overdue": 0, "abandoned": 0, "unconfirmed": 0,
        "failed_last_day": [], "sent_last_hour": 0, "providers": [], "stuck": False,
    }  # fmt: skip


def test_outbox_status_counts_and_says_why(now: datetime) -> None:
    order = placed_order(at=now)
    for reason in ("550 No such mailbox", "550 No such mailbox", "The address cannot be used for a mail."):
        queued(told(order, "orders.order.placed", at=now), state="failed", reason=reason)
    queued(told(order, "orders.order.placed", at=now), state="sent", sent_at=timezone.now(), unconfirmed_at=now)
    queued(told(order, "orders.order.placed", at=now))

    lines = asked("outbox_status").splitlines()

    assert lines[0] == "waiting      1, 1 of them due, 0 being sent"
    assert lines[2:] == [
        "last hour    1 sent",
        "unconfirmed  1",
        "failed       3 in the last day",
        "       2  550 No such mailbox",
        "       1  The address cannot be used for a mail.",
    ]


def test_outbox_status_tells_how_each_provider_does(now: datetime) -> None:
    Provider.objects.create(name="email:calm.example", tokens=3)
    Provider.objects.create(
        name="email:mail.example", failures=6, problem="451 temporary", failed_at=now,
        rests_until=now + timedelta(seconds=20),
    )  # fmt: skip

    lines = asked("outbox_status").splitlines()[-2:]
    last, until = shown(now), shown(now + timedelta(seconds=20))
    told = json.loads(asked("outbox_status", "--json"))["providers"][1]

    assert lines == [
        "provider     email:calm.example: well",
        f"provider     email:mail.example: 6 failures in a row, last {last} (451 temporary), left alone until {until}",
    ]
    assert (told["failures"], told["problem"]) == (6, "451 temporary")
    assert told["rests_until"].startswith((now + timedelta(seconds=20)).isoformat(" ", "seconds")[:19])


def shown(at: datetime) -> str:
    return timezone.localtime(at).isoformat(" ", "seconds")


@pytest.mark.parametrize("state", ["queued", "claimed"])
def test_outbox_status_fails_when_something_is_stuck(state: str, now: datetime) -> None:
    long_ago = timezone.now() - timedelta(minutes=11)
    queued(
        told(placed_order(at=now), "orders.order.placed", at=now), state=state, due_at=long_ago,
        lease_until=long_ago if state == "claimed" else None,
    )  # fmt: skip

    with pytest.raises(SystemExit) as stop:
        asked("outbox_status")

    assert stop.value.code == 1


def test_preview_shows_the_real_letter_and_writes_nothing(now: datetime) -> None:
    event_for("order_placed", at=now)

    text = asked("preview_message", "order_placed", "--order", "KP-2041-7736")
    html = asked("preview_message", "order_placed", "--order", "KP-2041-7736", "--html")

    assert text.startswith("Your order KP-2041-7736: arrives Wed 4 – Thu 5 March\n\nThank you, Ana.\n")
    assert html.startswith("<!DOCTYPE html>")
    assert (Message.objects.count(), OrderAccess.objects.count()) == (0, 0)


def test_preview_of_a_delivery_changed_before_changes_were_kept_says_where_it_goes(now: datetime) -> None:
    placed = placed_order(at=now)
    told(placed, "orders.order.delivery-changed", at=now, fields=["street"])  # it names no change

    text = asked("preview_message", "delivery_changed", "--order", "KP-2041-7736")

    assert text.startswith("KP-2041-7736: where and when it comes now\n\nHello Ana,\n")
    assert placed.street in text
    assert "€" not in text  # no money moved


def test_preview_says_what_is_missing(now: datetime) -> None:
    with pytest.raises(
        CommandError, match=r"Nothing called orders.order.placed has happened to KP-1; take another order"
    ):
        asked("preview_message", "order_placed", "--order", "KP-1")
    with pytest.raises(CommandError, match="There is no kind love_letter"):
        asked("preview_message", "love_letter", "--order", "KP-1")
