"""Looking closer: one picture alone and large, its neighbours, and who may look at a draft."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from shop.models import ProductImage
from shop.operations.pictures import Caption, draw_pictures, hang_picture
from shop.rules.pictures import file_of
from tests.factories.catalogue import tee
from tests.factories.pictures import an_upload
from tests.factories.shop import StaffFactory
from tests.pages import words
from tests.shop.test_product_pictures import _own_storage, ines  # noqa: F401

pytestmark = pytest.mark.django_db


def closer_of(image: ProductImage, query: str = "") -> str:
    return f"/p/{image.product.slug}/pictures/{image.pk}/{query}"


def test_a_picture_is_shown_alone_and_large_and_the_page_of_the_piece_never_offers_that_one(
    client: Client, now: datetime
) -> None:
    upload = an_upload(size=(2000, 2500))
    image = hang_picture(upload_id=upload.pk, caption=Caption('Tee, "front"'), by=StaffFactory(), at=now)
    draw_pictures(now)

    page = client.get("/p/tee/?colour=ink").content.decode()
    alone = client.get(closer_of(image, "?colour=ink"))

    assert f'href="{closer_of(image, "?colour=ink")}"' in page
    assert file_of(upload.name) not in page
    assert re.search(
        rf'<img\s+src="/pictures/{file_of(upload.name)}"\s+width="1600"\s+height="2000"\s+alt="Tee, &quot;front&quot;"',
        alone.content.decode(),
    )
    assert client.get(f"/pictures/{file_of(upload.name)}").status_code == 200
    assert 'href="/p/tee/?colour=ink#picture-2"' in alone.content.decode()
    assert 'id="picture-2"' in page


@pytest.mark.parametrize(
    ("alt", "query", "beside", "back"),
    [
        ("Tee in sage", "", ["Tee in sage", "Label"], "?colour=sage#picture-1"),
        ("Tee in sage", "?colour=ink", ["Tee in sage", "Label"], "?colour=sage#picture-1"),
        ("Label", "?colour=ink", ["Tee in ink", "Label"], "?colour=ink#picture-2"),
        ("Label", "?colour=mauve", ["Label"], "#picture-1"),
        ("Label", "", ["Label"], "#picture-1"),
    ],
)
def test_neighbours_are_those_of_its_tone(client: Client, alt: str, query: str, beside: list[str], back: str) -> None:
    ProductImage.objects.create(product=tee(), path="demo/label-800.webp", alt="Label", position=9)
    image = ProductImage.objects.get(alt=alt)

    answer = client.get(closer_of(image, query))

    assert [each.alt for each in answer.context["seen"].beside] == beside
    assert answer.context["back"] == f"/p/tee/{back}"
    assert f"Picture {beside.index(alt) + 1} of {len(beside)}: Everyday tee" in words(answer)


def test_a_picture_of_another_piece_or_of_none_is_not_found(client: Client) -> None:
    tee()
    other = tee(slug="other").images.order_by("id")[0]

    assert client.get(f"/p/tee/pictures/{other.pk}/").status_code == 404
    assert client.get("/p/nothing/pictures/1/").status_code == 404
    assert client.get("/p/tee/pictures/0/").status_code == 404


def test_a_draft_is_looked_at_by_staff_alone(ines: Client) -> None:  # noqa: F811
    image = tee(published=False).images.order_by("id")[0]

    mine, theirs = ines.get(closer_of(image)), Client().get(closer_of(image))

    assert (mine.status_code, theirs.status_code) == (200, 404)
    assert mine.context["back"] == "/p/tee/preview/?colour=sage#picture-1"
    assert mine.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("count", [1, 3])
def test_looking_closer_costs_the_same_however_many_hang(
    client: Client, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    image = tee().images.order_by("id")[0]
    for place in range(count):
        ProductImage.objects.create(product=image.product, path="demo/x-800.webp", alt="Label", position=9 + place)
    client.get(closer_of(image))

    with django_assert_num_queries(4):  # the piece, its pictures, its tones, the shelves of the menu
        client.get(closer_of(image))
