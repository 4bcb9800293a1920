"""A few believable orders for the demo's desk, made by the very operations that make real ones, at earlier moments.

One to pack, one waiting for its transfer, one packed, two on the way (one late, and told so), some delivered, one of
them by days that were learned of those before, so that the board of promises has something to tell.  They travel with
our own courier, so that the demo courier leaves them where they are.

One more is held up and arrives late once its letter is out: `notifications.operations.seed_late_letter` sends it.

One lies unpacked past its hand-over, and nobody has noticed: the watch of the running shop does, and writes to her, so
that her letter is a letter that was sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid5

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from orders.gateways.payments.test_card import PAYS
from orders.models import Order, Parcel, Payment, Promise, ServiceLevel, Submission
from orders.operations.basket import open_bag, put_in_bag
from orders.operations.delays import note_delay
from orders.operations.packing import pack_parcel
from orders.operations.placing import place_order
from orders.operations.refitting import NothingToLearn, refit_service
from orders.operations.shipping import hand_over_parcel
from orders.operations.tracking import apply_tracking
from orders.queries.bag import bag_lines
from orders.queries.offers import Asked, offer, tax_rates
from orders.queries.promotions import chances_of
from orders.queries.quotes import route_for, timetable
from orders.rules.checkout import CheckoutRequest
from orders.rules.lateness import Progress, Told, assess
from orders.rules.promise import Estimate, Route, estimate
from orders.rules.promotions import customer_key
from orders.rules.tracking import Status
from shop.models import StockLevel

KEYS = UUID("8d0f7a52-6f0e-4f7c-9d54-3c1d2f6f9a11")
_CARRIER = "own"
MISSED = "missed"  # the story that arrives late, once her letter is out (`notifications` sends it)
_LOOK_BACK_DAYS = 60
_HELD_AFTER = timedelta(hours=16)  # after the hand-over the courier says that it waits
_DAYS_LATE = 2
_BEFORE_IT_BREAKS = timedelta(hours=14)  # so long a promise still holds at least when she is told of a later day


@dataclass(frozen=True)
class _Person:
    name: str
    street: str
    postcode: str
    city: str
    country: str

    @property
    def locale(self) -> str:
        return "de" if self.country in {"DE", "AT"} else "en"

    @property
    def email(self) -> str:
        return f"{self.name.split()[0].lower()}@example.com"


@dataclass(frozen=True)
class _Story:
    """One order: how far it comes, and how many working days before now it was placed at the latest."""

    key: str
    person: _Person
    pieces: int
    goal: str
    working_days_ago: int = 0
    by_learned_days: bool = False


_STORIES = (
    _Story("d1", _Person("Marta Sousa", "Rua do Almada 41", "4050-036", "Porto", "PT"), 2, "delivered", 16),
    _Story("d2", _Person("Jonas Weber", "Lindenweg 8", "50667", "Köln", "DE"), 1, "delivered", 14),
    _Story("d3", _Person("Aoife Byrne", "3 Quay Street", "D02 XY45", "Dublin", "IE"), 1, "delivered", 11),
    _Story(MISSED, _Person("Duarte Neves", "Rua do Souto 15", "4700-329", "Braga", "PT"), 1, "arrived-late"),
    _Story("d4", _Person("Joana Reis", "Rua da Sofia 90", "3000-389", "Coimbra", "PT"), 1, "delivered", 4, True),
    _Story("late", _Person("Claire Martin", "12 rue des Lilas", "69003", "Lyon", "FR"), 1, "late"),
    _Story("way", _Person("Lukas Gruber", "Hauptplatz 5", "8010", "Graz", "AT"), 2, "on-the-way"),
    _Story("packed", _Person("Rui Pinto", "Avenida da Liberdade 210", "1250-147", "Lisboa", "PT"), 1, "packed"),
    _Story("unpaid", _Person("Hanna Vogel", "Am Markt 2", "28195", "Bremen", "DE"), 1, "unpaid"),
    _Story("pack", _Person("Teresa Lima", "Rua Direita 7", "3500-115", "Viseu", "PT"), 2, "to-pack"),
    _Story("slow", _Person("Niamh Doyle", "8 Shop Street", "H91 X2Y3", "Galway", "IE"), 1, "unnoticed"),
)


def seed_history(at: datetime) -> str:
    """Place the stories that are missing and bring each to where it should be.  Needs the pretend bank."""
    if not settings.TEST_CARD:
        return "left out: the pretend bank is off"
    shelf = on_the_shelf()
    for number, story in enumerate(_STORIES):
        if shelf and not Submission.objects.filter(key=uuid5(KEYS, story.key)).exists():
            _tell(story, shelf[number * 5 % len(shelf)], at)
    return f"{Order.objects.count()} orders"


def on_the_shelf() -> list[int]:
    """Return variants of which some are left, spread over the catalogue."""
    rows = StockLevel.objects.filter(
        on_hand__gte=F("allocated") + 4, policy=StockLevel.Policy.DENY, variant__product__published=True
    )
    return list(rows.order_by("variant__product__position", "variant_id", "id").values_list("variant_id", flat=True))


def _tell(story: _Story, variant_id: int, at: datetime) -> None:
    service = _service(story.person.country)
    placed_at = _placed_at(story, service, at)
    if story.by_learned_days:
        with suppress(NothingToLearn):
            refit_service(service_id=service.pk, at=placed_at)
    order = _place(story, service, variant_id, placed_at)
    if story.goal in {"to-pack", "unpaid", "unnoticed"}:
        return
    promise = order.promises.get(version=1)
    parcel = Parcel.objects.get(order=order)
    pack_parcel(parcel_id=parcel.pk, by=None, at=_packed_at(promise))
    if story.goal != "packed":
        _send(story, order, parcel, promise, at)


def _service(country: str) -> ServiceLevel:
    rows = ServiceLevel.objects.filter(country=country, active=True, kind=ServiceLevel.Kind.COURIER)
    selected = rows.select_related("workshop__calendar", "carrier_calendar", "destination_calendar")
    return selected.order_by("price_minor", "position", "id")[0]


def _placed_at(story: _Story, service: ServiceLevel, at: datetime) -> datetime:
    """Return the latest morning from which the story ends where it should, on the calendars of today."""
    if story.goal in {"to-pack", "unpaid"}:
        return at - timedelta(minutes=50)
    route = route_for(service)
    day = route.workshop.subtract(route.workshop.local_day(at), story.working_days_ago)
    for back in range(_LOOK_BACK_DAYS):
        morning = _moment(datetime.combine(day - timedelta(days=back), time(10, 10)))
        if morning < at and _fits(story.goal, estimate(placed_at=morning, route=route), route, at):
            return morning
    return at - timedelta(minutes=50)


def _fits(goal: str, plan: Estimate, route: Route, at: datetime) -> bool:
    if goal == "unnoticed":
        return at < plan.breaks_at - _BEFORE_IT_BREAKS and _is_late(plan, route, at)
    packed_at = plan.pack_by_at - timedelta(hours=1)
    handed_over_at = plan.hand_over_by_at - timedelta(hours=2)
    if goal == "packed":
        return packed_at < at < plan.hand_over_by_at
    if goal == "delivered":
        return plan.breaks_at < at
    if goal == "arrived-late":
        return handed_over_at + _HELD_AFTER < plan.breaks_at - _BEFORE_IT_BREAKS and _later(plan, route) < at
    held_at = handed_over_at + _HELD_AFTER
    return held_at < at < plan.breaks_at - _BEFORE_IT_BREAKS


def _is_late(plan: Estimate, route: Route, at: datetime) -> bool:
    """Tell what the watch will say of an order nobody has packed."""
    told = Told(plan.deliver_by_on, plan.pack_by_at, plan.hand_over_by_at, plan.breaks_at)
    return assess(told=told, progress=Progress(), route=route, at=at).late


def _later(plan: Estimate | Promise, route: Route) -> datetime:
    """Return the moment at which what is late arrives: two days somebody drives and receives after the promised one."""
    day, left = plan.deliver_by_on, _DAYS_LATE
    while left:
        day += timedelta(days=1)
        left -= route.carrier.is_open(day) and route.destination.is_open(day)
    return _moment(datetime.combine(day, time(15, 20)))


def _packed_at(promise: Promise) -> datetime:
    return promise.pack_by_at - timedelta(hours=1)


def _place(story: _Story, service: ServiceLevel, variant_id: int, at: datetime) -> Order:
    cart, _token = open_bag(at=at)
    put_in_bag(cart_id=cart.pk, variant_id=variant_id, quantity=story.pieces, at=at)
    unpaid = story.goal == "unpaid"
    provider = Payment.Provider.BANK_TRANSFER if unpaid else Payment.Provider.TEST_CARD
    person = story.person
    table = timetable(person.country, at=at)
    rates = tax_rates(person.country, on=timezone.localdate(at))
    chances = chances_of(cart, customer_key=customer_key(person.email), at=at)  # a story may be new to an older demo
    asked = Asked(chances=tuple(chances))
    found = offer(table=table, service=service, provider=provider, lines=bag_lines(cart), rates=rates, asked=asked)
    request = CheckoutRequest(
        email=person.email,
        full_name=person.name,
        street=person.street,
        postcode=person.postcode,
        city=person.city,
        country=person.country,
        service_code=service.code,
        provider=provider,
        payment_token="" if unpaid else PAYS,
        locale=person.locale,
    )
    key = uuid5(KEYS, story.key)
    return place_order(key=key, cart_id=cart.pk, request=request, shown=found.as_shown(), at=at)


def _send(story: _Story, order: Order, parcel: Parcel, promise: Promise, at: datetime) -> None:
    handed_over_at = promise.hand_over_by_at - timedelta(hours=2)
    number = f"HT-{order.number[-4:]}-{parcel.pk}"
    hand_over_parcel(parcel_id=parcel.pk, carrier=_CARRIER, tracking_number=number, by=None, at=handed_over_at)
    _scan(parcel, Status.ACCEPTED, handed_over_at + timedelta(minutes=30), place="Porto")
    _scan(parcel, Status.IN_TRANSIT, handed_over_at + timedelta(hours=6), place="Porto")
    if story.goal == "delivered":
        door_at = _moment(datetime.combine(promise.deliver_by_on, time(11, 40)))
        _scan(parcel, Status.OUT_FOR_DELIVERY, door_at - timedelta(hours=4), place=order.city)
        _scan(parcel, Status.DELIVERED, door_at, place=order.city)
    elif story.goal == "late":
        _hold(order, parcel, promise.deliver_by_on + timedelta(days=2), handed_over_at + _HELD_AFTER, at)
    elif story.goal == "arrived-late":
        door_at = _later(promise, route_for(order.service))
        _hold(order, parcel, timezone.localdate(door_at), handed_over_at + _HELD_AFTER, door_at - timedelta(days=1))
    else:
        for moment in _scans_until(handed_over_at + _HELD_AFTER, at):
            _scan(parcel, Status.IN_TRANSIT, moment, place="Salamanca")


def late_order() -> Order | None:
    """Return the order that is to arrive late and has not yet, None without one."""
    claimed = Submission.objects.filter(key=uuid5(KEYS, MISSED)).values("order_id")
    return Order.objects.filter(pk__in=claimed, delivered_at=None).order_by("pk").first()


def arrive_late(order: Order) -> None:
    """Let it arrive, on the day it was told last; call when the letter is out."""
    parcel = Parcel.objects.get(order=order)
    door_at = _later(order.promises.get(version=1), route_for(order.service))
    _scan(parcel, Status.OUT_FOR_DELIVERY, door_at - timedelta(hours=7), place=order.city)
    _scan(parcel, Status.DELIVERED, door_at, place=order.city)


def _hold(order: Order, parcel: Parcel, later_on: date, held_at: datetime, until: datetime) -> None:
    """Let the courier say each day that it waits and when it comes, and the watch note it at the first word."""
    for moment in _scans_until(held_at, until):
        _scan(parcel, Status.HELD, moment, reason="weather", eta_on=later_on, place="Burgos")
    note_delay(order_id=order.pk, at=held_at)


def _scans_until(first: datetime, at: datetime) -> Sequence[datetime]:
    """Return one moment a day from `first` on, all in the past."""
    return [first + timedelta(days=day) for day in range(_LOOK_BACK_DAYS) if first + timedelta(days=day) < at]


def _scan(parcel: Parcel, status: Status, at: datetime, **more: object) -> None:
    ident = f"history-{parcel.tracking_number or parcel.pk}-{status}-{at:%m%d%H%M}"
    apply_tracking(
        parcel_id=parcel.pk,
        provider=_CARRIER,
        external_id=ident,
        status=status,
        occurred_at=at,
        at=at,
        **more,
    )


def _moment(local: datetime) -> datetime:
    """Return a time of day on the studio's clock as a moment."""
    return timezone.make_aware(local)
