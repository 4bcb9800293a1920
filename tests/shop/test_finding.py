"""Search and filters over real rows: what is found, what is counted, and that every statement has its index."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from shop.models import Category, Listing, Material, OptionValue, Product, StockLevel, Voices
from shop.queries import finding
from shop.queries.audit import breaches
from shop.rules.finding import Wish
from tests.factories.catalogue import listed, option, tee
from tests.factories.orders import service_level
from tests.factories.shop import CategoryFactory, ProductFactory, VariantFactory
from tests.shop.test_views_catalogue import page, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> dict[str, Product]:
    """A tee in sage and ink (sage M sold out), a linen shirt, a mug made to order, and a bowl nobody may see."""
    shirts = CategoryFactory(slug="shirts", name="Shirts")
    shirt = ProductFactory(
        name="Washed linen shirt",
        slug="shirt",
        category=shirts,
        cut="loose",
        maker="Inês Carvalho",
        summary="It breathes.",
    )
    linen = Material.objects.create(code="linen", name="Linen")
    shirt.materials.set([linen])
    natural = VariantFactory(product=shirt, price_minor=12800)
    natural.options.set([option("colour", "natural", "Natural", 2), option("size", "m", "M", 1)])
    mug = ProductFactory(name="Morning mug", slug="mug", story="Fired in our small kiln.")
    VariantFactory(product=mug, price_minor=2400, making_days=5)
    VariantFactory(product=ProductFactory(name="Hidden bowl", published=False))
    found = {"tee": tee(stock={"sage/m": 0}, category=shirts, summary="It stays."), "shirt": shirt, "mug": mug}
    listed()
    return found


def search(**asked: Any) -> list[str]:
    """Names on the page of a search."""
    answer = Client().get("/search/", asked, follow=True)
    assert answer.status_code == 200
    return sorted(card.name for card in answer.context.get("cards") or [])


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("linen shirt", ["Washed linen shirt"]),
        ("Shirts", ["Everyday tee", "Washed linen shirt"]),
        ("shir", ["Everyday tee", "Washed linen shirt"]),
        ("mugs", ["Morning mug"]),
        ("mug for mornings", ["Morning mug"]),
        ("kiln", ["Morning mug"]),
        ("ines carvalho", ["Washed linen shirt"]),
        ("INÊS", ["Washed linen shirt"]),
        ("sage tee", ["Everyday tee"]),
        ("linnen shrit", ["Washed linen shirt"]),
        ("mroning mgu", ["Morning mug"]),
        ("bowl", []),
        ("zebra", []),
        ("!!! & | ()", []),
        ("mug' | 'tee", []),
        ("linen:* & !shirt", ["Washed linen shirt"]),
    ],
)
def test_search_finds_what_people_type(shop: dict[str, Product], typed: str, found: list[str]) -> None:
    assert search(q=typed) == found


@pytest.mark.parametrize("typed", ["\x00", "a" * 10_000, "ŉ ½ ﬁ '\\ <->", "%_", "😀", "ⅷ㎜ª", "a\u202eb"])
def test_search_survives_whatever_is_typed(shop: dict[str, Product], typed: str) -> None:
    assert Client().get("/search/", {"q": typed}, follow=True).status_code == 200


def test_typo_is_told(shop: dict[str, Product]) -> None:
    answer = text(Client().get("/search/", {"q": "linnen"}))

    assert "Showing results for “linen”" in answer
    assert "Nothing here is called “linnen”." in answer


def test_nothing_found_says_where_to_look(shop: dict[str, Product]) -> None:
    answer = text(Client().get("/search/", {"q": "zebra"}))

    assert "Nothing here goes by that name" in answer
    assert "Have a look along the shelves" in answer


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"size": "m"}, ["Everyday tee", "Washed linen shirt"]),
        ({"size": "s"}, ["Everyday tee"]),
        ({"colour": ["sage", "natural"]}, ["Everyday tee", "Washed linen shirt"]),
        ({"colour": "sage", "size": "s"}, ["Everyday tee"]),
        ({"colour": "sage", "size": "m"}, []),  # there is an M and there is sage, but no sage M
        ({"material": "linen"}, ["Washed linen shirt"]),
        ({"cut": "loose"}, ["Washed linen shirt"]),
        ({"price": "0-25"}, ["Morning mug"]),
        ({"price": ["0-25", "100-200"]}, ["Morning mug", "Washed linen shirt"]),
        ({"ready": "0"}, ["Everyday tee", "Washed linen shirt"]),
        ({"ready": "5"}, ["Everyday tee", "Morning mug", "Washed linen shirt"]),
        ({"shelf": "shirts", "q": "linen"}, ["Washed linen shirt"]),
    ],
)
def test_filters_choose(shop: dict[str, Product], asked: dict[str, Any], found: list[str]) -> None:
    assert search(**asked) == found


def counts(address: str) -> dict[str, dict[str, str]]:
    answer = Client().get(address)
    return {group.code: {each.code: each.count for each in group.filters} for group in answer.context["groups"]}


def test_filters_count_what_they_would_leave(shop: dict[str, Product]) -> None:
    assert counts("/c/shirts/") == {
        "size": {"s": "1", "m": "2"},
        "colour": {"sage": "1", "ink": "1", "natural": "1"},
        "price": {"25-50": "1", "100-200": "1"},
    }


def _shelf_of(product: Product, **values: Any) -> None:
    StockLevel.objects.filter(variant__product=product).update(**values)
    listed()


AHEAD = {"on_hand": 0, "allocated": 0, "oversell_limit": 5}


@pytest.mark.parametrize(("policy", "code"), [("preorder", "preorder"), ("backorder", "on-order")])
def test_what_is_not_here_yet_is_found_by_its_own_filter(shop: dict[str, Product], policy: str, code: str) -> None:
    assert search(coming=code) == []
    jug = ProductFactory(name="Loop jug", slug="jug", category=Category.objects.get(slug="shirts"))
    VariantFactory(product=jug)

    _shelf_of(jug, policy=policy, **AHEAD)

    assert search(coming=code) == ["Loop jug"]
    assert search(coming=code, ready="0") == []
    assert counts("/c/shirts/")["coming"] == {code: "1"}  # alone in its group, and still apart from the rest
    assert counts(f"/c/shirts/?size=m&coming={code}")["coming"] == {code: "0"}
    assert breaches(["S12", "S19"]) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"on_hand": 3}, []),  # it has come in
        ({"allocated": 5}, []),  # all that is on its way is promised
        ({"allocated": 4}, ["preorder"]),
        ({"policy": "backorder"}, ["on-order"]),
        ({"policy": "deny", "oversell_limit": 0}, []),
    ],
)
def test_that_filter_follows_the_shelf(shop: dict[str, Product], change: dict[str, Any], found: list[str]) -> None:
    _shelf_of(shop["shirt"], policy="preorder", **AHEAD)
    assert search(coming="preorder") == ["Washed linen shirt"]

    _shelf_of(shop["shirt"], **change)

    assert [code for code in ("preorder", "on-order") if search(coming=code)] == found
    assert breaches(["S12", "S19"]) == []


def test_one_size_of_many_is_not_here_yet_and_what_is_made_to_order_never_is(shop: dict[str, Product]) -> None:
    StockLevel.objects.filter(variant__sku="tee-sage/m").update(policy="preorder", **AHEAD)
    _shelf_of(shop["mug"], policy="preorder", **AHEAD)

    assert search(coming="preorder") == ["Everyday tee"]
    assert "To preorder" in text(Client().get("/search/?q=tee&coming=preorder"))


def test_counts_of_options_are_of_the_same_variant(shop: dict[str, Product]) -> None:
    """Sage is sold out in M: with sage chosen there is no M, with M chosen no sage; others of a group stay in sight."""
    with_sage = counts("/c/shirts/?colour=sage")
    with_m = counts("/c/shirts/?size=m")

    assert with_sage["colour"] == {"sage": "1", "ink": "1", "natural": "1"}
    assert "size" not in with_sage  # S alone is no choice
    assert with_m["size"] == {"s": "1", "m": "2"}
    assert with_m["colour"] == {"ink": "1", "natural": "1"}


def test_more_than_can_be_counted_is_said(shop: dict[str, Product], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "MOST", 1)
    monkeypatch.setattr("shop.messages.finding.MOST", 1)

    answer = Client().get("/search/?q=shirts")

    assert "More than 1 pieces" in text(answer)
    assert {each.count for group in answer.context["groups"] for each in group.filters} == {"1+"}


def test_shelf_counts_to_the_last_what_cannot_all_be_paged_through(
    shop: dict[str, Product], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "MOST", 1)
    monkeypatch.setattr("shop.views.finding.MOST", 1)

    answer = Client().get("/c/shirts/")

    assert "2 pieces" in text(answer)
    assert "You can page through the first 1,000." in text(answer)
    assert counts("/c/shirts/")["size"] == {"s": "1", "m": "2"}


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("price", ["Morning mug", "Everyday tee", "Washed linen shirt"]),
        ("-price", ["Washed linen shirt", "Everyday tee", "Morning mug"]),
        ("rated", ["Morning mug", "Everyday tee", "Washed linen shirt"]),
        ("new", ["Everyday tee", "Morning mug", "Washed linen shirt"]),
    ],
)
@pytest.mark.parametrize("most", [1000, 2])
def test_orders(
    shop: dict[str, Product], monkeypatch: pytest.MonkeyPatch, sort: str, names: list[str], most: int, now: Any
) -> None:
    """Whether the matches are sorted or read along the order's index makes no difference."""
    Voices.objects.create(product=shop["mug"], stars=[0, 0, 0, 0, 9], counted_at=now)
    Voices.objects.create(product=shop["tee"], stars=[0, 0, 1, 0, 0], counted_at=now)
    listed()
    monkeypatch.setattr(finding, "MOST", most)

    found, _ = finding.find(Wish("", (("ready", ("20",)),)), sort=sort, shelf=None, first=0, most=24)

    assert [Product.objects.get(pk=pk).name for pk in found.ids] == names


def test_relevance_puts_the_name_first(shop: dict[str, Product]) -> None:
    VariantFactory(product=ProductFactory(name="Cushion", slug="cushion", story="Like a linen shirt for the sofa."))
    listed()

    found, _ = finding.find(Wish("linen"), sort="relevance", shelf=None, first=0, most=24)

    assert [Product.objects.get(pk=pk).name for pk in found.ids] == ["Washed linen shirt", "Cushion"]


def pieces_of_linen() -> None:
    """Five that are only made of linen, then one with linen in its name, and one whose name is "Linen" alone."""
    linen = Material.objects.get(code="linen")
    for number in range(5):
        made = ProductFactory(name=f"Apron {number}", slug=f"apron-{number}", story="Linen, linen, linen and linen.")
        made.materials.set([linen])
        VariantFactory(product=made)
    for name in ("Linen napkin for a long table", "Linen"):
        VariantFactory(product=ProductFactory(name=name, slug=name.split()[-1].lower() + "-of-linen"))
    listed()


@pytest.mark.parametrize("most", [1000, 2])
@pytest.mark.parametrize(
    ("typed", "best"), [("linen", "Linen"), ("LÍNEN!", "Linen"), ("linen napk", "Linen napkin for")]
)
def test_what_is_called_so_comes_first_however_many_match(
    shop: dict[str, Product], monkeypatch: pytest.MonkeyPatch, most: int, typed: str, best: str
) -> None:
    """The first MOST + 1 that an index yields are the oldest ones; those of that name were made last."""
    pieces_of_linen()
    monkeypatch.setattr(finding, "MOST", most)

    found, _ = finding.find(Wish(typed), sort="relevance", shelf=None, first=0, most=3)

    names = [Product.objects.get(pk=pk).name for pk in found.ids]
    assert names[0].startswith(best)
    if typed != "linen napk":
        assert {*names} == {"Linen", "Linen napkin for a long table", "Washed linen shirt"}


def parts_of(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A plan and everything below it."""
    yield plan
    for part in plan.get("Plans", []):
        yield from parts_of(part)


def test_pages_by_relevance_neither_repeat_nor_lose_a_piece(shop: dict[str, Product]) -> None:
    pieces_of_linen()

    pages = [finding.find(Wish("linen"), sort="relevance", shelf=None, first=n, most=3)[0] for n in range(0, 9, 3)]

    ids = [pk for page in pages for pk in page.ids]
    assert (len(ids), len({*ids}), pages[0].total) == (8, 8, 8)


def test_the_first_page_of_too_many_has_its_index(shop: dict[str, Product]) -> None:
    asked = finding.Asked("'tee'", "'tee'", "Tee")
    wish = Wish("tee", (("size", ("m",)),))
    sql, values = finding.nearest_first(wish, asked, shelf=None, first=0, most=24)
    with finding.through_indexes() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", values)
        plan = json.dumps(cursor.fetchone()[0])

    assert "Seq Scan" not in plan
    assert set(re.findall(r'"Index Name": "(\w+)"', plan)) == {"listing_search"}


@pytest.mark.parametrize(("most", "others"), [(2, 0), (3, 5)])
def test_where_names_fill_the_page_nothing_else_is_looked_up(
    shop: dict[str, Product], monkeypatch: pytest.MonkeyPatch, most: int, others: int
) -> None:
    """Three pieces have linen in their name, six speak of it: five of them are read when MOST is four."""
    pieces_of_linen()
    monkeypatch.setattr(finding, "MOST", 4)
    asked = finding.Asked("'linen'", "'linen'", "linen")
    statement, values = finding.nearest_first(Wish("linen"), asked, shelf=None, first=1, most=most)
    with finding.through_indexes() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values)
        plan = cursor.fetchone()[0][0]["Plan"]

    (read,) = [part for part in parts_of(plan) if part.get("Subplan Name") == "CTE first_others"]
    assert read["Actual Rows"] == others


@pytest.mark.parametrize(
    ("asked", "right"),
    [
        ("/search/?sort=&colour=sage&q=tee&size=", "/search/?q=tee&colour=sage"),
        ("/search/?q=tee&size=s&page=1&size=m", "/search/?q=tee&size=s&size=m"),
        ("/search/?q=%00", "/search/"),
        ("/c/shirts/?sort=ours&utm_source=mail", "/c/shirts/?utm_source=mail"),
    ],
)
def test_there_is_one_right_address(shop: dict[str, Product], asked: str, right: str) -> None:
    answer = Client().get(asked)

    assert (answer.status_code, answer.headers["Location"]) == (302, right)
    assert Client().get(right).status_code == 200


def test_unknown_filter_is_left_out_with_a_sentence(shop: dict[str, Product]) -> None:
    answer = Client().get("/c/shirts/?size=m&size=gigantic")

    assert "We do not know one of the filters in this address" in text(answer)
    assert [card.name for card in answer.context["cards"]] == ["Washed linen shirt", "Everyday tee"]
    assert "gigantic" not in text(answer)


def test_chips_take_one_filter_away(shop: dict[str, Product]) -> None:
    body = page(Client().get("/c/shirts/?size=m&colour=ink&sort=price"))
    chips = re.search(r'<ul role="list" class="chips".*?</ul>', body)[0]  # type: ignore[index]  # a page without chips fails here

    assert re.findall(r'<a (?:class="clear" )?href="([^"]*)"', chips) == [
        "/c/shirts/?colour=ink&amp;sort=price",
        "/c/shirts/?size=m&amp;sort=price",
        "/c/shirts/?sort=price",
    ]


def test_cards_show_the_colour_that_was_asked_for(shop: dict[str, Product]) -> None:
    [card] = Client().get("/search/?q=tee&colour=ink").context["cards"]

    assert (card.url, card.picture) == ("/p/tee/?colour=ink", "demo/products/tee-ink-800.webp")
    [card] = Client().get("/search/?q=tee").context["cards"]
    assert (card.url, card.picture) == ("/p/tee/", "demo/products/tee-sage-800.webp")


def test_only_a_plain_shelf_is_for_search_engines(shop: dict[str, Product]) -> None:
    noindex = '<meta name="robots" content="noindex, follow">'

    plain, filtered, searched = (page(Client().get(a)) for a in ("/c/shirts/", "/c/shirts/?size=m", "/search/?q=tee"))

    assert (noindex in plain, noindex in filtered, noindex in searched) == (False, True, True)
    assert 'rel="canonical" href="http://127.0.0.1:8000/c/shirts/"' in filtered


def test_search_box_stands_in_every_header_and_keeps_what_was_typed(shop: dict[str, Product]) -> None:
    assert 'role="search"' in page(Client().get("/"))
    assert 'value="tee"' in page(Client().get("/search/?q=tee"))


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize(
    "address",
    ["/search/?q=tee&size=s&colour=sage", "/search/?q=everydya", "/c/table/?size=m"],
)
def test_lists_ask_at_most_twelve_queries(
    client: Client, number: int, address: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for position in range(number):
        tee(f"tee-{position}")
    VariantFactory(making_days=5)
    service_level()  # so that filters name days
    listed()

    with django_assert_max_num_queries(12 + 3):  # and three around a transaction inside the test's own
        assert len(client.get(address).context["cards"]) == number


def test_longest_way_asks_at_most_twelve_queries(
    client: Client, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    """More pieces than are counted, in an order of their own, with days to arrive by."""
    monkeypatch.setattr(finding, "MOST", 1)
    tee("tee")
    VariantFactory(making_days=5)
    service_level()
    listed()
    client.get("/search/?q=slow&sort=new")  # calendars are kept once they were read

    with django_assert_max_num_queries(12 + 3):
        answer = client.get("/search/?q=slow&sort=new")
    assert len(answer.context["cards"]) == 2
    assert "ready" in {group.code for group in answer.context["groups"]}


# What keeps the listings current.


def facets_of(product: Product) -> list[str]:
    listed()
    return list(Listing.objects.get(product=product).facets)


def test_listing_follows_every_change(shop: dict[str, Product]) -> None:
    product = shop["tee"]
    assert "size:s" in facets_of(product)
    StockLevel.objects.filter(variant__product=product, variant__options__code="s").update(on_hand=0)
    assert "size:s" not in facets_of(product)
    product.variants.update(price_minor=900)
    assert "price:0-25" in facets_of(product)
    OptionValue.objects.filter(code="sage").update(code="salvia")
    assert "colour:salvia" in facets_of(product)
    product.materials.add(Material.objects.get(code="linen"))
    assert "material:linen" in facets_of(product)
    Category.objects.filter(slug="shirts").update(slug="tops")
    assert "shelf:tops" in facets_of(product)
    Product.objects.filter(pk=product.pk).update(published=False)
    listed()
    assert not Listing.objects.filter(product=product).exists()
    assert breaches(["S12", "S19"]) == []


def test_stock_speaks_up_only_when_a_shelf_empties_or_fills(shop: dict[str, Product]) -> None:
    level = StockLevel.objects.filter(variant__product=shop["mug"]).get()
    with connection.cursor() as cursor:
        for pieces, notes in [(19, 0), (0, 1), (0, 1), (4, 2)]:
            StockLevel.objects.filter(pk=level.pk).update(on_hand=pieces)
            cursor.execute("SELECT count(*) FROM shop_listingdue")
            assert cursor.fetchone()[0] == notes


def test_deleted_product_is_no_longer_found(shop: dict[str, Product]) -> None:
    ProductFactory(name="Without any variant")
    listed()

    assert search(q="variant") == []


def test_rebuilding_repairs_what_triggers_did_not_see(shop: dict[str, Product]) -> None:
    Listing.objects.all().delete()
    said = StringIO()

    call_command("rebuild_listings", stdout=said)

    assert said.getvalue() == "4 products looked at.\n"
    assert Listing.objects.count() == 3


def test_one_bad_product_does_not_hold_up_the_others(shop: dict[str, Product]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE shop_listing ADD CONSTRAINT no_unlucky_price CHECK (price_minor <> 666)")
    for price, product in ((666, shop["mug"]), (900, shop["tee"])):
        product.variants.update(price_minor=price)

    listed()

    prices = Listing.objects.order_by("price_minor").values_list("product__slug", "price_minor")
    assert list(prices) == [("tee", 900), ("mug", 2400), ("shirt", 12800)]
    assert [breach.what for breach in breaches() if breach.code == "S12"] == [f"listing of product {shop['mug'].pk}"]


# Plans.


@pytest.mark.parametrize("sort", ["relevance", "ours", "new", "price", "-price", "rated"])
@pytest.mark.parametrize("on_shelf", [True, False])
def test_every_statement_has_its_index(shop: dict[str, Product], sort: str, on_shelf: bool) -> None:
    """Even where the table is so small that reading all of it would be cheaper."""
    shelf = Category.objects.get(slug="shirts") if on_shelf else None
    wish = Wish("tee", (("size", ("m",)), ("colour", ("sage",)), ("price", ("25-50",))), "")
    asked = finding.Asked("'tee'", "'tee'", "tee")
    counted = finding.counting(wish, asked, sort=sort, shelf=shelf, first=0, most=24)
    statements = [(*counted, {"listing_search", "tally_once"})]
    if sort != "relevance" and (on_shelf or sort != "ours"):
        sql, values = finding.ordered(Wish("", wish.chosen), "", sort=sort, shelf=shelf)
        index = {"ours": "listing_shelf", "new": "new", "rated": "rating"}.get(sort, "price")
        expected = index if sort == "ours" else f"listing_shelf_{index}" if on_shelf else f"listing_{index}"
        statements.append((sql, [*values, 0, 24], {expected}))

    for sql, values, indexes in statements:
        with finding.through_indexes() as cursor:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", values)
            plan = json.dumps(cursor.fetchone()[0])
        assert "Seq Scan" not in plan
        assert set(re.findall(r'"Index Name": "(\w+)"', plan)) == indexes


def test_planner_is_left_as_it_was(shop: dict[str, Product]) -> None:
    finding.find(Wish("tee"), sort="relevance", shelf=None, first=0, most=24)

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('enable_seqscan'), current_setting('enable_sort')")
        assert cursor.fetchone() == ("on", "on")
