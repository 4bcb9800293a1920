from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from shop.models import Event, FitAlarm, FitKnowledge, FitVote, Product, Review, Variant, Voices
from shop.operations.fit_alarms import AlreadyClosed, close_alarm
from shop.operations.fit_refit import refit_fit
from shop.operations.reviews import (
    AlreadyDecided,
    AlreadyReviewed,
    NotPublished,
    answer_review,
    decline_review,
    publish_review,
    reconsider_review,
)
from shop.operations.voices import Vote, bring_votes, retract_vote
from tests.factories.catalogue import tee
from tests.factories.shop import StaffFactory, UserFactory, VariantFactory
from tests.factories.voices import a_vote, an_alarm, written

pytestmark = pytest.mark.django_db


def _sizes(product: Product) -> dict[str, Variant]:
    return {row.sku.split("/")[1]: row for row in product.variants.filter(sku__contains="sage").order_by("id")}


def test_votes_are_counted_by_product_and_size(now: datetime) -> None:
    sizes = _sizes(tee())

    for verdict, size, area in (("small", "s", "chest"), ("small", "s", "chest"), ("fit", "m", ""), ("large", "m", "")):
        a_vote(verdict, variant=sizes[size], area=area, at=now)

    voices = Voices.objects.get()
    assert (voices.fit_small, voices.fit_fit, voices.fit_large) == (2, 1, 1)
    assert voices.fit_by_size == {"S": [2, 0, 0], "M": [0, 1, 1]}
    assert voices.areas == {"chest": 2}
    assert voices.runs == ""


def test_votes_give_a_label_from_ten_on(now: datetime) -> None:
    variant = VariantFactory()
    for _ in range(9):
        a_vote("small", variant=variant, at=now)
    assert Voices.objects.get().runs == ""

    a_vote("small", variant=variant, at=now)

    assert Voices.objects.get().runs == "small"


def test_a_later_verdict_on_the_same_purchase_replaces_the_first(now: datetime) -> None:
    variant = VariantFactory()
    a_vote("fit", variant=variant, purchase="orders.line:1", at=now)

    a_vote("small", variant=variant, purchase="orders.line:1", source="return", at=now)
    a_vote("small", variant=variant, purchase="orders.line:1", source="return", at=now)

    voices = Voices.objects.get()
    assert (voices.fit_small, voices.fit_fit) == (1, 0)
    assert FitVote.objects.get().source == "return"


def test_a_vote_is_taken_back_only_by_who_said_it(now: datetime) -> None:
    variant = VariantFactory()
    a_vote("small", variant=variant, purchase="orders.line:1", at=now)

    retract_vote(purchase="orders.line:1", source="return", at=now)
    assert Voices.objects.get().fit_small == 1
    retract_vote(purchase="orders.line:1", source="review", at=now)

    assert Voices.objects.get().fit_small == 0
    retract_vote(purchase="orders.line:2", source="review", at=now)  # nobody said anything


def test_a_review_waits_and_its_verdict_counts_at_once(now: datetime) -> None:
    review = written(verdict="large", area="waist", height_band=165, at=now)

    voices = Voices.objects.get()
    assert review.status == Review.Status.WAITING
    assert (voices.reviews, voices.fit_large) == (0, 1)
    assert FitVote.objects.get().facts == {"height": 1670}
    assert Event.objects.get(name="shop.review.written").payload == {
        "review_id": review.pk,
        "variant_id": review.variant_id,
    }


def test_a_purchase_is_reviewed_once(now: datetime) -> None:
    written(purchase="orders.line:1", at=now)

    with pytest.raises(AlreadyReviewed):
        written(purchase="orders.line:1", at=now)

    assert Review.objects.count() == 1


def test_published_reviews_are_counted_and_shown(now: datetime) -> None:
    variant, staff = VariantFactory(), StaffFactory()
    for stars in (5, 5, 4, 1):
        publish_review(review_id=written(variant=variant, stars=stars, at=now).pk, by=staff, at=now)
    written(variant=variant, stars=3, at=now)

    voices = Voices.objects.get()
    assert (voices.reviews, voices.stars) == (4, [1, 0, 0, 1, 2])
    assert [each["stars"] for each in voices.shown_reviews] == [1, 4, 5]


def test_the_page_shows_a_critical_review_among_the_good_ones(now: datetime) -> None:
    variant, staff = VariantFactory(), StaffFactory()
    for day, stars in enumerate((2, 5, 5, 5, 5)):
        at = now + timedelta(days=day)
        publish_review(review_id=written(variant=variant, stars=stars, at=at).pk, by=staff, at=at)

    assert [each["stars"] for each in Voices.objects.get().shown_reviews] == [5, 5, 2]


def test_a_declined_review_says_why_and_can_be_reconsidered(now: datetime) -> None:
    review, staff = written(stars=1, at=now), StaffFactory()

    decline_review(review_id=review.pk, reason="personal", words="It names a neighbour.", by=staff, at=now)

    review.refresh_from_db()
    assert (review.status, review.decline_reason, review.decline_words) == (
        "declined",
        "personal",
        "It names a neighbour.",
    )
    assert Event.objects.filter(name="shop.review.declined", happened_at=review.decided_at).count() == 1
    with pytest.raises(AlreadyDecided):
        publish_review(review_id=review.pk, by=staff, at=now)

    reconsider_review(review_id=review.pk, by=staff, at=now)
    publish_review(review_id=review.pk, by=staff, at=now)

    assert Voices.objects.get().reviews == 1


def test_only_a_published_review_is_answered(now: datetime) -> None:
    review, staff = written(at=now), StaffFactory()
    with pytest.raises(NotPublished):
        answer_review(review_id=review.pk, text="Thank you", by=staff, at=now)

    publish_review(review_id=review.pk, by=staff, at=now)
    answer_review(review_id=review.pk, text="Thank you", by=staff, at=now)

    assert Voices.objects.get().shown_reviews[0]["answer"] == "Thank you"


def test_nobody_reconsiders_what_was_not_declined(now: datetime) -> None:
    with pytest.raises(AlreadyDecided):
        reconsider_review(review_id=written(at=now).pk, by=StaffFactory(), at=now)


def test_the_night_learns_votes_once_and_waits_for_the_next(now: datetime) -> None:
    customer, sizes = UserFactory(), _sizes(tee())
    for _ in range(3):
        a_vote("small", variant=sizes["s"], customer=customer, facts={"height": 1700}, at=now)
    a_vote("fit", variant=sizes["m"], at=now)

    assert refit_fit(now) == 4
    assert refit_fit(now) == 0

    known = Voices.objects.get().known
    assert known["reports"] == 4
    assert FitKnowledge.objects.get(customer=customer).known["reports"] == 3
    assert FitKnowledge.objects.get(customer=None).refit_at == now.replace(hour=3, minute=0) + timedelta(days=1)
    assert Event.objects.filter(name="shop.fit.refitted").count() == 1

    a_vote("small", variant=sizes["s"], at=now)
    assert refit_fit(now + timedelta(days=1)) == 1
    assert Voices.objects.get().known["reports"] == 5


def test_the_night_raises_an_alarm_for_a_size_out_of_line(now: datetime) -> None:
    sizes, other = _sizes(tee()), _sizes(tee("other"))
    for _ in range(6):
        a_vote("small", variant=sizes["m"], at=now)
    for _ in range(20):
        a_vote("fit", variant=other["m"], at=now)

    refit_fit(now)

    alarm = FitAlarm.objects.get()
    assert (alarm.variant, alarm.verdict, alarm.misfits, alarm.pieces, alarm.usual_bp) == (sizes["m"], "small", 6, 6, 0)
    assert sizes["m"].product.voices.hints[0]["size"] == "M"


def test_a_closed_alarm_stays_closed_and_its_hint_goes(now: datetime) -> None:
    alarm, staff = an_alarm(at=now), StaffFactory()
    assert len(Voices.objects.get().hints) == 1

    close_alarm(alarm_id=alarm.pk, done="Measured again.", by=staff, at=now)
    an_alarm(variant=alarm.variant, at=now)

    assert Voices.objects.get().hints == []
    assert FitAlarm.objects.get().done == "Measured again."
    with pytest.raises(AlreadyClosed):
        close_alarm(alarm_id=alarm.pk, done="Again.", by=staff, at=now)


def test_an_open_alarm_is_brought_up_to_date(now: datetime) -> None:
    alarm = an_alarm(at=now)
    FitAlarm.objects.update(misfits=1)

    an_alarm(variant=alarm.variant, at=now)

    assert FitAlarm.objects.get().misfits == 6
    assert Event.objects.filter(name="shop.fit-alarm.raised").count() == 1


def test_a_shop_brings_its_history_at_once(now: datetime) -> None:
    one, other = VariantFactory(), VariantFactory()
    a_vote("large", variant=one, purchase="old:1", at=now)
    votes = [Vote(f"old:{number}", variant.pk, "small", now.date()) for number, variant in enumerate((one, one, other))]

    assert bring_votes(votes=votes, source="review", at=now) == 3

    assert [(row.fit_small, row.fit_large) for row in Voices.objects.order_by("product_id")] == [(1, 1), (1, 0)]
