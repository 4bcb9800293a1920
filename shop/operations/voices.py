"""Fit votes: cast, taken back, and counted into what the product's page shows.

One purchase has one vote: whoever returns a piece after reviewing it has said it anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Sum

from shop.models import FitAlarm, FitVote, Review, User, Variant, Voices
from shop.queries.sizes import sizes_of
from shop.queries.voices import shown_reviews
from shop.rules.fit_votes import Tally, label, parent_of

_VERDICTS = ("small", "fit", "large")


@dataclass(frozen=True)
class Vote:
    """A verdict on the variant of one purchase (`purchase` such as orders.line:12), ordered on a day."""

    purchase: str
    variant_id: int
    verdict: str
    ordered_on: date
    area: str = ""
    customer: User | None = None
    facts: dict[str, int] = field(default_factory=dict)


@transaction.atomic
def cast_vote(*, vote: Vote, source: str, at: datetime) -> FitVote:
    """Count a verdict; a later one on the same purchase replaces it, the same one again changes nothing."""
    voices = lock_voices(product_of(vote.variant_id), at=at)
    area = "" if vote.verdict == "fit" else vote.area
    row, made = FitVote.objects.get_or_create(
        key=vote.purchase,
        defaults={
            "source": source,
            "variant_id": vote.variant_id,
            "customer": vote.customer,
            "verdict": vote.verdict,
            "area": area,
            "facts": vote.facts,
            "ordered_on": vote.ordered_on,
            "voted_at": at,
        },
    )
    if not made and (row.verdict, row.area, row.retracted_at) != (vote.verdict, area, None):
        row.learned_at = row.learned_at if row.verdict == vote.verdict else None
        row.verdict, row.area, row.source, row.voted_at, row.retracted_at = vote.verdict, area, source, at, None
        row.save(update_fields=["verdict", "area", "source", "voted_at", "retracted_at", "learned_at"])
    recount(voices, at=at)
    return row


@transaction.atomic
def bring_votes(*, votes: Sequence[Vote], source: str, at: datetime) -> int:
    """Count many verdicts at once, as when a shop brings its history; purchases that have one keep it.

    Returns how many there are of these purchases now.
    """
    rows = [
        FitVote(
            key=vote.purchase,
            source=source,
            variant_id=vote.variant_id,
            customer=vote.customer,
            verdict=vote.verdict,
            area="" if vote.verdict == "fit" else vote.area,
            facts=vote.facts,
            ordered_on=vote.ordered_on,
            voted_at=at,
        )
        for vote in votes
    ]
    FitVote.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    products = Variant.objects.filter(pk__in={vote.variant_id for vote in votes}).order_by("product_id")
    for product_id in products.values_list("product_id", flat=True).distinct():
        recount(lock_voices(product_id, at=at), at=at)
    return FitVote.objects.filter(key__in=[vote.purchase for vote in votes]).count()


@transaction.atomic
def retract_vote(*, purchase: str, source: str, at: datetime) -> None:
    """Take back what `source` said of a purchase; a verdict of another source, or none at all, stays as it is."""
    row = FitVote.objects.filter(key=purchase, source=source, retracted_at=None).order_by("id").first()
    if row is None:
        return
    voices = lock_voices(product_of(row.variant_id), at=at)
    FitVote.objects.filter(pk=row.pk).update(retracted_at=at)
    recount(voices, at=at)


def product_of(variant_id: int) -> int:
    """Return the product's id.  Raises Variant.DoesNotExist."""
    return int(Variant.objects.values_list("product_id", flat=True).get(pk=variant_id))


def lock_voices(product_id: int, *, at: datetime) -> Voices:
    """Return the product's counted voices, locked; the last lock of whoever takes several."""
    Voices.objects.get_or_create(product_id=product_id, defaults={"counted_at": at})
    return Voices.objects.select_for_update(of=("self",)).select_related("product").get(product_id=product_id)


def recount(voices: Voices, *, at: datetime) -> None:
    """Count everything anew from votes, reviews and alarms and keep it in the locked row.  Nine queries."""
    _count_fit(voices)
    _count_reviews(voices)
    voices.hints = _hints(voices.product_id)
    voices.counted_at = at
    voices.save()


def _count_fit(voices: Voices) -> None:
    votes = FitVote.objects.filter(variant__product=voices.product_id, retracted_at=None)
    sizes = sizes_of(voices.product_id)
    by_size: dict[str, list[int]] = {}
    total = [0, 0, 0]
    for variant_id, verdict, number in votes.order_by().values_list("variant_id", "verdict").annotate(Count("id")):
        place = _VERDICTS.index(verdict)
        total[place] += number
        if variant_id in sizes:
            by_size.setdefault(sizes[variant_id], [0, 0, 0])[place] += number
    voices.fit_small, voices.fit_fit, voices.fit_large = total
    voices.fit_by_size = by_size
    areas = votes.exclude(area="").order_by().values_list("area").annotate(Count("id"))
    voices.areas = dict(Counter(dict(areas)).most_common())
    voices.runs = label(Tally(*total), parent_of([_shelf_tally(voices)]))


def _shelf_tally(voices: Voices) -> Tally:
    """Return the votes on the whole shelf: what we expect of a piece nobody has tried."""
    shelf = Voices.objects.filter(product__category=voices.product.category_id).exclude(pk=voices.pk)
    sums = shelf.aggregate(small=Sum("fit_small"), fit=Sum("fit_fit"), large=Sum("fit_large"))
    return Tally(*((sums[each] or 0) for each in _VERDICTS))


def _count_reviews(voices: Voices) -> None:
    published = Review.objects.filter(variant__product=voices.product_id, status=Review.Status.PUBLISHED)
    counts = dict(published.order_by().values_list("stars").annotate(Count("id")))
    voices.stars = [counts.get(stars, 0) for stars in range(1, 6)]
    voices.reviews = sum(voices.stars)
    voices.shown_reviews = shown_reviews(voices.product_id)


def _hints(product_id: int) -> list[dict[str, Any]]:
    """Return what the page says of sizes that are out of line just now."""
    sizes = sizes_of(product_id)
    alarms = FitAlarm.objects.filter(variant__product=product_id, closed_at=None).order_by("-opened_at", "id")
    return [
        {
            "size": sizes.get(alarm.variant_id, ""),
            "verdict": alarm.verdict,
            "misfits": alarm.misfits,
            "pieces": alarm.pieces,
            "words": alarm.hint,
        }
        for alarm in alarms
    ]
