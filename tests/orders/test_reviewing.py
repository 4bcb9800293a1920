from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from orders.models import Order
from orders.operations.access import issue_link
from shop.models import FitVote, Review, ReviewPhoto
from tests.factories.catalogue import tee
from tests.factories.orders import placed_order
from tests.factories.shop import VariantFactory
from tests.factories.voices import arrived_line, picture

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_media(settings: object, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]


def _order(now: datetime) -> Order:
    return placed_order(at=now, variant=tee().variants.order_by("position", "id")[0])


def _address(order: Order) -> str:
    return f"/orders/{issue_link(order=order, purpose='track', at=timezone.now())}/review/{order.lines.get().pk}/"


def _said(**more: object) -> dict[str, object]:
    return {"stars": "2", "author": "Ana", "verdict": "small", "area": "chest", "text": "Too tight."} | more


def test_a_buyer_reviews_what_arrived(client: Client, now: datetime) -> None:
    order = _order(now)
    arrived_line(order)
    files = [SimpleUploadedFile("one.jpg", picture()), SimpleUploadedFile("two.png", picture("PNG"))]

    answer = client.post(_address(order), _said(photos=files, usual_size="M", height_band="165"))

    review = Review.objects.get()
    assert answer.status_code == 302
    assert (review.stars, review.size, review.usual_size, review.height_band) == (2, "S", "M", 165)
    assert (review.order_number, review.author, review.status) == (order.number, "Ana", "waiting")
    assert ReviewPhoto.objects.count() == 2
    assert (FitVote.objects.get().verdict, FitVote.objects.get().key) == ("small", review.purchase)


def test_nothing_is_asked_about_the_fit_of_a_mug(client: Client, now: datetime) -> None:
    order = placed_order(at=now, variant=VariantFactory())
    arrived_line(order)
    address = _address(order)

    assert "How does it fit?" not in client.get(address).content.decode()
    client.post(address, {"stars": "5", "author": "Ana"})

    assert (Review.objects.get().verdict, FitVote.objects.count()) == ("", 0)


def test_what_has_not_arrived_is_not_reviewed(client: Client, now: datetime) -> None:
    address = _address(_order(now))

    assert [client.get(address).status_code, client.post(address, _said()).status_code] == [404, 404]
    assert Review.objects.count() == 0


def test_a_stranger_does_not_review_the_line_of_another_order(client: Client, now: datetime) -> None:
    order = _order(now)
    line = arrived_line(order)
    other = placed_order(at=now, number="KP-1111-1111", email="rui@example.com")
    link = issue_link(order=other, purpose="track", at=timezone.now())

    assert client.post(f"/orders/{link}/review/{line.pk}/", _said()).status_code == 404
    assert Review.objects.count() == 0


def test_a_second_review_changes_nothing(client: Client, now: datetime, tmp_path: Path) -> None:
    order = _order(now)
    arrived_line(order)
    address = _address(order)
    client.post(address, _said())

    again = client.post(address, _said(stars="5", photos=SimpleUploadedFile("one.jpg", picture())), follow=True)

    assert "You have written about this piece before" in again.content.decode()
    assert Review.objects.get().stars == 2
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []  # the picture did not stay behind


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"stars": ""}, "Choose how many stars you give."),
        ({"stars": "6"}, "Choose 1 to 5 stars."),
        ({"author": " "}, "Enter a name, such as your first name."),
        ({"photos": SimpleUploadedFile("evil.svg", b"<svg/>")}, "evil.svg is no picture we can take."),
        (
            {"photos": [SimpleUploadedFile(f"{n}.jpg", b"x") for n in range(5)]},
            "Choose at most 4 pictures.",
        ),
    ],
)
def test_what_cannot_be_taken_is_said_and_the_rest_is_kept(
    client: Client, now: datetime, said: dict[str, object], sentence: str
) -> None:
    order = _order(now)
    arrived_line(order)

    answer = client.post(_address(order), _said(**said))

    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert "Too tight." in page
    assert Review.objects.count() == 0


def test_the_order_page_asks_for_a_review_until_there_is_one(client: Client, now: datetime) -> None:
    order = _order(now)
    arrived_line(order)
    link = issue_link(order=order, purpose="track", at=timezone.now())
    asked = "Say how Everyday tee is"
    assert asked in client.get(f"/orders/{link}/").content.decode()

    client.post(_address(order), _said())

    assert asked not in client.get(f"/orders/{link}/").content.decode()
