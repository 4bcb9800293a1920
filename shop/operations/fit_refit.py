"""Every night the fit model learns the votes of the day, a batch at a time, and looks for sizes out of line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Count, Q
from django.db.models.functions import TruncMonth
from django.utils import timezone

from shop.models import FitAlarm, FitKnowledge, FitVote, Voices
from shop.operations.events import record_event
from shop.operations.fit_alarms import watch_cells
from shop.queries.listing import SIZE
from shop.queries.sizes import places_of
from shop.rules.fit import VERDICTS, FitModel, Report
from shop.rules.fit_alarm import Cell
from shop.rules.fit_keeping import kept, restored

BATCH = 500
NIGHT_HOUR = 3
MONTHS_WATCHED = 6


@transaction.atomic
def refit_fit(at: datetime) -> int:
    """Learn one batch of votes when the night has come; return how many.  The last run of a night sets the next.

    Whoever comes while another one learns has nothing to do.
    """
    FitKnowledge.objects.get_or_create(customer=None)
    common = FitKnowledge.objects.select_for_update(skip_locked=True).filter(customer=None).order_by("id").first()
    if common is None or (common.refit_at is not None and common.refit_at > at):
        return 0
    waiting = FitVote.objects.filter(learned_at=None, retracted_at=None).select_related("variant__product__category")
    votes = list(waiting.order_by("voted_at", "id")[:BATCH])
    if votes:
        _learn(common, votes, at)
    if len(votes) < BATCH:
        common.refit_at = _next_night(at)
        _watch_votes(at)
        record_event(name="shop.fit.refitted", subject="shop.fit", payload={"votes": len(votes)}, at=at)
    common.save()
    return len(votes)


def _next_night(at: datetime) -> datetime:
    tonight = timezone.localtime(at).replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
    return tonight if tonight > at else tonight + timedelta(days=1)


def _learn(common: FitKnowledge, votes: Sequence[FitVote], at: datetime) -> None:
    """Load what is known of the votes' products and customers, learn, and keep it again."""
    products = {vote.variant.product_id for vote in votes}
    people = {vote.customer_id for vote in votes if vote.customer_id}
    Voices.objects.bulk_create([Voices(product_id=pk, counted_at=at) for pk in products], ignore_conflicts=True)
    FitKnowledge.objects.bulk_create([FitKnowledge(customer_id=pk) for pk in people], ignore_conflicts=True)
    voices = list(Voices.objects.select_for_update().filter(pk__in=products).order_by("pk"))
    hers = list(FitKnowledge.objects.select_for_update().filter(customer__in=people).order_by("id"))
    model = restored(
        common.known,
        items={str(row.pk): row.known for row in voices},
        customers={str(row.customer_id): row.known for row in hers},
    )
    _teach(model, votes)
    common.known = kept(model)
    for item in voices:
        item.known = model.items[str(item.pk)].as_dict()
    for person in hers:
        person.known = model.customers[str(person.customer_id)].as_dict()
    Voices.objects.bulk_update(voices, ["known"])
    FitKnowledge.objects.bulk_update(hers, ["known"])
    FitVote.objects.filter(pk__in=[vote.pk for vote in votes]).update(learned_at=at)


def _teach(model: FitModel, votes: Sequence[FitVote]) -> None:
    places = places_of([vote.variant_id for vote in votes])
    for vote in votes:
        model.learn(
            Report(
                item=str(vote.variant.product_id),
                size=places.get(vote.variant_id),
                day=vote.voted_at.toordinal(),
                customer=str(vote.customer_id or ""),
                category=vote.variant.product.category.slug,
                facts={name: float(value) for name, value in vote.facts.items()},
                verdict=VERDICTS.index(vote.verdict),
            )
        )


def _watch_votes(at: datetime) -> None:
    """Look at the votes of the last months, by the month the pieces were ordered in."""
    since = (timezone.localdate(at).replace(day=1) - timedelta(days=31 * MONTHS_WATCHED)).replace(day=1)
    votes = FitVote.objects.filter(ordered_on__gte=since, retracted_at=None, variant__options__type__code=SIZE)
    counted = votes.order_by().annotate(month=TruncMonth("ordered_on")).values_list("month", "variant_id")
    sums = counted.annotate(
        small=Count("id", filter=Q(verdict="small")), large=Count("id", filter=Q(verdict="large")), pieces=Count("id")
    )
    months: dict[date, list[Cell]] = {}
    for month, variant_id, small, large, pieces in sums:
        cells = months.setdefault(month, [])
        cells += [Cell(variant_id, "small", small, pieces), Cell(variant_id, "large", large, pieces)]
    for month, cells in sorted(months.items()):
        watch_cells(cells=cells, month_on=month, kind=FitAlarm.Kind.VOTES, at=at)
