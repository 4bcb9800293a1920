"""What the shop itself keeps about a person: account, reviews, votes, alerts, requests; inbound bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast, Lower
from django.utils.translation import gettext_lazy as _

from shop.gateways import pictures
from shop.models import (
    AccountLetter,
    DataFile,
    DataRequest,
    Event,
    EventDelivery,
    FitKnowledge,
    FitVote,
    Review,
    ReviewPhoto,
    SizeProfile,
    StockAlert,
    User,
)
from shop.operations.voices import lock_voices, product_of, recount
from shop.personal import Fate, Keeper, Person, Redact, Section
from shop.rules.personal import ERASED, mention_of


def of_address(rows: QuerySet[Any], person: Person, column: str = "email") -> QuerySet[Any]:
    """Return the rows whose address is one she proved, whatever its case."""
    found: QuerySet[Any] = rows.annotate(_address=Lower(column)).filter(_address__in=person.addresses)
    return found


def sections(person: Person) -> Iterator[Section]:
    """Return account, sign-in addresses, reviews, votes and alerts."""
    yield Section(
        "account",
        _("Your account"),
        User.objects.filter(pk=person.user_id or 0).order_by("id"),
        ("email", "name", "language", "birthday_on", "birthday_agreed_at", "joined_at", "last_login"),
    )
    yield Section(
        "addresses_you_sign_in_with",
        _("Addresses you sign in with"),
        EmailAddress.objects.filter(user_id=person.user_id, verified=True).order_by("id"),
        ("email", "verified", "primary"),
    )
    yield Section(
        "reviews", _("Your reviews"), Review.objects.filter(customer_id=person.user_id or 0).order_by("id"), REVIEW
    )
    yield Section(
        "fit_votes",
        _("What you said about sizes"),
        FitVote.objects.filter(customer_id=person.user_id or 0).select_related("variant__product").order_by("id"),
        ("variant__product__name", "variant__label", "verdict", "area", "facts", "ordered_on", "voted_at"),
    )
    yield Section(
        "fit_knowledge",
        _("What we learned about your size"),
        FitKnowledge.objects.filter(customer_id=person.user_id or 0).order_by("id"),
        ("known",),
    )
    yield Section(
        "own_size",
        _("Your sizes"),
        SizeProfile.objects.filter(user_id=person.user_id or 0).order_by("id"),
        ("measures", "usual", "changed_at"),
    )
    yield Section(
        "alerts",
        _("Pieces you wait for"),
        of_address(StockAlert.objects.select_related("variant__product"), person).order_by("id"),
        ("variant__product__name", "variant__label", "asked_at", "confirmed_at", "told_at"),
    )
    yield Section(
        "requests",
        _("What you asked about your data"),
        DataRequest.objects.filter(email__in=person.addresses).order_by("id"),
        ("kind", "state", "asked_at", "answer_by_on", "done_at"),
    )


REVIEW = (
    "order_number",
    "stars",
    "title",
    "text",
    "author",
    "size",
    "usual_size",
    "height_band",
    "verdict",
    "area",
    "written_at",
    "status",
    "decline_words",
    "answer",
)


def photos_of(reviews: QuerySet[Review]) -> Iterator[tuple[str, bytes]]:
    """Yield the pictures of these reviews with their path in a copy."""
    for photo in ReviewPhoto.objects.filter(review__in=reviews).order_by("review_id", "position", "id"):
        yield f"photos/review-{photo.review_id}-{photo.position + 1}.webp", pictures.read(photo.name, small=False)


def files(person: Person) -> Iterator[tuple[str, bytes]]:
    """Yield the pictures of her reviews."""
    if person.user_id is not None:
        yield from photos_of(Review.objects.filter(customer_id=person.user_id))


def fates(person: Person) -> Iterator[Fate]:
    """Say what becomes of it."""
    hers = Review.objects.filter(customer_id=person.user_id or 0)
    yield Fate(_("Your account, and how you sign in"), User.objects.filter(pk=person.user_id or 0).count())
    yield Fate(_("Pieces you wait for"), of_address(StockAlert.objects.all(), person).count())
    yield Fate(
        _("What we learned about your size"), FitKnowledge.objects.filter(customer_id=person.user_id or 0).count()
    )
    yield Fate(_("Your sizes"), SizeProfile.objects.filter(user_id=person.user_id or 0).count())
    yield from fates_of_reviews(hers)


def fates_of_reviews(reviews: QuerySet[Review]) -> Iterator[Fate]:
    """Say what becomes of these reviews."""
    public = reviews.filter(status=Review.Status.PUBLISHED)
    yield Fate(_("Reviews nobody else reads"), reviews.exclude(status=Review.Status.PUBLISHED).count())
    yield Fate(_("Photos in reviews"), ReviewPhoto.objects.filter(review__in=public).count())
    stays = _("Stars and text stay for those who choose a size; your name goes.")
    yield Fate(_("Published reviews"), public.count(), stays)


def busy(person: Person) -> bool:
    """Tell whether news of her account, or a letter to her, waits to be written."""
    letters = of_address(AccountLetter.objects.all(), person)
    about = Q(event__customer_id=person.user_id or 0) | Q(
        event__subject__in=[f"shop.accountletter:{pk}" for pk in letters.values_list("pk", flat=True)]
    )
    return EventDelivery.objects.filter(about, state=EventDelivery.State.DUE).exists()


def erase(person: Person, redact: Redact, at: datetime) -> None:
    """Erase it all; the account last, which takes sign-in addresses, second factor and size with it."""
    if person.user_id is not None:
        unname_reviews(Review.objects.filter(customer_id=person.user_id), at=at)
        FitVote.objects.filter(customer_id=person.user_id).exclude(facts={}).update(facts={})
    # Stopped and not deleted: news of them may be on its way, and ends there; the rows go a month later.
    of_address(StockAlert.objects.all(), person).update(email="", stopped_at=at)
    of_address(AccountLetter.objects.all(), person).delete()
    _forget_requests(person)
    for mention in map(mention_of, person.addresses):
        EventDelivery.objects.filter(error__iregex=mention).update(error=ERASED)
        LogEntry.objects.filter(object_repr__iregex=mention).update(object_repr=ERASED)
        empty_inbound(mention)
        events = Event.objects.annotate(_said=Cast("payload", TextField()))
        redact_events(events.filter(_said__iregex=mention), redact)
    if person.user_id is not None:
        people = ContentType.objects.get_for_model(User)
        LogEntry.objects.filter(content_type=people, object_id=str(person.user_id)).update(object_repr=ERASED)
        User.objects.filter(pk=person.user_id, is_staff=False).delete()


def _forget_requests(person: Person) -> None:
    """Empty her other requests; the one that erases empties itself when it is done."""
    others = DataRequest.objects.filter(email__in=person.addresses).exclude(kind="erasure", state="due")
    DataFile.objects.filter(request__in=others).delete()
    others.filter(state__in=["asked", "due", "ready"]).update(state=DataRequest.State.LAPSED, token_hash=None)
    others.update(email="", addresses=[])


def unname_reviews(reviews: QuerySet[Review], *, at: datetime) -> None:
    """Take the name and the pictures out of published reviews, and throw the others away.  Call in a transaction."""
    rows = list(reviews.select_for_update(of=("self",)).order_by("id"))
    photos = list(ReviewPhoto.objects.filter(review__in=rows).order_by("id"))
    for row in rows:
        if row.status != Review.Status.PUBLISHED:
            row.delete()
    ReviewPhoto.objects.filter(pk__in=[photo.pk for photo in photos]).delete()
    Review.objects.filter(pk__in=[row.pk for row in rows if row.pk]).update(author="", customer=None)
    for product_id in sorted({product_of(row.variant_id) for row in rows}):
        recount(lock_voices(product_id, at=at), at=at)
    for photo in photos:
        transaction.on_commit(lambda name=photo.name: pictures.forget(name), robust=True)  # type: ignore[misc]


def redact_events(events: QuerySet[Event], redact: Redact) -> None:
    """Take the words out of these events' details, with leave; ids and moments stay."""
    rows = list(events.order_by("id"))
    redact("shop_event", [row.pk for row in rows])
    for row in rows:
        Event.objects.filter(pk=row.pk).update(payload={key: _wordless(said) for key, said in row.payload.items()})


def _wordless(said: Any) -> Any:
    return ERASED if isinstance(said, str) and ("@" in said or " " in said) else said


def empty_inbound(mention: str, ids: Iterable[int] = ()) -> None:
    """Throw away the bytes of what came in and mentions somebody (`mention_of`), or has one of `ids`, once it was read.

    One pass over the table: nobody looks for bytes otherwise.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE shop_inbound SET raw = '', headers = '{}', error = CASE error WHEN '' THEN '' ELSE %(erased)s END"
            " WHERE state <> 'received' AND (id = ANY(%(ids)s) OR %(mention)s <> '' AND ("
            " lower(encode(raw, 'escape')) ~ %(mention)s"
            " OR lower(headers::text || error) ~ %(mention)s))",
            {"mention": mention, "ids": list(ids), "erased": ERASED},
        )


KEEPER = Keeper(
    "shop.account",
    models=(
        "shop.user",
        "shop.accountletter",
        "shop.stockalert",
        "shop.review",
        "shop.reviewphoto",
        "shop.voices",
        "shop.fitvote",
        "shop.fitknowledge",
        "shop.sizeprofile",
        "shop.event",
        "shop.eventdelivery",
        "shop.inbound",
        "shop.datarequest",
        "shop.datafile",
        "shop.forgottenaddress",
        "shop.redaction",
    ),
    sections=sections,
    files=files,
    fates=fates,
    busy=busy,
    erase=erase,
    comes_back=(
        ("shop_user", "email", "joined_at"),
        ("shop_stockalert", "email", "asked_at"),
        ("shop_accountletter", "email", "asked_at"),
        ("shop_datarequest", "email", "asked_at"),
    ),
)

NOTHING_PERSONAL = (
    "shop.formeraddress",
    "shop.businesscalendar",
    "shop.openinginterval",
    "shop.weekdaycutoff",
    "shop.calendarexception",
    "shop.calendarversion",
    "shop.category",
    "shop.optiontype",
    "shop.optionvalue",
    "shop.sizeguide",
    "shop.sizeguiderow",
    "shop.measurementdefinition",
    "shop.material",
    "shop.product",
    "shop.productimage",
    "shop.uploadedpicture",
    "shop.variant",
    "shop.variantmeasurement",
    "shop.sizename",
    "shop.fibreshare",
    "shop.photomodel",  # people who lend us their looks, by agreement with them
    "shop.pairing",
    "shop.listing",
    "shop.listingdue",
    "shop.searchword",
    "shop.tally",
    "shop.heartbeat",
    "shop.ratelimit",  # whoever it counts is hashed, and forgotten after a day
    "shop.stocklocation",
    "shop.stocklevel",
    "shop.lowstock",
    "shop.stockmovement",
    "shop.stockreservation",
    "shop.stockarrival",
    "shop.stockcount",
    "shop.stockcountline",
    "shop.fitalarm",
    "shop.priceinterval",
    "shop.reduction",
    "shop.reducedprice",
)
