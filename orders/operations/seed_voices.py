"""What the demo's customers say: votes on the fit and reviews, by the operations that take real ones.

Invented like the people; the orders they hang on are those of the demo's history.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from orders.models import Order
from shop.models import FitVote, OptionValue, Review, User, Variant
from shop.operations.fit_refit import refit_fit
from shop.operations.reviews import NewReview, answer_review, publish_review, write_review
from shop.operations.voices import Vote, bring_votes
from shop.queries.listing import SIZE

_DAYS_AGO = 40


@dataclass(frozen=True)
class _Words:
    """One review: of which piece and size, who speaks, what she says, what we answer."""

    piece: str
    size: str
    stars: int
    author: str
    title: str
    text: str
    usual: str = ""
    height: int | None = None
    verdict: str = ""
    area: str = ""
    answer: str = ""
    waits: bool = False


# Piece -> size -> how many said small, fit, large.
_VOTES = {
    "everyday-tee": {"xs": (1, 6, 0), "s": (2, 14, 1), "m": (2, 19, 2), "l": (1, 15, 2), "xl": (0, 8, 1)},
    "washed-linen-shirt": {"s": (1, 5, 5), "m": (0, 8, 9), "l": (1, 6, 7)},
    "fisherman-jumper": {"s": (7, 8, 0), "m": (11, 13, 1), "l": (8, 9, 1), "xl": (5, 5, 0)},
    "long-sleeve-tee": {"s": (1, 7, 1), "m": (0, 9, 1), "l": (7, 1, 0)},
    "odd-pair-socks": {"39-41": (0, 6, 0), "42-44": (1, 7, 0)},
}

_REVIEWS = (
    _Words(
        "everyday-tee", "m", 5, "Marta S.", "Keeps its collar",
        "Twelve washes and the collar lies as on the first day. The cloth is heavy without being stiff.",
        "M", 165, "fit",
    ),
    _Words(
        "everyday-tee", "l", 4, "Jonas W.", "Good, a little long",
        "I am not tall, so it reaches over the hip. Width is right. I wear it tucked in.", "L", 170, "fit",
    ),
    _Words(
        "everyday-tee", "s", 2, "Aoife B.", "Too tight under the arms",
        "Lovely cotton, but it pulls under the arms. I should have looked at the garment measures.",
        "S", 175, "small", "chest",
        "Thank you for saying where. The table now shows the width under the arms first, and the M in your colour is "
        "3 cm wider: we gladly exchange it. Ines",
    ),
    _Words("everyday-tee", "m", 5, "Teresa L.", "Third one", "Bought ink after sage and oat.", "M", 160, "fit"),
    _Words(
        "fisherman-jumper", "m", 4, "Lukas G.", "Warm, and close",
        "It sits close at the chest until it has settled. Over a shirt I would want more room.",
        "M", 180, "small", "chest",
    ),
    _Words("fisherman-jumper", "l", 5, "Claire M.", "A jumper for years", "Dense, even, honest wool.", "M", 175, "fit"),
    _Words(
        "washed-linen-shirt", "m", 3, "Rui P.", "Wide shoulders",
        "Beautiful linen. It falls wide at the shoulders; my usual size is a size too many here.",
        "M", 185, "large", "shoulders",
    ),
    _Words("morning-mug", "", 5, "Hanna V.", "The handle fits", "Two fingers, and it does not get hot."),
    _Words("morning-mug", "", 1, "Jonas W.", "Arrived with a chip", "A chip at the foot.", waits=True),
)  # fmt: skip


def seed_voices(at: datetime) -> str:
    """Let the demo's customers vote and write, once; nothing happens before the demo's orders are there."""
    numbers = list(Order.objects.filter(delivered_at__isnull=False).order_by("id").values_list("number", flat=True))
    if numbers and not FitVote.objects.filter(key__startswith="demo.").exists():
        votes = list(_votes(timezone.localdate(at) - timedelta(days=_DAYS_AGO)))
        bring_votes(votes=votes, source=FitVote.Source.REVIEW, at=at - timedelta(days=_DAYS_AGO - 8))
        for number, words in enumerate(_REVIEWS):
            _write(words, number, numbers[number % len(numbers)], at)
        refit_fit(at)
    return f"{Review.objects.count()} reviews, {FitVote.objects.count()} votes on the fit"


def _votes(ordered_on: date) -> Iterator[Vote]:
    for piece, sizes in _VOTES.items():
        variants = _variants(piece)
        for size, counts in sizes.items():
            for verdict, count in zip(("small", "fit", "large"), counts, strict=True):
                area = "chest" if verdict == "small" else "shoulders" if verdict == "large" else ""
                for number in range(count):
                    purchase = f"demo.vote:{piece}/{size}/{verdict}/{number}"
                    yield Vote(purchase, variants[size], verdict, ordered_on, area if number % 2 else "")


def _variants(piece: str) -> dict[str, int]:
    """Return the first variant of each size of a piece, by the size's code; "" is a piece without sizes."""
    variants = Variant.objects.filter(product__slug=piece).order_by("-position", "-id")
    sizes = OptionValue.objects.filter(type__code=SIZE, variants__in=variants)
    codes = dict(sizes.order_by("id").values_list("variants__id", "code"))
    return {codes.get(variant.pk, ""): variant.pk for variant in variants}


def _write(words: _Words, number: int, order_number: str, at: datetime) -> None:
    variant_id = _variants(words.piece)[words.size]
    label = OptionValue.objects.filter(type__code=SIZE, variants=variant_id).order_by("id").first()
    moment = at - timedelta(days=1 if words.waits else _DAYS_AGO - 12 - number)
    review = write_review(
        said=NewReview(
            purchase=f"demo.review:{number}",
            order_number=order_number,
            variant_id=variant_id,
            author=words.author,
            stars=words.stars,
            ordered_on=timezone.localdate(at) - timedelta(days=_DAYS_AGO),
            title=words.title,
            text=words.text,
            size=label.label if label else "",
            usual_size=words.usual,
            height_band=words.height,
            verdict=words.verdict,
            area=words.area,
        ),
        photos=[],
        at=moment,
    )
    staff = User.objects.filter(is_staff=True, groups__name="catalogue").order_by("id").first()
    if words.waits or staff is None:
        return
    publish_review(review_id=review.pk, by=staff, at=moment + timedelta(hours=5))
    if words.answer:
        answer_review(review_id=review.pk, text=words.answer, by=staff, at=moment + timedelta(hours=6))
