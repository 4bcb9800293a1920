"""Take a person out of her orders: what the books need stays, everything else is replaced by neutral words.

Source: reliability reference 2.6; Directive 2006/112/EC art. 244 (invoices are kept); GDPR art. 17 (3) b.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from orders.models import (
    ArrivalQuestion,
    Cart,
    Document,
    Order,
    OrderAccess,
    OrderChange,
    OrderNote,
    Payment,
    Redemption,
    RefundGrant,
    SavedAddress,
    StoreCredit,
    StuckParcel,
    Submission,
    TrackingEvent,
    Unavailability,
    Wishlist,
)
from orders.operations.credit import give_up_credit
from orders.queries import personal
from orders.queries.personal import bags_of, credit_of, ids_of, orders_of_person, reviews_of_guest
from shop.operations.personal import REVIEW, fates_of_reviews, photos_of, unname_reviews
from shop.personal import Fate, Keeper, Person, Redact, Section
from shop.rules.personal import ERASED, nobody


def sections(person: Person) -> Iterator[Section]:
    """Return orders and all that hangs on them, and reviews she wrote as a guest."""
    yield from personal.sections(person)
    yield Section("reviews_as_guest", _("Reviews you wrote without an account"), reviews_of_guest(person), REVIEW)


def files(person: Person) -> Iterator[tuple[str, bytes]]:
    """Yield her papers, and the pictures of what she wrote as a guest."""
    yield from personal.files(person)
    yield from photos_of(reviews_of_guest(person))


def fates(person: Person) -> Iterator[Fate]:
    """Say what becomes of it."""
    orders = orders_of_person(person)
    law = _(
        "Numbers, pieces, sums, days and the country stay for ten years, as the law on bookkeeping asks; the rest goes."
    )
    yield Fate(_("Orders"), orders.count(), law)
    papers = Document.objects.filter(order__in=ids_of(person))
    yield Fate(
        _("Invoices and credit notes"), papers.count(), _("They stay as they were issued for ten years, by law.")
    )
    yield Fate(_("Addresses in your address book"), SavedAddress.objects.filter(user_id=person.user_id or 0).count())
    yield Fate(_("Bags"), bags_of(person).count())
    yield Fate(_("Wish lists"), Wishlist.objects.filter(customer_id=person.user_id or 0).count())
    sums = _("Its entries stay in the books without your address.")
    yield Fate(_("Store credit"), credit_of(person).count(), sums)
    yield from fates_of_reviews(reviews_of_guest(person))


def erase(person: Person, redact: Redact, at: datetime) -> None:
    """Replace her in bags, orders and credit.  Bags are locked before orders, orders by id."""
    if person.user_id is not None:
        bags_of(person).delete()
        SavedAddress.objects.filter(user_id=person.user_id).delete()
        Wishlist.objects.filter(customer_id=person.user_id).delete()
    unname_reviews(reviews_of_guest(person), at=at)
    orders = list(Order.objects.filter(pk__in=ids_of(person)).select_for_update(of=("self",)).order_by("id"))
    ids = [order.pk for order in orders]
    Cart.objects.filter(order__in=ids).update(gift_message="", customer=None)
    for order in orders:
        _neutralise(order)
    _erase_around(ids)
    _redact_words(ids, redact)
    for account in credit_of(person):
        _erase_credit(account, at)


def _neutralise(order: Order) -> None:
    order.email, order.full_name, order.street = nobody(f"order-{order.pk}"), ERASED, ERASED
    order.postcode, order.city = ERASED, ERASED
    order.extra = order.region = order.phone = order.courier_note = order.gift_message = ""
    order.home_weekdays, order.home_part_of_day, order.customer = [], "any", None
    order.window_from = order.window_to = None
    order.save(
        update_fields=[
            "email",
            "full_name",
            "street",
            "postcode",
            "city",
            "extra",
            "region",
            "phone",
            "courier_note",
            "gift_message",
            "home_weekdays",
            "home_part_of_day",
            "window_from",
            "window_to",
            "customer",
        ]
    )


def _erase_around(ids: list[int]) -> None:
    OrderAccess.objects.filter(order__in=ids).delete()
    Submission.objects.filter(order__in=ids).update(payment_token="")
    Payment.objects.filter(order__in=ids).update(session_url="")
    OrderChange.objects.filter(order__in=ids).update(session_url="", payment_token="")
    OrderChange.objects.filter(order__in=ids, delivery__isnull=False).update(delivery={})
    ArrivalQuestion.objects.filter(order__in=ids).exclude(words="").update(words=ERASED)
    Unavailability.objects.filter(order__in=ids).exclude(note="").update(note=ERASED)
    StuckParcel.objects.filter(parcel__order__in=ids).exclude(note="").update(note=ERASED)
    RefundGrant.objects.filter(payment__order__in=ids).update(error="")
    for used in Redemption.objects.filter(order__in=ids).order_by("id"):
        Redemption.objects.filter(pk=used.pk).update(customer_key=f"erased-{used.pk}")


def _redact_words(ids: list[int], redact: Redact) -> None:
    scans = TrackingEvent.objects.filter(parcel__order__in=ids).exclude(words="", place="").order_by("id")
    scan_ids = list(scans.values_list("pk", flat=True))
    redact("orders_trackingevent", scan_ids)
    TrackingEvent.objects.filter(pk__in=scan_ids).update(words="", place="")
    notes = OrderNote.objects.filter(order__in=ids).exclude(text=ERASED).order_by("id")
    note_ids = list(notes.values_list("pk", flat=True))
    redact("orders_ordernote", note_ids)
    OrderNote.objects.filter(pk__in=note_ids).update(text=ERASED)


def _erase_credit(account: StoreCredit, at: datetime) -> None:
    give_up_credit(account_id=account.pk, at=at)
    account.codes.all().delete()
    StoreCredit.objects.filter(pk=account.pk).update(email=nobody(f"credit-{account.pk}"))


KEEPER = Keeper(
    "orders.orders",
    models=(
        "orders.order",
        "orders.orderline",
        "orders.orderaccess",
        "orders.orderchange",
        "orders.orderdraft",  # says nothing of her once it is over; an open one holds
        "orders.ordernote",
        "orders.submission",
        "orders.promise",
        "orders.parcel",
        "orders.parcelline",
        "orders.parcelplan",
        "orders.trackingevent",
        "orders.payment",
        "orders.paymentevent",
        "orders.refundgrant",
        "orders.refunditem",
        "orders.document",
        "orders.documentfile",
        "orders.bankline",
        "orders.storecredit",
        "orders.creditentry",
        "orders.creditcode",
        "orders.redemption",
        "orders.arrivalquestion",
        "orders.unavailability",
        "orders.stuckparcel",
        "orders.cart",
        "orders.cartline",
        "orders.cartvoucher",
        "orders.savedaddress",
        "orders.wishlist",
        "orders.wishlistline",
    ),
    sections=sections,
    files=files,
    fates=fates,
    holds=personal.holds,
    losses=personal.losses,
    busy=personal.busy,
    erase=erase,
    comes_back=(("orders_order", "email", "placed_at"),),
)

NOTHING_PERSONAL = (
    "orders.workshop",
    "orders.servicelevel",
    "orders.deliverytable",
    "orders.taxrate",
    "orders.documentseries",
    "orders.incident",
    "orders.incidentversion",
    "orders.incidentnotice",
    "orders.delaycase",
    "orders.promiseoutcome",
    "orders.promotion",
    "orders.voucher",
    "orders.testcardentry",
    "orders.stucklook",
)

BY_LAW = {
    "orders_document": "issued invoices stay as they are for ten years",
    "orders_bankline": "what the bank wrote belongs to the books for ten years",
    "orders_paymentevent": "the ledger belongs to the books for ten years",
    "orders_creditentry": "the entries of an account belong to the books for ten years",
    "orders_refundgrant": "its reason is printed on the credit note",
}
