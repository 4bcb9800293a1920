"""Who belongs to a group now, and how many of them a campaign would reach.

One definition of the filter serves readers (who may be written to) and buyers (who may not, because they never agreed):
each condition is a question about the address, answered by an index.  A group of any size is counted in two queries.
It is read in pages of people looked at, not of people found: a page costs the same however rare the group is.
Source: issue of the one voice; reliability reference T29.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Lower, NullIf
from django.db.models.lookups import Exact, IsNull

from notifications.models import CustomerGroup, Message, Reader, Suppression, Wish
from notifications.queries.frequency import cap
from notifications.rules.wishes import MAIL
from orders.models import Order

KIND = "campaign"
SAMPLE = 10
LOOKED_AT = 5_000  # for a sample; in a rarer group it may find fewer, or nobody


@dataclass(frozen=True)
class Counts:
    """How many people a campaign would reach now; the others each with what holds them."""

    would_get: int
    too_often: int
    closed: int
    no_consent: int


@dataclass(frozen=True)
class Page:
    """Those of the people looked at who are in the group, by address, and the last address that was looked at."""

    addresses: list[str]
    up_to: str
    is_last: bool


def readers_in(group: CustomerGroup, *, at: datetime) -> QuerySet[Any, Any]:
    """Return who is in a group and agreed to hear news of the shop by mail, annotated with `to`, by address.

    Closed addresses are among them (annotated `closed`).
    """
    closed = Suppression.objects.annotate(lower=Lower("address")).filter(
        lower=OuterRef("to"), channel=MAIL, lifted_at=None
    )
    found: QuerySet[Any, Any] = _matching(_agreed(), group, at=at).annotate(closed=_some(closed)).order_by("to", "id")
    return found


def page_after(group: CustomerGroup, *, after: str, most: int, at: datetime) -> Page:
    """Look at the next `most` people who asked for news; return whom of them the group holds and we may write to.

    Two queries, by indexes.
    """
    looked_at = list(_agreed().filter(to__gt=after).order_by("to").values_list("to", flat=True)[:most])
    if not looked_at:
        return Page([], up_to=after, is_last=True)
    kept = readers_in(group, at=at).filter(to__gt=after, to__lte=looked_at[-1], closed=False)
    return Page(list(kept.values_list("to", flat=True)), up_to=looked_at[-1], is_last=len(looked_at) < most)


def sample(group: CustomerGroup, *, at: datetime) -> list[str]:
    """Return a few addresses of a group, to see whether it is who was meant.  Two queries."""
    return page_after(group, after="", most=LOOKED_AT, at=at).addresses[:SAMPLE]


def counts(group: CustomerGroup, *, at: datetime) -> Counts:
    """Return whom a campaign to a group would reach now, and what holds the others.  Two queries, whatever the size."""
    lately = (
        Message.objects.annotate(lower=Lower("recipient"))
        .filter(lower=OuterRef("to"), unasked_at__gt=at - cap().window, state__in=["queued", "claimed", "sent"])
        .order_by()
        .values("lower")
        .annotate(n=Count("id"))
        .values("n")
    )
    found = (
        readers_in(group, at=at)
        .order_by()
        .annotate(lately=Coalesce(Subquery(lately), 0))
        .aggregate(
            would_get=Count("pk", filter=Q(closed=False, lately__lt=cap().most)),
            too_often=Count("pk", filter=Q(closed=False, lately__gte=cap().most)),
            in_all=Count("pk"),
        )
    )
    reached = found["would_get"] + found["too_often"]
    return Counts(found["would_get"], found["too_often"], found["in_all"] - reached, _never_agreed(group, at=at))


def _agreed() -> QuerySet[Any, Any]:
    """Return who agreed to hear news of the shop by mail, annotated with `to`."""
    agreed = Wish.objects.filter(reader=OuterRef("pk"), kind=KIND, channel=MAIL, wanted=True)
    found: QuerySet[Any, Any] = Reader.objects.annotate(to=Lower("address")).filter(_some(agreed))
    return found


def _never_agreed(group: CustomerGroup, *, at: datetime) -> int:
    """Return how many who ordered fit the group and did not agree to be written to."""
    agreed = Wish.objects.annotate(lower=Lower("reader__address")).filter(
        lower=OuterRef("to"), kind=KIND, channel=MAIL, wanted=True
    )
    placed = Order.objects.annotate(to=Lower("email")).filter(status=Order.Status.PLACED)
    later = placed.filter(to=OuterRef("to"), pk__gt=OuterRef("pk"))
    newest = placed.filter(_none(later), _none(agreed))
    return int(_matching(newest, group, at=at).aggregate(n=Count("pk"))["n"])


def _matching(people: QuerySet[Any, Any], group: CustomerGroup, *, at: datetime) -> QuerySet[Any, Any]:
    """Keep those of whom all is true that the group asks for; `people` are annotated with their address as `to`."""
    hers = Order.objects.annotate(lower=Lower("email")).filter(lower=OuterRef("to"), status=Order.Status.PLACED)
    wanted = [
        _of_orders(group, hers, at=at),
        _of_pieces(group, hers),
        _of_the_person(group, hers),
    ]
    for conditions in wanted:
        people = people.filter(*conditions)
    return people


def _some(rows: QuerySet[Any, Any]) -> IsNull:
    """Return whether there is a row, asked for each address by index.

    An EXISTS says the same, but the planner turns it into a join and then reads every order for a page of people.
    """
    return IsNull(Subquery(rows.order_by().values("pk")[:1]), False)


def _none(rows: QuerySet[Any, Any]) -> IsNull:
    """Return whether there is no such row, asked as `_some` is."""
    return IsNull(Subquery(rows.order_by().values("pk")[:1]), True)


def _of_orders(group: CustomerGroup, hers: QuerySet[Any, Any], *, at: datetime) -> list[Any]:
    found: list[Any] = []
    if group.ordered_within_days:
        found.append(_some(hers.filter(placed_at__gte=at - timedelta(days=group.ordered_within_days))))
    if group.quiet_for_days:
        since = at - timedelta(days=group.quiet_for_days)
        found += [_some(hers), _none(hers.filter(placed_at__gte=since))]
    if group.spent_at_least_minor:
        sums = hers.filter(currency=settings.SHOP_CURRENCY).order_by().values("lower").annotate(n=Sum("total_minor"))
        found.append(IsNull(Subquery(sums.filter(n__gte=group.spent_at_least_minor).values("n")[:1]), False))
    return found


def _of_pieces(group: CustomerGroup, hers: QuerySet[Order, Any]) -> list[Any]:
    found: list[Any] = []
    if group.bought_category_id:
        found.append(_some(hers.filter(lines__variant__product__category=group.bought_category_id)))
    if group.bought_product_id:
        found.append(_some(hers.filter(lines__variant__product=group.bought_product_id)))
    if group.country:
        found.append(_some(hers.filter(country=group.country)))
    return found


def _of_the_person(group: CustomerGroup, hers: QuerySet[Order, Any]) -> list[Any]:
    account = EmailAddress.objects.filter(
        email=OuterRef("to"), verified=True, user__is_active=True, user__is_staff=False
    )
    found: list[Any] = []
    if group.language:
        of_account = NullIf(Subquery(account.order_by("id").values("user__language")[:1]), Value(""))
        of_order = Subquery(hers.order_by("placed_at", "id").values("locale")[:1])
        found.append(Exact(Coalesce(of_account, of_order, Value(settings.LANGUAGE_CODE)), Value(group.language)))
    if group.birthday_month:
        born = account.filter(user__birthday_on__month=group.birthday_month, user__birthday_agreed_at__isnull=False)
        found.append(_some(born))
    return found
