from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command

from shop import seeding
from shop.demo.catalogue import PIECES
from shop.models import Product, ProductImage, SearchWord, StockLevel, StockMovement, Variant
from shop.operations.seed_catalogue import seed_catalogue, seed_more
from tests.factories.catalogue import listed

pytestmark = pytest.mark.django_db


def rows() -> dict[str, int]:
    """How many rows every table of the shop has, but for the words of the search: they follow a changed name."""
    tables = set(apps.get_app_config("shop").get_models()) - {SearchWord}
    return {model.__name__: model.objects.count() for model in tables}


def test_seed_fills_five_shelves_with_at_least_25_pieces(now: datetime) -> None:
    assert seed_catalogue(now) == "30 products, 94 variants"

    shelves = Counter(Product.objects.on_sale().values_list("category__slug", flat=True))
    assert len(shelves) == 5
    assert min(shelves.values()) >= 4
    assert not Product.objects.filter(variants=None).exists()
    assert not Product.objects.filter(images=None).exists()


def test_seed_again_changes_nothing(now: datetime) -> None:
    seed_catalogue(now)
    Product.objects.filter(slug="morning-mug").update(name="Evening mug")
    Variant.objects.filter(sku="MORNING-MUG-SAGE").update(price_minor=9900)
    listed()
    before = rows()

    seed_catalogue(now)

    assert rows() == before
    assert Product.objects.get(slug="morning-mug").name == "Evening mug"
    assert Variant.objects.get(sku="MORNING-MUG-SAGE").price_minor == 9900


def test_seed_puts_stock_on_shelves_through_movements(now: datetime) -> None:
    seed_catalogue(now)

    for level in StockLevel.objects.order_by("id"):
        assert level.on_hand == sum(level.movements.values_list("on_hand_delta", flat=True))
    sold_out = StockLevel.objects.get(variant__sku="EVERYDAY-TEE-SAGE-XL")
    made = StockLevel.objects.filter(variant__product__slug="fisherman-jumper").first()
    assert (sold_out.available, sold_out.policy) == (0, "deny")
    assert made is not None
    assert (made.on_hand, made.available, made.policy) == (0, 20, "made_to_order")
    assert StockMovement.objects.exclude(kind="received").count() == 0


def test_seed_uses_every_picture_and_every_picture_exists_in_three_sizes(now: datetime) -> None:
    seed_catalogue(now)

    used = set(ProductImage.objects.values_list("path", flat=True))
    static = Path(settings.BASE_DIR) / "static"
    assert used == {f"demo/products/{path.name}" for path in (static / "demo/products").glob("*-800.webp")}
    for width in (400, 600, 800):
        assert all((static / path.replace("-800.", f"-{width}.")).is_file() for path in used)


def test_seed_gives_every_garment_measures_by_size(now: datetime) -> None:
    seed_catalogue(now)

    sized = Variant.objects.filter(product__size_guide__code__in=["tee", "shirt", "jumper"])
    assert sized.count() > 0
    assert not sized.filter(measurements=None).exists()


def test_pieces_name_each_variant_once() -> None:
    assert len({piece.slug for piece in PIECES}) == len(PIECES)


def test_seed_more_adds_exactly_the_asked_number(now: datetime) -> None:
    seed_catalogue(now)

    seed_more(extra=40, at=now)
    seed_more(extra=40, at=now)

    assert Product.objects.count() == len(PIECES) + 40
    assert not Product.objects.filter(variants=None).exists()


def test_command_runs_what_every_app_registered(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("seed_demo")

    said = capsys.readouterr().out
    assert "shop.catalogue: 30 products, 94 variants" in said
    assert [line.split(":")[0] for line in said.splitlines()] == list(seeding.registered())
