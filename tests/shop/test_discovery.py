"""Old links lead on, and robots find their way."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from pytest_django.fixtures import Settings

from shop.models import Category, FormerAddress, Product
from shop.operations.addresses import keep_former_address
from tests.factories.shop import VariantFactory

pytestmark = pytest.mark.django_db


def renamed(product: Product, slug: str, at: datetime) -> None:
    former, product.slug = product.slug, slug
    product.save(update_fields=["slug"])
    keep_former_address(thing=product, former=former, at=at)


def test_an_old_link_leads_to_the_product_with_all_it_asked(now: datetime) -> None:
    product = VariantFactory().product
    first = product.slug
    renamed(product, "second", now)
    renamed(product, "third", now)

    answers = [Client().get(f"/p/{slug}/?glaze=sage&country=PT") for slug in (first, "second")]

    assert [(answer.status_code, answer.headers["Location"]) for answer in answers] == [
        (301, "/p/third/?glaze=sage&country=PT")
    ] * 2
    assert Client().get("/p/third/").status_code == 200


def test_who_lives_at_an_address_wins_over_who_left_it(now: datetime) -> None:
    one, other = VariantFactory().product, VariantFactory().product
    old = one.slug
    renamed(one, "moved", now)
    renamed(other, old, now)

    assert Client().get(f"/p/{old}/").status_code == 200
    assert not FormerAddress.objects.filter(slug=old).exists()
    renamed(one, old + "-2", now)
    renamed(one, "moved", now)
    assert set(FormerAddress.objects.values_list("slug", "product_id")) >= {(old + "-2", one.pk)}


def test_a_product_off_sale_is_not_found_by_its_old_address_either(now: datetime) -> None:
    product = VariantFactory().product
    old = product.slug
    renamed(product, "moved", now)
    Product.objects.update(published=False)

    assert Client().get(f"/p/{old}/").status_code == 404
    assert Client().get("/p/never-was/").status_code == 404


def test_a_category_moves_too(now: datetime) -> None:
    category = VariantFactory().product.category
    old, category.slug = category.slug, "tableware"
    category.save(update_fields=["slug"])
    keep_former_address(thing=category, former=old, at=now)

    answer = Client().get(f"/c/{old}/?page=1")

    assert (answer.status_code, answer.headers["Location"]) == (301, "/c/tableware/?page=1")


def test_a_former_address_is_of_one_thing() -> None:
    product = VariantFactory().product

    for both in ({}, {"product": product, "category": product.category}):
        with pytest.raises(IntegrityError), transaction.atomic():
            FormerAddress.objects.create(slug="old", **both)


def test_admin_keeps_the_address_that_was_changed(admin_client: Client) -> None:
    category = Category.objects.create(name="Table", slug="table")

    admin_client.post(
        f"/admin/shop/category/{category.pk}/change/", {"name": "Table", "slug": "tableware", "position": "0"}
    )

    assert list(FormerAddress.objects.values_list("slug", "category__slug")) == [("table", "tableware")]


def test_sitemap_names_every_page_of_the_shop_on_its_own_host(settings: Settings) -> None:
    shown, hidden = VariantFactory().product, VariantFactory().product
    Product.objects.filter(pk=hidden.pk).update(published=False)

    index = Client().get("/sitemap.xml").content.decode()
    sections = re.findall(r"<loc>[a-z]+://[^/]+(/[^<]+)</loc>", index)
    found = [loc for section in sections for loc in re.findall(r"<loc>([^<]+)</loc>", _text(section))]

    assert sections == ["/sitemap-pages.xml", "/sitemap-categories.xml", "/sitemap-products.xml"]
    assert set(found) == {
        f"{settings.SITE_URL}{path}"
        for path in ("/", "/help/", "/help/contact/", f"/c/{shown.category.slug}/", f"/c/{hidden.category.slug}/")
    } | {f"{settings.SITE_URL}/p/{shown.slug}/"}


def _text(path: str) -> str:
    return Client().get(path).content.decode()


def test_robots_are_told_what_is_private_and_where_the_sitemap_is(settings: Settings) -> None:
    lines = _text("/robots.txt").splitlines()

    assert lines[0] == "User-agent: *"
    assert {"Disallow: /admin/", "Disallow: /orders/", "Disallow: /bag/"} < set(lines)
    assert lines[-1] == f"Sitemap: {settings.SITE_URL}/sitemap.xml"
