"""The tracking page and the way to a fresh link."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders.models import Order, OrderAccess, OrderLine, Parcel
from orders.operations.access import issue_link
from orders.operations.delays import note_delay
from shop.models import Event
from tests.factories.orders import placed_order
from tests.orders.test_operations_delays import late_parcel
from tests.orders.test_operations_fulfilment import handed_over, scan
from tests.pages import words

pytestmark = pytest.mark.django_db


def link_to(order: Order) -> str:
    return f"/orders/{issue_link(order=order, at=timezone.now())}/"


def page(client: Client, order: Order) -> str:
    answer = client.get(link_to(order))
    assert answer.status_code == 200
    return answer.content.decode()


def test_track_answers_when_in_its_heading(client: Client, now: datetime) -> None:
    html = page(client, placed_order(at=now))

    assert "<h1>Arrives Wed 4 – Thu 5 March</h1>" in html
    assert html.count('<li class="') >= 5
    assert html.count('aria-current="step"') == 1
    assert "We are packing it" in html
    assert "Rua das Flores" not in html


def test_track_tells_a_delay_with_both_dates_and_the_reason(client: Client, now: datetime) -> None:
    order, _parcel = late_parcel(now)
    note_delay(order_id=order.pk, at=now + timedelta(days=2))

    html = page(client, order)

    assert "<h1>2 days later than we hoped: arrives Fri 6 – Sat 7 March</h1>" in html
    assert "We promised Wed 4 – Thu 5 March. Now it is Fri 6 – Sat 7 March." in html
    assert "Heavy weather slowed the roads, and the van had to wait." in html


def test_track_tells_what_arrived(client: Client, now: datetime) -> None:
    order = placed_order(at=now)
    parcel = handed_over(order, now)
    scan(parcel, "delivered", now + timedelta(days=2))

    html = page(client, order)

    assert "<h1>Delivered on Wednesday 4 March, 09:30</h1>" in html
    assert "As promised: Wed 4 – Thu 5 March." in html


def test_track_tells_what_is_in_each_parcel_and_what_is_to_come(client: Client, now: datetime) -> None:
    order = placed_order(at=now, quantity=2)
    Parcel.objects.get().lines.update(quantity=1)
    Parcel.objects.create(order=order, number=2).lines.create(line=OrderLine.objects.get(), quantity=1)
    handed_over(order, now)

    html = page(client, order)

    assert "Parcel 1 of 2" in html
    assert "Parcel 2 of 2" in html
    assert "Carried by Heron Parcels as HP-1001." in html
    assert "Not packed yet; it leaves us on Tuesday 3 March at the latest." in html


def test_track_prints_the_stored_steps(client: Client, now: datetime) -> None:
    order = placed_order(at=now)
    steps = [
        {"stage": "start", "first_on": "2026-03-02", "last_on": "2026-03-02", "calendar": "w", "skipped": []},
        {
            "stage": "transit",
            "first_on": "2026-03-06",
            "last_on": "2026-03-09",
            "calendar": "c",
            "skipped": [["2026-03-08", ""], ["2026-03-07", "Town fair"]],
        },
    ]
    order.promises.create(
        version=2,
        source="staff",
        deliver_from_on=date(2026, 3, 5),
        deliver_by_on=date(2026, 3, 5),
        starts_on=now.date(),
        pack_by_at=now,
        hand_over_by_at=now,
        breaks_at=now + timedelta(days=4),
        basis={"steps": steps},
        reason="Somebody asked.",
        made_at=now,
    )

    html = page(client, order)

    assert "You ordered on Monday 2 March, and we start the same day." in html
    assert "It travels and is with you by Monday 9 March. Nobody drives on " in html
    assert "Saturday 7 March (Town fair)" in html


@pytest.mark.parametrize(
    ("day_of_march", "expected"),
    [
        (8, "Next, we pack it by Monday 9 March Our workshop rests today, Sunday 8 March; the dates here count that."),
        (9, "We are packing it by Monday 9 March Handed to the courier"),
    ],
)
def test_track_says_when_the_workshop_rests_and_only_as_long_as_it_does(
    client: Client, monkeypatch: pytest.MonkeyPatch, now: datetime, day_of_march: int, expected: str
) -> None:
    order = placed_order(at=now + timedelta(days=6))
    start = {"stage": "start", "first_on": "2026-03-08", "last_on": "2026-03-09", "skipped": [["2026-03-08", ""]]}
    order.promises.create(
        version=2,
        source="staff",
        deliver_from_on=date(2026, 3, 11),
        deliver_by_on=date(2026, 3, 12),
        starts_on=date(2026, 3, 9),
        pack_by_at=now + timedelta(days=7),
        hand_over_by_at=now + timedelta(days=8),
        breaks_at=now + timedelta(days=11),
        basis={"steps": [start]},
        reason="",
        made_at=now + timedelta(days=6),
    )
    monkeypatch.setattr("django.utils.timezone.now", lambda: now.replace(day=day_of_march))

    assert expected in words(client.get(link_to(order)))


def test_track_tells_an_arrival_before_the_promised_days(client: Client, now: datetime) -> None:
    order = placed_order(at=now)
    scan(handed_over(order, now), "delivered", now + timedelta(days=1))

    assert "Earlier than we promised, which was Wed 4 – Thu 5 March." in page(client, order)


def test_track_is_kept_private(client: Client, now: datetime) -> None:
    answer = client.get(link_to(placed_order(at=now)))

    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Referrer-Policy"] == "same-origin"  # no-referrer would break our own forms
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    html = answer.content.decode()
    assert '<meta name="robots" content="noindex, nofollow">' in html
    assert 'href="http' not in html  # nobody is sent to a carrier's site


def test_track_meets_every_other_token_with_the_same_page(client: Client, now: datetime) -> None:
    order = placed_order(at=now)
    expired, revoked = link_to(order), link_to(order)
    links = OrderAccess.objects.order_by("id")
    OrderAccess.objects.filter(pk=links[0].pk).update(expires_at=now)
    OrderAccess.objects.filter(pk=links[1].pk).update(revoked_at=now)

    answers = [client.get(url) for url in (expired, revoked, "/orders/garbage/", "/orders/%00%F0/")]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert len({answer.content for answer in answers}) == 1
    assert {answer.headers["Cache-Control"] for answer in answers} == {"private, no-store"}
    assert order.number not in answers[0].content.decode()


def test_track_changes_nothing_and_takes_no_post(client: Client, now: datetime) -> None:
    assert client.post(link_to(placed_order(at=now))).status_code == 405


@pytest.mark.parametrize("parcels", [1, 3])
def test_track_costs_the_same_for_each_parcel(client: Client, now: datetime, parcels: int) -> None:
    order = placed_order(at=now, quantity=parcels)
    Parcel.objects.get().lines.update(quantity=1)
    for number in range(2, parcels + 1):
        Parcel.objects.create(order=order, number=number).lines.create(line=OrderLine.objects.get(), quantity=1)
    parcel = handed_over(order, now)
    for hour in range(parcels):
        scan(parcel, "in_transit", now + timedelta(hours=hour))
    url = link_to(order)
    client.get(url)

    with CaptureQueriesContext(connection) as queries:
        client.get(url)

    assert len(queries) == 15


def test_find_asks_for_a_mail_and_says_the_same_to_strangers(client: Client, now: datetime) -> None:
    order = placed_order(at=now)

    hers = client.post("/orders/find/", {"number": " kp-2041-7736 ", "email": "Ana@example.com"})
    strangers = client.post("/orders/find/", {"number": "KP-2041-7736", "email": "eve@example.com"})

    assert (hers.status_code, strangers.status_code) == (200, 200)
    assert hers.content == strangers.content
    event = Event.objects.get(name="orders.link.requested")
    assert event.payload == {"order_id": order.pk}
    assert OrderAccess.objects.count() == 0  # the link is made when its mail is


def test_find_keeps_what_was_typed_and_says_what_is_missing(client: Client) -> None:
    answer = client.post("/orders/find/", {"number": "KP-1", "email": "not an address"})

    html = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="KP-1"' in html
    assert "Enter an e-mail address, like ana@example.com" in html


def test_somebody_who_knows_the_number_alone_cannot_use_up_its_owners_tries(client: Client, now: datetime) -> None:
    placed_order(at=now)
    for _ in range(4):
        client.post("/orders/find/", {"number": "KP-2041-7736", "email": "eve@example.com"})

    hers = Client(REMOTE_ADDR="203.0.113.9").post(
        "/orders/find/", {"number": "kp-2041-7736", "email": "ana@example.com"}
    )

    assert hers.status_code == 200
    assert Event.objects.filter(name="orders.link.requested").count() == 1


def test_find_is_throttled_the_same_for_orders_that_do_not_exist(client: Client) -> None:
    asked = {"number": "KP-0000-0000", "email": "ana@example.com"}

    codes = [client.post("/orders/find/", asked).status_code for _ in range(4)]

    assert codes == [200, 200, 200, 429]
    assert Event.objects.count() == 0
