from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client

from shop.models import Product
from shop.operations.reviews import answer_review, decline_review, publish_review
from tests.factories.catalogue import tee
from tests.factories.shop import StaffFactory
from tests.factories.voices import a_photo, a_vote, an_alarm, written
from tests.shop.test_views_catalogue import text

pytestmark = pytest.mark.django_db


def _published(product: Product, now: datetime, **fields: object) -> None:
    variant = product.variants.order_by("position", "id")[0 if fields.get("size", "S") == "S" else 1]
    review = written(variant=variant, at=now, **fields)  # type: ignore[arg-type]
    publish_review(review_id=review.pk, by=StaffFactory(), at=now)


def test_product_says_how_it_fits_from_five_votes_on(client: Client, now: datetime) -> None:
    variant = tee().variants.order_by("position", "id")[0]
    for verdict in ("small", "fit", "fit", "fit"):
        a_vote(verdict, variant=variant, at=now)
    assert "buyers say so" not in text(client.get("/p/tee/"))

    a_vote("fit", variant=variant, at=now)

    assert "Fits true to size: 4 of 5 buyers say so." in text(client.get("/p/tee/"))


def test_product_says_that_it_runs_small_and_where(client: Client, now: datetime) -> None:
    variant = tee().variants.order_by("position", "id")[0]
    for _ in range(12):
        a_vote("small", variant=variant, area="chest", at=now)

    page = text(client.get("/p/tee/"))

    assert "Runs small: 12 of 12 buyers say so. Where it did not fit, it was mostly here: chest." in page


def test_product_warns_of_a_size_out_of_line_until_the_alarm_is_closed(client: Client, now: datetime) -> None:
    an_alarm(variant=tee().variants.order_by("position", "id")[1], at=now)

    assert "Size M: 6 of the last 8 buyers found it too small." in text(client.get("/p/tee/"))


def test_product_shows_stars_reviews_and_our_answer(client: Client, now: datetime) -> None:
    product = tee()
    _published(product, now, stars=2, size="S", usual_size="M", height_band=165, verdict="small", area="chest")
    review = product.variants.order_by("position", "id")[0].reviews.get()
    answer_review(review_id=review.pk, text="Thank you. We measure it again. Ines", by=StaffFactory(), at=now)

    page = text(client.get("/p/tee/"))

    assert page.count("2.0 of 5 stars from 1 review") == 2
    assert "165–169 cm, usually M, bought S: too small (chest)" in page
    assert "We measure it again. Ines" in page


def test_reviews_are_filtered_by_size_and_height(client: Client, now: datetime) -> None:
    product = tee()
    _published(product, now, title="Short one", size="S", height_band=150)
    _published(product, now, title="Tall one", size="M", height_band=180)
    written(variant=product.variants.order_by("id")[0], title="Unread one", at=now)

    def titles(query: str) -> list[str]:
        page = text(client.get(f"/p/tee/reviews/{query}"))
        return [title for title in ("Short one", "Tall one", "Unread one") if title in page]

    assert titles("") == ["Short one", "Tall one"]
    assert titles("?size=S") == ["Short one"]
    assert titles("?height=180") == ["Tall one"]
    assert titles("?size=S&height=180") == []
    assert titles("?size=XXL&height=no&page=-7") == ["Short one", "Tall one"]


def test_reviews_of_a_piece_nobody_spoke_of_say_so(client: Client) -> None:
    tee()

    assert "Nobody has written about it yet." in text(client.get("/p/tee/reviews/"))


def test_words_of_a_stranger_are_words_and_nothing_else(client: Client, now: datetime) -> None:
    _published(tee(), now, title="<script>alert(1)</script>", text="<b>bold</b>", author="<i>", verdict="fit")

    body = client.get("/p/tee/").content.decode()

    assert "<script>alert(1)" not in body
    assert "&lt;b&gt;bold" in body


def test_a_picture_is_seen_by_everybody_only_when_its_review_is_published(client: Client, now: datetime) -> None:
    review, staff = written(at=now), StaffFactory()
    address = f"/reviews/photos/{a_photo(review).name}/small.webp"
    assert client.get(address).status_code == 404

    publish_review(review_id=review.pk, by=staff, at=now)
    answer = client.get(address)

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/webp")
    assert answer.content.startswith(b"RIFF")
    assert client.get(address.replace("small", "huge")).status_code == 404


def test_a_picture_of_a_declined_review_is_gone(client: Client, now: datetime) -> None:
    review = written(at=now)
    address = f"/reviews/photos/{a_photo(review).name}/small.webp"

    decline_review(review_id=review.pk, reason="picture", words="A face of somebody else.", by=StaffFactory(), at=now)

    assert client.get(address).status_code == 404
