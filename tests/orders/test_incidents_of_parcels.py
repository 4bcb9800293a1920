"""A crisis and parcels on days of their own: each is judged by its own days, and she reads it all in one letter."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from notifications.messages.incident_declared import context
from notifications.messages.sources import crisis_of
from notifications.operations.composing import compose_messages
from orders.models import DelayCase, Incident, IncidentNotice, Order, Parcel, ParcelPlan
from orders.operations.incidents import give_all_clear, tell_news
from orders.operations.splitting import split_parcel
from orders.operations.telling import SEEN_AGAIN, tell_of_incidents
from orders.queries.crises import crisis_described
from orders.queries.incidents import preview
from shop.models import Event
from tests.breaches import sql, without_triggers
from tests.factories.incidents import declared, described
from tests.factories.orders import placed_order
from tests.orders.test_operations_fulfilment import handed_over, our_breaches, scan

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
OWN_DAY = date(2026, 3, 12)  # Thursday; the promise of the order is Thursday the 5th
TUESDAY, LAST = date(2026, 3, 10), date(2026, 3, 20)
THREE_LATER = date(2026, 3, 16)  # and three days somebody drives


def in_two(now: datetime) -> tuple[Order, ParcelPlan]:
    """An order of two mugs: one comes as promised, the other on a day of its own a week later."""
    order = placed_order(at=now, quantity=2)
    first = Parcel.objects.get()
    later = split_parcel(parcel_id=first.pk, first={first.lines.get().line_id: 1}, by=None, at=now)
    holds = order.promises.get()
    plan = ParcelPlan.objects.create(
        parcel=later,
        version=1,
        deliver_from_on=OWN_DAY,
        deliver_by_on=OWN_DAY,
        starts_on=holds.starts_on,
        pack_by_at=holds.pack_by_at + 7 * DAY,
        hand_over_by_at=holds.hand_over_by_at + 7 * DAY,
        breaks_at=holds.breaks_at + 7 * DAY,
        basis={},
        made_at=now,
    )
    return order, plan


def tell_all(at: datetime) -> None:
    while tell_of_incidents(at):
        pass


def told(name: str = "told") -> Event:
    return Event.objects.get(name=f"orders.order.incident-{name}")


def test_each_part_of_an_order_is_renewed_by_its_own_days_and_told_once(now: datetime) -> None:
    order, plan = in_two(now)
    declared(at=now, ends_on=LAST)

    for _twice in range(2):
        tell_all(now)

    renewed = ParcelPlan.objects.get(version=2)
    assert (renewed.deliver_by_on, renewed.reason) == (THREE_LATER, "Storm Ana closed the roads south of Lisbon.")
    assert order.promises.latest("version").deliver_by_on == date(2026, 3, 9)
    assert told().payload["plans"] == [[plan.pk, renewed.pk]]
    assert (DelayCase.objects.count(), Event.objects.filter(name="orders.parcel.delayed").count()) == (1, 0)
    said = context(crisis_of(told()), now)
    assert [(each.promised, each.now) for each in said.parcels] == [("Thursday 12 March", "Monday 16 March")]
    assert (said.promised, said.one_parcel) == ("Wed 4 – Thu 5 March", False)
    assert our_breaches() == []


def test_what_comes_later_is_renewed_although_the_promise_lies_before_the_crisis(now: datetime) -> None:
    order, _plan = in_two(now)
    incident = described(at=now, starts_on=TUESDAY, ends_on=LAST)
    found = preview(crisis_described(incident), at=now)

    declared(at=now, starts_on=TUESDAY, ends_on=LAST)
    tell_all(now)

    renewed = ParcelPlan.objects.get(version=2)
    assert (found.total, found.examples[0].now) == (1, None)
    assert found.examples[0].parcels == ((2, (OWN_DAY, OWN_DAY), (THREE_LATER, THREE_LATER)),)
    assert (renewed.deliver_by_on, order.promises.count(), DelayCase.objects.count()) == (THREE_LATER, 1, 0)
    compose_messages(event=told(), at=now)
    letter = told().messages.get()
    assert letter.subject == f"{order.number}: one parcel will be later, it arrives Monday 16 March"
    assert "was to arrive Thursday 12 March. It will be Monday 16 March." in letter.text
    assert "still arrives" not in letter.text
    assert our_breaches() == []


def test_the_promise_is_left_alone_once_what_it_speaks_of_has_arrived(now: datetime) -> None:
    order, _plan = in_two(now)
    scan(handed_over(order, now), "delivered", now + DAY)

    declared(at=now + DAY, extra_days=0, ends_on=LAST)
    tell_all(now + DAY)

    assert (order.promises.count(), ParcelPlan.objects.count()) == (1, 1)
    said = context(crisis_of(told()), now)
    assert (said.now, said.parcels) == ("Thursday 12 March", ())  # not the days of what she has


def test_news_counts_from_the_days_that_held_before_and_the_all_clear_names_the_last(now: datetime) -> None:
    order, _plan = in_two(now)
    version = declared(at=now, starts_on=TUESDAY, ends_on=LAST)
    tell_all(now)

    Incident.objects.update(ends_on=date(2026, 3, 25))
    tell_news(incident_id=version.incident_id, by=None, at=now + DAY)
    tell_all(now + DAY)
    Incident.objects.update(extra_days=4)
    tell_news(incident_id=version.incident_id, by=None, at=now + DAY)
    tell_all(now + DAY)
    give_all_clear(incident_id=version.incident_id, by=None, at=now + 2 * DAY)
    tell_all(now + 2 * DAY)

    days = list(ParcelPlan.objects.order_by("version").values_list("deliver_by_on", flat=True))
    assert days == [OWN_DAY, THREE_LATER, date(2026, 3, 17)]  # four days after, not three and four
    outcomes = IncidentNotice.objects.order_by("id").values_list("outcome", flat=True)
    assert list(outcomes) == ["told", "same", "told", "told"]
    assert order.promises.count() == 1
    assert our_breaches() == []


def test_the_promise_moves_with_a_parcel_that_was_to_come_within_it(now: datetime) -> None:
    order, _plan = in_two(now)
    scan(handed_over(order, now), "delivered", now + DAY)
    without_triggers("orders_parcelplan")
    ParcelPlan.objects.update(deliver_from_on=date(2026, 3, 5), deliver_by_on=date(2026, 3, 5))

    declared(at=now + DAY)
    tell_all(now + DAY)

    assert ParcelPlan.objects.get(version=2).deliver_by_on == date(2026, 3, 9)
    assert order.promises.latest("version").deliver_by_on == date(2026, 3, 9)
    assert DelayCase.objects.get().new_promise.version == 2


def test_a_parcel_on_its_own_days_is_found_by_the_next_pass_once_its_address_lies_in_the_region(now: datetime) -> None:
    order, _plan = in_two(now)
    declared(at=now, ends_on=LAST, postcodes=["80"])
    tell_all(now)
    assert IncidentNotice.objects.count() == 0

    Order.objects.filter(pk=order.pk).update(postcode="8000-001")
    tell_all(now + SEEN_AGAIN)

    assert ParcelPlan.objects.get(version=2).deliver_by_on == THREE_LATER
    assert IncidentNotice.objects.get().outcome == "told"
    assert our_breaches() == []


def test_days_of_a_parcel_that_a_crisis_moved_earlier_are_found(now: datetime) -> None:
    in_two(now)
    declared(at=now, ends_on=LAST)
    tell_all(now)
    assert our_breaches() == []

    without_triggers("orders_parcelplan")
    sql("UPDATE orders_parcelplan SET deliver_from_on = '2026-03-11', deliver_by_on = '2026-03-11' WHERE version = 2")

    assert [breach.code for breach in our_breaches()] == ["O62"]
