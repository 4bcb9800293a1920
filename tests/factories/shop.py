"""People, calendars, products and stock."""

from __future__ import annotations

from datetime import UTC, datetime, time

import factory
from allauth.account.models import EmailAddress
from factory.django import DjangoModelFactory

from shop.models import (
    BusinessCalendar,
    Category,
    OpeningInterval,
    Product,
    ProductImage,
    StockLevel,
    StockLocation,
    StockMovement,
    User,
    Variant,
    WeekdayCutoff,
)

PASSWORD = "correct horse battery"


class UserFactory(DjangoModelFactory[User]):
    """A shopper with an account and a proved address; `secret=True` gives her PASSWORD to sign in with."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"ana{n}@example.com")
    name = "Ana Costa"

    @factory.post_generation
    def proved(self, create: bool, extracted: bool | None, **kwargs: object) -> None:
        if create and extracted is not False:
            EmailAddress.objects.create(user=self, email=self.email, verified=True, primary=True)

    @factory.post_generation
    def secret(self, create: bool, extracted: bool | None, **kwargs: object) -> None:
        if create and extracted:
            self.set_password(PASSWORD)
            self.save(update_fields=["password"])


class StaffFactory(UserFactory):
    """Somebody who works here, without any right yet."""

    email = factory.Sequence(lambda n: f"dilini{n}@example.com")
    name = "Dilini Perera"
    is_staff = True


def calendar(
    code: str,
    kind: str = "workshop",
    *,
    time_zone: str = "Europe/Lisbon",
    weekdays: range = range(5),
    opens: time = time(9),
    closes: time = time(18),
    cutoff: time | None = time(14),
) -> BusinessCalendar:
    """A calendar with the same hours on each of `weekdays`."""
    row = BusinessCalendar.objects.filter(code=code).first()
    if row is None:
        row = BusinessCalendar.objects.create(code=code, name=code, kind=kind, time_zone=time_zone)
        open_on([row], weekdays, opens=opens, closes=closes, cutoff=cutoff)
    return row


def open_on(
    rows: list[BusinessCalendar],
    weekdays: range,
    *,
    opens: time = time(9),
    closes: time = time(18),
    cutoff: time | None = None,
) -> None:
    """Give new calendars the same hours on each of `weekdays`."""
    days = [(row, day) for row in rows for day in weekdays]
    OpeningInterval.objects.bulk_create(
        OpeningInterval(calendar=row, weekday=day, opens=opens, closes=closes) for row, day in days
    )
    if cutoff:
        WeekdayCutoff.objects.bulk_create(WeekdayCutoff(calendar=row, weekday=day, cutoff=cutoff) for row, day in days)


class CategoryFactory(DjangoModelFactory[Category]):
    """A shelf."""

    class Meta:
        model = Category
        django_get_or_create = ("slug",)

    name = "Table"
    slug = "table"


class ProductFactory(DjangoModelFactory[Product]):
    """A mug on sale, with one picture."""

    class Meta:
        model = Product
        skip_postgeneration_save = True

    category = factory.SubFactory(CategoryFactory)
    name = factory.Sequence(lambda n: f"Mug {n}")
    slug = factory.Sequence(lambda n: f"mug-{n}")
    summary = "A stoneware mug for slow mornings."
    published = True

    @factory.post_generation
    def picture(self, create: bool, extracted: object, **kwargs: object) -> None:
        if create:
            ProductImage.objects.create(product=self, path="demo/ceramics-mug-sage-1.webp", alt="Sage stoneware mug")


class VariantFactory(DjangoModelFactory[Variant]):
    """One buyable form, with `stock` pieces on the shelf (20 unless told)."""

    class Meta:
        model = Variant
        skip_postgeneration_save = True

    product = factory.SubFactory(ProductFactory)
    sku = factory.Sequence(lambda n: f"MUG-{n}")
    label = "Sage"
    price_minor = 2400
    currency = "EUR"

    @factory.post_generation
    def stock(self, create: bool, extracted: int | None, **kwargs: object) -> None:
        if create:
            put_on_shelf(self, 20 if extracted is None else extracted)


def put_on_shelf(variant: Variant, pieces: int, *, may_be_made: int = 0) -> StockLevel:
    """Give a variant a level with `pieces` on the shelf, as receiving leaves it: written, for most tests ask for it."""
    location, _ = StockLocation.objects.get_or_create(code="studio", defaults={"name": "Studio"})
    level = StockLevel.objects.create(
        variant=variant,
        location=location,
        on_hand=pieces,
        oversell_limit=may_be_made,
        policy=StockLevel.Policy.MADE_TO_ORDER if may_be_made else StockLevel.Policy.DENY,
    )
    if pieces:
        StockMovement.objects.create(
            level=level,
            kind=StockMovement.Kind.RECEIVED,
            on_hand_delta=pieces,
            key=f"seed:{variant.sku}",
            moved_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
    return level
