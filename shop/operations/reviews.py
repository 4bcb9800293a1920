"""Reviews: written by somebody who bought the piece, published or declined with a reason, answered.

A verdict on the fit counts at once: there is nothing to moderate in it.  That a review is bad is no reason to decline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from shop.gateways.pictures import Kept
from shop.models import FitVote, Review, ReviewPhoto, User
from shop.operations.events import record_event
from shop.operations.voices import Vote, cast_vote, lock_voices, product_of, recount


class AlreadyReviewed(Exception):
    """There is a review of this purchase."""


class AlreadyDecided(Exception):
    """Somebody published or declined the review before; nothing changed."""


class NotPublished(Exception):
    """Only a review others can read is answered in public."""


@dataclass(frozen=True)
class NewReview:
    """What a buyer says.  `purchase` is what verifies her, such as orders.line:12; `verdict` may be empty."""

    purchase: str
    order_number: str
    variant_id: int
    author: str
    stars: int
    ordered_on: date
    title: str = ""
    text: str = ""
    size: str = ""
    usual_size: str = ""
    height_band: int | None = None
    verdict: str = ""
    area: str = ""
    customer: User | None = None


@transaction.atomic
def write_review(*, said: NewReview, photos: Sequence[Kept], at: datetime) -> Review:
    """Keep a review until somebody of ours has read it, and count its verdict at once.  Raises AlreadyReviewed.

    Whoever calls has made sure that the purchase is the writer's, and holds its lock.
    """
    if Review.objects.filter(purchase=said.purchase).exists():
        raise AlreadyReviewed(said.purchase)
    fields = dict(vars(said))
    if said.verdict in {"", "fit"}:
        fields["area"] = ""
    review = Review.objects.create(**fields, written_at=at)
    for position, photo in enumerate(photos):
        ReviewPhoto.objects.create(review=review, position=position, **vars(photo))
    if said.verdict:
        vote = Vote(
            said.purchase, said.variant_id, said.verdict, said.ordered_on, fields["area"], said.customer, _facts(said)
        )
        cast_vote(vote=vote, source=FitVote.Source.REVIEW, at=at)
    _tell(review, "written", at=at, by=None)
    return review


def _facts(said: NewReview) -> dict[str, int]:
    """Return what she told of her body, in millimetres."""
    return {} if said.height_band is None else {"height": said.height_band * 10 + 20}


@transaction.atomic
def publish_review(*, review_id: int, by: User, at: datetime) -> Review:
    """Let everybody read a review.  Raises AlreadyDecided."""
    review = _waiting(review_id)
    review.status, review.decided_at, review.decided_by = Review.Status.PUBLISHED, at, by
    review.save(update_fields=["status", "decided_at", "decided_by"])
    _recount(review, at)
    _tell(review, "published", at=at, by=by)
    return review


@transaction.atomic
def decline_review(*, review_id: int, reason: str, words: str, by: User, at: datetime) -> Review:
    """Decline a review for a reason its writer is told, in our words.  Raises AlreadyDecided.

    Its verdict and the right to be heard stay: she may answer the mail, and we may publish it after all.
    """
    review = _waiting(review_id)
    review.status, review.decided_at, review.decided_by = Review.Status.DECLINED, at, by
    review.decline_reason, review.decline_words = reason, words
    review.save(update_fields=["status", "decided_at", "decided_by", "decline_reason", "decline_words"])
    _tell(review, "declined", at=at, by=by)
    return review


@transaction.atomic
def reconsider_review(*, review_id: int, by: User, at: datetime) -> Review:
    """Put a declined review back among the waiting ones.  Raises AlreadyDecided when it was not declined."""
    review = _locked(review_id)
    if review.status != Review.Status.DECLINED:
        raise AlreadyDecided(review.status)
    review.status, review.decided_at, review.decided_by = Review.Status.WAITING, None, None
    review.decline_reason = review.decline_words = ""
    review.save(update_fields=["status", "decided_at", "decided_by", "decline_reason", "decline_words"])
    _tell(review, "reconsidered", at=at, by=by)
    return review


@transaction.atomic
def answer_review(*, review_id: int, text: str, by: User, at: datetime) -> Review:
    """Answer a published review below its text; a later answer replaces the earlier one.  Raises NotPublished."""
    review = _locked(review_id)
    if review.status != Review.Status.PUBLISHED:
        raise NotPublished(review.status)
    review.answer, review.answered_at, review.answered_by = text, at, by
    review.save(update_fields=["answer", "answered_at", "answered_by"])
    _recount(review, at)
    _tell(review, "answered", at=at, by=by)
    return review


def _locked(review_id: int) -> Review:
    return Review.objects.select_for_update(of=("self",)).select_related("customer").get(pk=review_id)


def _waiting(review_id: int) -> Review:
    review = _locked(review_id)
    if review.status != Review.Status.WAITING:
        raise AlreadyDecided(review.status)
    return review


def _recount(review: Review, at: datetime) -> None:
    recount(lock_voices(product_of(review.variant_id), at=at), at=at)


def _tell(review: Review, step: str, *, at: datetime, by: User | None) -> None:
    record_event(
        name=f"shop.review.{step}",
        subject=f"shop.review:{review.pk}",
        order_number=review.order_number,
        customer=review.customer,
        payload={"review_id": review.pk, "variant_id": review.variant_id},
        actor=by,
        actor_kind="customer",
        at=at,
    )
