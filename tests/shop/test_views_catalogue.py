from __future__ import annotations

import json
import re
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from shop.models import Category, StockArrival, Variant
from shop.operations.arrivals import announce_arrival
from shop.operations.people import sync_roles
from shop.templatetags.wording import day
from tests.factories.catalogue import listed, tee
from tests.factories.shop import CategoryFactory, ProductFactory, VariantFactory, calendar
from tests.shop.test_admin import desk_of

pytestmark = pytest.mark.django_db


def page(response: HttpResponse) -> str:
    """The page with single spaces."""
    return re.sub(r"\s+", " ", response.content.decode())


def text(response: HttpResponse) -> str:
    """The page as a reader sees it, more or less: without tags, with single spaces."""
    body = re.sub(r"<(script|style).*?</\1>", " ", page(response))
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def test_home_shows_shelves_and_pieces(client: Client) -> None:
    VariantFactory(product=ProductFactory(name="Morning mug"))

    response = client.get("/")

    assert response.status_code == 200
    assert "Morning mug" in text(response)
    assert f"{settings.RETURN_WINDOW_DAYS} days to send it back" in text(response)


def test_home_of_an_empty_shop_stands(client: Client) -> None:
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("path", ["/", "/c/table/", "/c/table/?page=1"])
def test_shared_pages_carry_no_cookie_and_may_be_cached(client: Client, path: str) -> None:
    VariantFactory()

    response = client.get(path)

    assert response.status_code == 200
    assert response.cookies.output() == ""
    assert response.headers["Cache-Control"] == "public, max-age=0, s-maxage=60"
    assert "Cookie" in response.headers["Vary"]


def test_shared_pages_are_private_for_somebody_with_a_cookie(client: Client) -> None:
    client.cookies["theme"] = "dark"

    response = client.get("/")

    assert response.headers["Cache-Control"] == "private, no-cache"
    assert 'data-theme="dark"' in response.content.decode()


def test_an_unknown_theme_is_ignored(client: Client) -> None:
    client.cookies["theme"] = "'><script>"

    assert "data-theme" not in page(client.get("/"))


def test_category_has_24_pieces_a_page_in_shop_order(client: Client) -> None:
    for number in range(25):
        VariantFactory(product=ProductFactory(name=f"Piece {number:02}", position=number))
    listed()

    first, second = client.get("/c/table/"), client.get("/c/table/?page=2")

    assert [card.name for card in first.context["cards"]] == [f"Piece {number:02}" for number in range(24)]
    assert [card.name for card in second.context["cards"]] == ["Piece 24"]
    assert "25 pieces · page 2 of 2" in text(second)
    assert f'<link rel="canonical" href="{settings.SITE_URL}/c/table/?page=2">' in second.content.decode()


@pytest.mark.parametrize(
    "path", ["/c/nothing/", "/c/table/?page=2", "/c/table/?page=0", "/c/table/?page=x", "/c/table/?page=²"]
)
def test_category_that_does_not_exist_is_a_kind_404(client: Client, path: str) -> None:
    VariantFactory()

    response = client.get(path)

    assert response.status_code == 404
    assert "We cannot find that page" in text(response)
    assert settings.CARE_EMAIL in text(response)


def test_category_without_pieces_says_what_to_do(client: Client) -> None:
    CategoryFactory()

    assert "This shelf is empty just now" in text(client.get("/c/table/"))


@pytest.mark.parametrize("number", [1, 3])
def test_category_asks_at_most_ten_queries(
    client: Client, number: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for position in range(number):
        tee(f"tee-{position}")

    listed()

    with django_assert_max_num_queries(10 + 3):  # and three around a transaction inside the test's own
        client.get("/c/table/")


@pytest.mark.parametrize("number", [1, 3])
def test_product_asks_at_most_twelve_queries(
    client: Client, number: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for position in range(number):
        tee(f"tee-{position}")

    with django_assert_max_num_queries(12):
        client.get("/p/tee-0/")


def test_product_preselects_no_size_and_says_which_is_sold_out(client: Client) -> None:
    tee(stock={"sage/m": 0, "sage/s": 2})

    body = page(client.get("/p/tee/"))

    assert len(re.findall(r'<input type="radio" name="variant"', body)) == 2
    assert not re.search(r'name="variant"[^>]*checked', body)
    assert "2 left" in body
    assert "sold out" in body


def test_product_shows_the_missing_size_as_a_problem(client: Client) -> None:
    tee()

    body = page(client.get("/p/tee/?problem=size"))

    assert re.search(r"<title>\s*Error: Everyday tee", body)
    assert body.count("Choose a size") == 2
    assert 'aria-describedby="size-problem"' in body


def test_product_without_sizes_has_no_size_problem(client: Client) -> None:
    VariantFactory(product=ProductFactory(slug="mug"))

    assert "There is a problem" not in page(client.get("/p/mug/?problem=size"))


def test_product_is_private_and_carries_no_session(client: Client) -> None:
    tee()

    response = client.get("/p/tee/")

    assert response.headers["Cache-Control"] == "private, no-cache"
    assert settings.SESSION_COOKIE_NAME not in response.cookies


@pytest.mark.parametrize("path", ["/p/nothing/", "/p/hidden/"])
def test_product_not_on_sale_is_a_404(client: Client, path: str) -> None:
    VariantFactory(product=ProductFactory(slug="hidden", published=False))

    assert client.get(path).status_code == 404


def test_product_remembers_the_country_asked_for(client: Client) -> None:
    tee()
    for country in ("PT", "DE"):
        row = calendar(f"destination-{country.lower()}", "destination")
        row.country = country
        row.save()

    first = client.get("/p/tee/?country=DE")
    later = client.get("/p/tee/")

    assert first.cookies["country"].value == "DE"
    assert later.context["country"] == "DE"
    assert '<option value="DE" selected>Germany</option>' in later.content.decode()


@pytest.mark.parametrize("country", ["", "de", "DEU", "1D", "ÄÖ", "FR"])
def test_product_ignores_a_country_we_do_not_deliver_to(client: Client, country: str) -> None:
    tee()
    row = calendar("destination-pt", "destination")
    row.country = "PT"
    row.save()

    response = client.get("/p/tee/", {"country": country})

    assert response.context["country"] == settings.SHOP_COUNTRY
    assert "country" not in response.cookies


def test_product_describes_itself_to_search_engines(client: Client) -> None:
    tee(stock={"sage/s": 2})

    body = page(client.get("/p/tee/?colour=sage&country=PT"))
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', body, re.S)[1])

    assert f'<link rel="canonical" href="{settings.SITE_URL}/p/tee/">' in body
    assert data["name"] == "Everyday tee"
    offers = [variant["offers"] for variant in data["hasVariant"]]
    assert {offer["price"] for offer in offers} == {"38.00"}
    assert offers[0]["availability"] == "https://schema.org/LimitedAvailability"
    assert offers[0]["hasMerchantReturnPolicy"]["merchantReturnDays"] == settings.RETURN_WINDOW_DAYS


def test_product_name_cannot_leave_the_data_block(client: Client) -> None:
    VariantFactory(product=ProductFactory(slug="bad", name="</script><script>alert(1)</script>"))

    assert "<script>alert(1)" not in page(client.get("/p/bad/"))


def test_footer_gives_help_in_the_same_order_on_every_page(client: Client) -> None:
    tee()

    pages = [page(client.get(path)) for path in ("/", "/c/table/", "/p/tee/", "/preferences/", "/nothing/")]
    helps = {re.search(r'<ul role="list" class="ways">.*?</ul>', found)[0] for found in pages}

    assert len(helps) == 1
    assert Category.objects.count() == 1


def test_pages_name_no_other_host(client: Client) -> None:
    tee()

    for path in ("/", "/c/table/", "/p/tee/"):
        body = page(client.get(path))
        addresses = re.findall(r'(?:src|href|srcset|action)="([^"]*)"', body)
        foreign = [a for a in addresses if "//" in a and not a.startswith(settings.SITE_URL)]
        assert foreign == []


def test_posting_to_a_page_is_refused(client: Client) -> None:
    tee()

    assert client.post("/p/tee/").status_code == 405


def expected(variant: Variant, pieces: int, in_days: int) -> str:
    """Expect pieces of a variant so many days from now; return the day as the page writes it."""
    today = timezone.localdate()
    arrival = announce_arrival(
        level_id=variant.stock.get().pk,
        pieces=pieces,
        expected_on=today + timedelta(days=in_days),
        source="production",
        note="",
        by=None,
        at=timezone.now(),
    )
    return day(arrival.expected_on)


def test_product_that_is_sold_out_says_what_is_on_its_way_and_when(client: Client) -> None:
    variant = VariantFactory(product=ProductFactory(slug="gone"), stock=0)
    later, sooner = expected(variant, 3, 20), expected(variant, 14, 9)

    said = text(client.get("/p/gone/"))

    assert f"On their way to us: 14 pieces, expected {sooner}." in said
    assert f"expected {later}" not in said
    StockArrival.objects.update(expected_on=timezone.localdate() - timedelta(days=1))
    assert "way to us" not in text(client.get("/p/gone/"))  # a day that has passed is none


def test_product_says_which_sold_out_size_comes_and_asks_one_query_more_for_it(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    tee(stock={"sage/m": 0, "sage/s": 2})
    gone = Variant.objects.get(stock__on_hand=0)
    there = Variant.objects.get(stock__on_hand=2)
    when = expected(gone, 1, 9)
    expected(there, 5, 9)

    with django_assert_max_num_queries(13):
        said = text(client.get("/p/tee/"))

    assert f"M On its way to us: 1 piece, expected {when}." in said
    assert said.count("way to us") == 1


def test_product_that_is_sold_out_promises_nothing_and_says_what_to_do(client: Client) -> None:
    VariantFactory(product=ProductFactory(slug="gone"), stock=0)

    response = client.get("/p/gone/")

    assert "Sold out for now Tell me when it is back" in text(response)
    assert "Add to bag" not in text(response)
    assert 'class="card promise"' not in page(response)


def test_staff_see_a_piece_as_shoppers_will_and_nobody_else_does(client: Client, now: datetime) -> None:
    sync_roles(at=now)
    tee(published=False)

    seen = desk_of("catalogue").get("/p/tee/preview/")

    assert "Shoppers do not see this piece yet" in text(seen)
    assert "Everyday tee" in text(seen)
    assert seen.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert seen.headers["Cache-Control"] == "private, no-store"
    assert [client.get(address).status_code for address in ("/p/tee/preview/", "/p/tee/")] == [404, 404]
    assert desk_of("agent").get("/p/nothing/preview/").status_code == 404
