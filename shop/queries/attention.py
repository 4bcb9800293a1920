"""What the shop's own tables ask of people, as numbers for the first page of the admin."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from shop.models import DataRequest, EventDelivery, FitAlarm, Heartbeat, Inbound, LowStock, Review, StockLevel
from shop.todo import Todo, count_up_to_most

ANSWER_SOON = timedelta(days=10)
SILENT_AFTER = timedelta(minutes=2)


def count_parked_deliveries(at: datetime) -> int:
    """Return how many events a consumer gave up on.  One query."""
    return count_up_to_most(EventDelivery.objects.filter(state=EventDelivery.State.PARKED))


def count_parked_inbound(at: datetime) -> int:
    """Return how many deliveries from outside nobody understood.  One query."""
    return count_up_to_most(Inbound.objects.filter(state=Inbound.State.PARKED))


def count_silent_sweeps(at: datetime) -> int:
    """Return how many sweeps have not run for two minutes.  One query."""
    return count_up_to_most(Heartbeat.objects.filter(beat_at__lt=at - SILENT_AFTER))


def count_empty_shelves(at: datetime) -> int:
    """Return how many variants on sale are sold out and not made to order.  One query."""
    empty = StockLevel.objects.filter(policy=StockLevel.Policy.DENY, on_hand=0)
    return count_up_to_most(empty.filter(variant__active=True, variant__product__published=True))


def count_low_stock(at: datetime) -> int:
    """Return how many variants are to be refilled.  One query."""
    return count_up_to_most(LowStock.objects.filter(closed_at=None))


def count_urgent_data_requests(at: datetime) -> int:
    """Return how many requests about data have to be answered within ten days.  One query."""
    open_ones = DataRequest.objects.filter(state=DataRequest.State.DUE)
    return count_up_to_most(open_ones.filter(answer_by_on__lt=at.date() + ANSWER_SOON))


def count_waiting_reviews(at: datetime) -> int:
    """Return how many reviews nobody of ours has read.  One query."""
    return count_up_to_most(Review.objects.filter(status=Review.Status.WAITING))


def count_fit_alarms(at: datetime) -> int:
    """Return how many sizes are out of line and nobody has looked into it.  One query."""
    return count_up_to_most(FitAlarm.objects.filter(closed_at=None))


SHOP_TODOS = (
    Todo(
        name="shop.parked-deliveries",
        label=_("events that somebody must look at"),
        count=count_parked_deliveries,
        url_name="admin:shop_eventdelivery_changelist",
        query="state__exact=parked",
        permission="shop.change_eventdelivery",
        alarm=True,
    ),
    Todo(
        name="shop.parked-inbound",
        label=_("deliveries from outside that nobody understood"),
        count=count_parked_inbound,
        url_name="admin:shop_inbound_changelist",
        query="state__exact=parked",
        permission="shop.change_inbound",
        alarm=True,
    ),
    Todo(
        name="shop.silent-sweeps",
        label=_("jobs that have not run for two minutes"),
        count=count_silent_sweeps,
        url_name="admin:shop_heartbeat_changelist",
        permission="shop.view_heartbeat",
        alarm=True,
    ),
    Todo(
        name="shop.empty-shelves",
        label=_("empty shelves of things on sale"),
        count=count_empty_shelves,
        url_name="admin:shop_stocklevel_changelist",
        query="on_hand__exact=0&policy__exact=deny",
        permission="shop.view_stocklevel",
    ),
    Todo(
        name="shop.low-stock",
        label=_("articles to refill"),
        count=count_low_stock,
        url_name="admin:shop_stocklevel_low",
        permission="shop.view_stocklevel",
    ),
    Todo(
        name="shop.urgent-data-requests",
        label=_("requests about data to be answered soon"),
        count=count_urgent_data_requests,
        url_name="admin:shop_datarequest_changelist",
        query="state__exact=due",
        permission="shop.view_datarequest",
    ),
    Todo(
        name="shop.waiting-reviews",
        label=_("reviews to read"),
        count=count_waiting_reviews,
        url_name="admin:shop_review_changelist",
        query="status__exact=waiting",
        permission="shop.moderate_review",
    ),
    Todo(
        name="shop.fit-alarms",
        label=_("sizes out of line"),
        count=count_fit_alarms,
        url_name="admin:shop_fitalarm_changelist",
        query="closed_at__isempty=1",
        permission="shop.close_fitalarm",
    ),
)
