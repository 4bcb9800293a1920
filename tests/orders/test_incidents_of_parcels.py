"""A crisis and parcels on days of their own: each is judged by its own days, and she reads it all in one letter."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from notifications.messages.incident_declared import context
from notifications.messages.sources import crisis_of, may_cancel
from notifications.operations.composing import compose_messages
from orders.models import DelayCase, Incident, IncidentNotice, IncidentVersion, Order, Parcel, ParcelPlan
from orders.operations.delays import note_delay
from orders.operations.exchanging import add_exchange
from orders.operations.incidents import give_all_clear, tell_news
from orders.operations.splitting import split_parcel
from orders.operations.telling import SEEN_AGAIN, tell_of_incidents
from orders.queries.crises import crisis_described
from orders.queries.incidents import count_told, preview
from orders.queries.quotes import route_for
from shop.models import Event, Variant
from tests.breaches import sql, without_triggers
from tests.factories.incidents import declared, described
from tests.factories.orders import placed_order
from tests.factories.returns import delivered_order
from tests.factories.shop import VariantFactory
from tests.orders.test_operations_fulfilment import handed_over, our_breaches, scan
from tests.pages import words

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


def test_a_letter_offers_to_cancel_only_what_its_page_does(now: datetime) -> None:
    order, _plan = in_two(now)
    declared(at=now)
    tell_all(now)
    compose_messages(event=told(), at=now)
    assert "cancel on the page of your order" in told().messages.get().text
    handed_over(order, now)
    order.refresh_from_db()
    assert not may_cancel(order)  # the other one has not been packed, and it goes on all the same
    assert order.fulfilment_status == "open"


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


# -- An exchange of an order that arrived --------------------------------------------------------------------------


def exchanging(now: datetime, **fields: object) -> tuple[Order, ParcelPlan]:
    """An order that arrived ten days ago, and a piece of another product that goes out in exchange since today."""
    order = delivered_order(at=now - 10 * DAY)
    Order.objects.filter(pk=order.pk).update(**fields)
    other = VariantFactory(label="Large", making_days=6)
    line = order.lines.order_by("id")[0]
    add_exchange(order_id=order.pk, exchange_of_id=line.pk, variant_id=other.pk, quantity=1, key="x", by=None, at=now)
    return order, ParcelPlan.objects.get()


def test_an_exchange_of_an_order_that_arrived_is_told_once_and_hears_the_all_clear(now: datetime) -> None:
    order, plan = exchanging(now)
    later, noted = plan.deliver_by_on, order.promises.count()
    found = preview(crisis_described(described(at=now)), at=now)
    version = declared(at=now)

    for _twice in range(2):
        tell_all(now)

    renewed = ParcelPlan.objects.get(version=2)
    assert renewed.deliver_by_on > later
    assert (found.total, found.examples[0].promised, found.examples[0].now) == (1, None, None)
    days = (plan.deliver_from_on, later), (renewed.deliver_from_on, renewed.deliver_by_on)
    assert found.examples[0].parcels == ((2, *days),)
    assert told().payload["plans"] == [[plan.pk, renewed.pk]]
    assert (order.promises.count(), DelayCase.objects.count()) == (noted, 0)
    assert count_told(version.incident_id) == (1, False)
    compose_messages(event=told(), at=now)
    letter = told().messages.get()
    assert letter.subject.startswith(f"{order.number}: your exchange will be later, it arrives ")
    assert "cancel" not in letter.text + letter.html  # what arrived goes back as a return

    give_all_clear(incident_id=version.incident_id, by=None, at=now + DAY)
    tell_all(now + DAY)

    compose_messages(event=told("over"), at=now + DAY)
    letter = told("over").messages.get()
    assert letter.subject.startswith(f"{order.number}: it is over, your exchange arrives ")
    assert f"It is over, and your exchange for order {order.number} arrives " in letter.text
    assert IncidentNotice.objects.count() == 2
    assert our_breaches() == []


def test_an_exchange_whose_day_stands_is_not_called_an_order_on_its_way(now: datetime) -> None:
    order, _plan = exchanging(now)
    declared(at=now, extra_days=0)
    tell_all(now)

    compose_messages(event=told(), at=now)

    letter = told().messages.get()
    assert letter.subject.startswith(f"About {order.number}: the day of your exchange stands, ")
    assert f"Your exchange for order {order.number} still arrives " in letter.text
    assert f"This is about your exchange for order {order.number}" in words(letter.html)


@pytest.mark.parametrize(
    ("scope", "reached"),
    [
        ({"countries": ["ES"]}, False),
        ({"countries": [], "postcodes": ["1100"]}, True),
        ({"countries": [], "regions": ["Algarve"]}, False),
        ({"countries": [], "couriers": ["own"]}, False),  # with nobody yet
    ],
)
def test_an_exchange_is_reached_where_it_goes(now: datetime, scope: dict[str, list[str]], reached: bool) -> None:
    exchanging(now, postcode="1100-001")
    found = preview(crisis_described(described(at=now, **scope)), at=now)

    declared(at=now, **scope)
    tell_all(now)

    assert (found.total, IncidentNotice.objects.count()) == (reached, reached)
    assert our_breaches() == []


def test_an_exchange_is_reached_by_what_it_holds_not_by_what_arrived(now: datetime) -> None:
    order, _plan = exchanging(now)
    arrived, sent = (line.variant.product for line in order.lines.order_by("id"))
    for product in (arrived, sent):
        declared(at=now, products=[product])
        tell_all(now)

    outcome = {row.version.product_ids[0]: row.outcome for row in IncidentNotice.objects.select_related("version")}
    assert outcome == {sent.pk: "told"}


def test_an_exchange_that_arrived_or_was_cancelled_is_left_alone(now: datetime) -> None:
    exchanging(now)
    for status in ("delivered", "cancelled"):
        exchange = Parcel.objects.filter(due_at__isnull=False)
        exchange.update(status=status, delivered_at=now, tracking_number="X1")
        assert preview(crisis_described(described(at=now)), at=now).total == 0
        declared(at=now)
        tell_all(now)
    assert IncidentNotice.objects.count() == 0


def test_an_exchange_nobody_looked_at_is_found(now: datetime) -> None:
    exchanging(now - 3 * DAY)
    version = declared(at=now - 2 * DAY)
    tell_all(now - 2 * DAY)
    assert our_breaches() == []

    without_triggers("orders_incidentnotice")
    sql("DELETE FROM orders_incidentnotice")
    IncidentVersion.objects.filter(pk=version.pk).update(pass_at=None)

    assert [breach.code for breach in our_breaches()] == ["O61"]


def test_an_exchange_that_begins_in_a_crisis_counts_it_at_once_and_is_not_told_twice(now: datetime) -> None:
    _order, plain = exchanging(now)
    version = declared(at=now, ends_on=LAST)
    order = delivered_order(at=now - 10 * DAY, number="KP-2041-7737")
    line = order.lines.order_by("id")[0]
    other = Variant.objects.get(label="Large").pk
    add_exchange(order_id=order.pk, exchange_of_id=line.pk, variant_id=other, quantity=1, key="x", by=None, at=now)
    tell_all(now)

    counted = ParcelPlan.objects.get(parcel__order=order)
    assert counted.deliver_by_on > plain.deliver_by_on
    assert counted.basis["crises"] == {str(version.incident_id): 3}
    assert IncidentNotice.objects.get(order=order).outcome == "knew"


# -- Late in a crisis ----------------------------------------------------------------------------------------------


def test_what_leaves_us_late_in_a_crisis_is_promised_by_the_slower_way(now: datetime) -> None:
    order = placed_order(at=now)
    version = declared(at=now, ends_on=LAST)
    tell_all(now)
    route = route_for(order.service)

    note_delay(order_id=order.pk, at=now + 3 * DAY)

    late = order.promises.latest("version")
    leaves_on = route.workshop.local_day(late.hand_over_by_at)
    assert (late.source, late.basis["crises"]) == ("watch", {str(version.incident_id): 3})
    assert late.deliver_by_on > route.carrier.add(leaves_on, route.transit_max_days + 3)  # and a day of buffer

    Incident.objects.update(public_text="It snows, too.", review_at=now + 5 * DAY)
    tell_news(incident_id=version.incident_id, by=None, at=now + 3 * DAY)
    tell_all(now + 3 * DAY)
    assert order.promises.latest("version").pk == late.pk  # the days are in it


def test_a_late_exchange_keeps_in_mind_which_crisis_its_days_count(now: datetime) -> None:
    version = declared(at=now, ends_on=LAST)
    order, plan = exchanging(now)
    tell_all(now)
    late_at = plan.hand_over_by_at + timedelta(hours=1)

    note_delay(order_id=order.pk, at=late_at)
    late = ParcelPlan.objects.latest("version")
    Incident.objects.update(public_text="It snows, too.", ends_on=date(2026, 4, 30), review_at=late_at + DAY)
    tell_news(incident_id=version.incident_id, by=None, at=late_at)
    tell_all(late_at)

    assert (late.version, late.basis["crises"]) == (2, {str(version.incident_id): 3})
    assert ParcelPlan.objects.latest("version").pk == late.pk
    assert list(IncidentNotice.objects.order_by("id").values_list("outcome", flat=True)) == ["knew", "knew"]
