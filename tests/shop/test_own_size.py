"""Her size: found for one piece, kept in her account, said on the page, forgotten when she likes."""

from __future__ import annotations

import re

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from orders.models import OrderLine
from shop.models import SizeProfile, User
from shop.operations.own_size import forget_own_size, keep_own_size
from shop.queries.own_size import OwnSize, own_size
from tests.factories.catalogue import tee
from tests.factories.orders import placed_order
from tests.factories.shop import UserFactory

pytestmark = pytest.mark.django_db

PAGE = "/p/tee/your-size/"
ACCOUNT = "/account/sizes/"


@pytest.fixture
def ana(client: Client) -> User:
    ana = UserFactory(email="ana@example.com")
    client.force_login(ana)
    return ana


def known_of(person: User, **measures: int) -> None:
    named = {f"body-{name}": mm for name, mm in measures.items()}
    keep_own_size(user_id=person.pk, measures=named, usual={}, at=timezone.now())


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_guest_finds_her_size_by_her_body_and_nothing_is_kept(client: Client) -> None:
    tee()

    answer = client.post(PAGE, {"by": "body", "unit": "cm", "body-chest": "96,5"})

    said = words(answer.content.decode())
    assert answer.status_code == 200
    assert "Your size by your measures: M." in said
    assert "Your chest: 96.5 cm." in said
    assert 'href="/p/tee/?size=M#size"' in answer.content.decode()
    assert not SizeProfile.objects.exists()
    assert answer.cookies["unit"].value == "cm"


def test_the_size_found_is_chosen_on_the_page(client: Client) -> None:
    tee()

    html = client.get("/p/tee/?size=M").content.decode()

    assert re.findall(r"checked\s*><span\s+class=\"ours\"\s*>(\w+)<", html) == ["M"]


def test_a_piece_she_owns_is_compared_in_inches(client: Client) -> None:
    tee()

    said = words(client.post(PAGE, {"by": "garment", "unit": "in", "garment-width": "19.3"}).content.decode())

    assert "Nearest to yours: M" in said
    assert "S 1.2 in less M the same" in said


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"body-chest": "wide"}, "Enter a length in numbers, such as 96 or 96.5."),
        ({"body-chest": "NaN"}, "Enter a length in numbers, such as 96 or 96.5."),
        ({"body-chest": "960"}, "Enter a length from 1 to 300. Is the unit right?"),
        ({"body-chest": "-4"}, "Enter a length from 1 to 300. Is the unit right?"),
        ({"body-chest": "9e99"}, "Enter a length from 1 to 300. Is the unit right?"),
        ({}, "Enter at least one measure."),
        ({"body-chest": "96", "unit": "ells"}, "Select a valid choice"),
    ],
)
def test_what_is_no_length_is_said_and_nothing_is_lost(client: Client, sent: dict[str, str], sentence: str) -> None:
    tee()

    answer = client.post(PAGE, {"by": "body", "unit": "cm", **sent})

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert f'value="{sent["body-chest"]}"' in answer.content.decode() if "body-chest" in sent else True


def test_beyond_the_largest_size_she_is_asked_to_write(client: Client) -> None:
    tee()

    answer = client.post(PAGE, {"by": "body", "unit": "cm", "body-chest": "140"})

    assert "We have no size for this measure: Your chest." in words(answer.content.decode())
    assert "?size=" not in answer.content.decode()


@pytest.mark.parametrize("address", ["/p/teapot/your-size/", "/p/nothing/your-size/"])
def test_what_has_no_sizes_has_no_such_page(client: Client, address: str) -> None:
    placed_order(at=timezone.now())  # of a mug

    assert client.get(address).status_code == 404


def test_she_keeps_her_measures_and_the_page_names_her_size(client: Client, ana: User) -> None:
    tee()

    client.post(PAGE, {"by": "body", "unit": "cm", "body-chest": "90", "keep": "1"})

    assert own_size(ana.pk) == OwnSize({"body-chest": 900}, {})
    assert "Your size by your measures: S. Your chest: 90 cm." in words(client.get("/p/tee/").content.decode())
    assert "Your size by your measures" not in words(Client().get("/p/tee/").content.decode())


def test_the_page_says_her_usual_size_where_no_measure_speaks(client: Client, ana: User) -> None:
    product = tee()
    assert product.size_guide
    keep_own_size(user_id=ana.pk, measures={}, usual={product.size_guide.code: "M"}, at=timezone.now())

    assert "Your usual size here: M." in words(client.get("/p/tee/").content.decode())


def test_measures_cost_one_query_of_who_is_signed_in_and_none_of_a_guest(
    client: Client, ana: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    tee()
    known_of(ana, chest=900)
    guest = Client()
    for browser in (client, guest):
        browser.get("/p/tee/")

    with django_assert_num_queries(10):
        guest.get("/p/tee/")
    with django_assert_num_queries(14):  # the session, who she is, her bag, her size
        client.get("/p/tee/")


def test_the_account_keeps_measures_and_usual_sizes_in_her_unit(client: Client, ana: User) -> None:
    product = tee()
    assert product.size_guide
    guide = product.size_guide.code

    answer = client.post(ACCOUNT, {"unit": "in", "body-chest": "38", f"usual-{guide}": "M"}, follow=True)

    assert own_size(ana.pk) == OwnSize({"body-chest": 965}, {guide: "M"})
    html = answer.content.decode()
    assert 'value="38.0"' in html
    assert "Kept. Pages of clothes now tell you your size." in html


@pytest.mark.parametrize("sent", [{"forget": "1"}, {"unit": "cm"}])
def test_what_she_keeps_goes_when_she_likes(client: Client, ana: User, sent: dict[str, str]) -> None:
    tee()
    known_of(ana, chest=900)
    other = UserFactory(email="rui@example.com")
    known_of(other, chest=1000)

    assert client.post(ACCOUNT, sent).status_code == 302

    assert list(SizeProfile.objects.values_list("user", flat=True)) == [other.pk]
    forget_own_size(user_id=ana.pk)  # twice is once


def test_a_profile_that_says_nothing_cannot_be_written() -> None:
    with pytest.raises(IntegrityError, match="size_profile_says_something"), transaction.atomic():
        SizeProfile.objects.create(user=UserFactory(), changed_at=timezone.now())


def bought(person: User, number: str, *, delivered: int = 1, returned: int = 0) -> None:
    order = placed_order(at=timezone.now(), number=number, customer=person)
    measured = {"garment-width": {"label": "Width", "value_mm": 490, "tolerance_mm": 10}}
    OrderLine.objects.filter(order=order).update(
        title=f"Shirt of {number}", measurements=measured, qty_handed_over=1,
        qty_delivered=delivered, qty_returned=returned,
    )  # fmt: skip


def test_pieces_she_bought_and_kept_are_offered_to_compare_with(client: Client, ana: User) -> None:
    tee()
    bought(ana, "KP-KEPT")
    bought(ana, "KP-BACK", returned=1)
    bought(ana, "KP-AWAY", delivered=0)
    bought(UserFactory(email="rui@example.com"), "KP-HIS")

    html = client.get(PAGE).content.decode()

    assert re.findall(r"Shirt of (KP-\w+)", html) == ["KP-KEPT"]
    assert re.findall(r'name="garment-width"\s+value="(\w+)"', html) == ["49"]
