"""Which orders are a person's, and what a copy of her data shows of them.

Hers are the orders of her account, and those a guest placed with an address she proved; never those of another account,
whatever address stands on them.  Source: reliability reference 2.6, S1, S16.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from orders.models import (
    ArrivalQuestion,
    Cart,
    CartLine,
    CreditEntry,
    Document,
    DocumentFile,
    Order,
    OrderChange,
    OrderDraft,
    OrderLine,
    Parcel,
    Payment,
    PaymentEvent,
    Promise,
    Redemption,
    RefundGrant,
    SavedAddress,
    StoreCredit,
    TrackingEvent,
    WishlistLine,
)
from shop.models import Event, EventDelivery, Review
from shop.personal import Person, Section, Words
from shop.rules.money import Money
from shop.rules.wording import money

ADDRESS = ("full_name", "street", "extra", "postcode", "city", "region", "country", "phone")
OPEN_REFUNDS = ("asked", "granted", "by_hand", "failed", "disputed")


def orders_of_person(person: Person) -> QuerySet[Order]:
    """Return her orders, oldest first."""
    hers = Q(customer=None, _address__in=person.addresses)
    if person.user_id is not None:
        hers |= Q(customer_id=person.user_id)
    return Order.objects.annotate(_address=Lower("email")).filter(hers).order_by("id")


def ids_of(person: Person) -> list[int]:
    """Return the ids of her orders.  One query."""
    return list(orders_of_person(person).values_list("pk", flat=True))


def numbers_of(person: Person) -> list[str]:
    """Return the numbers of her orders.  One query."""
    return list(orders_of_person(person).values_list("number", flat=True))


def credit_of(person: Person) -> QuerySet[StoreCredit]:
    """Return her store credit accounts."""
    return StoreCredit.objects.filter(email__in=person.addresses).order_by("id")


def bags_of(person: Person) -> QuerySet[Cart]:
    """Return the bags of her account that have not become an order."""
    return Cart.objects.filter(customer_id=person.user_id or 0, order=None).order_by("id")


def reviews_of_guest(person: Person) -> QuerySet[Review]:
    """Return what was written about her orders without an account."""
    return Review.objects.filter(customer=None, order_number__in=numbers_of(person)).order_by("id")


def holds(person: Person) -> Iterator[Words]:
    """Say which orders and refunds have to be settled first.  Four queries."""
    ids = ids_of(person)
    mine = Order.objects.filter(pk__in=ids).order_by("id")
    for order in mine.filter(status__in=[Order.Status.PLACING, Order.Status.PLACED]):
        if order.delivered_at is None:
            yield gettext("Order %(number)s has not arrived yet.") % {"number": order.number}
        elif order.payment_status in {Order.Paid.PENDING, Order.Paid.ON_DELIVERY}:
            yield gettext("Order %(number)s is not paid yet.") % {"number": order.number}
    drafts = OrderDraft.objects.annotate(_address=Lower("email")).filter(state=OrderDraft.State.OPEN)
    if drafts.filter(_address__in=person.addresses).exists():
        yield gettext("We hold an order for you that was put together on the phone.")
    grants = RefundGrant.objects.filter(payment__order__in=ids, state__in=OPEN_REFUNDS)
    for number in grants.order_by("id").values_list("payment__order__number", flat=True):
        yield gettext("Money for order %(number)s is on its way back to you.") % {"number": number}


def losses(person: Person) -> Iterator[Words]:
    """Say what store credit she gives up.  One query."""
    for account in credit_of(person).filter(balance_minor__gt=0):
        sum_left = money(Money(account.balance_minor, account.currency), get_language() or "en")
        yield gettext("Your store credit of %(sum)s ends.") % {"sum": sum_left}


def busy(person: Person) -> bool:
    """Tell whether news of one of her orders waits for somebody who listens.  Two queries."""
    news = Event.objects.filter(order_number__in=numbers_of(person))
    return EventDelivery.objects.filter(event__in=news, state=EventDelivery.State.DUE).exists()


def sections(person: Person) -> Iterator[Section]:
    """Return her orders and all that hangs on them; nothing of how a card was charged."""
    ids = ids_of(person)
    own = person.user_id or 0
    yield Section("orders", _("Your orders"), Order.objects.filter(pk__in=ids).order_by("id"), ORDER)
    yield Section(
        "order_lines",
        _("What you ordered"),
        OrderLine.objects.filter(order__in=ids).select_related("order").order_by("id"),
        ("order__number", "title", "options_label", "sku", "quantity", "unit_minor", "measurements"),
        "order__currency",
    )
    yield Section(
        "promises",
        _("What we promised"),
        Promise.objects.filter(order__in=ids).select_related("order").order_by("id"),
        ("order__number", "version", "deliver_from_on", "deliver_by_on", "reason", "made_at", "told_at"),
    )
    yield Section(
        "parcels",
        _("Your parcels"),
        Parcel.objects.filter(order__in=ids).select_related("order").order_by("id"),
        (
            "order__number",
            "number",
            "status",
            "carrier",
            "tracking_number",
            "handed_over_at",
            "delivered_at",
            "came_back_at",
        ),
    )
    yield Section(
        "scans",
        _("What couriers told us"),
        TrackingEvent.objects.filter(parcel__order__in=ids).select_related("parcel__order").order_by("id"),
        ("parcel__order__number", "status", "place", "words", "occurred_at"),
    )
    yield from _money(ids, person)
    yield Section(
        "arrivals",
        _("What you said about arrivals"),
        ArrivalQuestion.objects.filter(order__in=ids).select_related("order").order_by("id"),
        ("order__number", "state", "what", "words", "asked_at", "answered_at"),
    )
    yield Section(
        "changes",
        _("Changes of your orders"),
        OrderChange.objects.filter(order__in=ids).select_related("order").order_by("id"),
        ("order__number", "state", "before", "after", "staged_at", "settled_at"),
    )
    yield Section(
        "saved_addresses",
        _("Your address book"),
        SavedAddress.objects.filter(user_id=own).order_by("id"),
        (*ADDRESS, "is_default", "kept_at"),
    )
    yield Section(
        "bag",
        _("In your bag"),
        CartLine.objects.filter(cart__in=bags_of(person)).select_related("variant__product").order_by("id"),
        ("variant__product__name", "variant__label", "quantity", "added_at", "saved_at"),
    )
    yield Section(
        "wish_list",
        _("On your wish list"),
        WishlistLine.objects.filter(wishlist__customer_id=own).select_related("product", "variant").order_by("id"),
        ("product__name", "variant__label", "added_at"),
    )


def _money(ids: list[int], person: Person) -> Iterator[Section]:
    yield Section(
        "payments",
        _("How you paid"),
        Payment.objects.filter(order__in=ids).select_related("order").order_by("id"),
        ("order__number", "provider", "due_minor", "captured_minor", "refunded_minor", "credit_minor"),
    )
    yield Section(
        "payment_events",
        _("Money received and sent back"),
        PaymentEvent.objects.filter(payment__order__in=ids).select_related("payment__order").order_by("id"),
        ("payment__order__number", "kind", "phase", "amount_minor", "happened_at"),
        "payment__currency",
    )
    yield Section(
        "refunds",
        _("Refunds"),
        RefundGrant.objects.filter(payment__order__in=ids).select_related("payment__order").order_by("id"),
        ("payment__order__number", "amount_minor", "reason", "state", "granted_at", "sent_at"),
        "payment__currency",
    )
    yield Section(
        "documents",
        _("Invoices and credit notes"),
        Document.objects.filter(order__in=ids).select_related("order").order_by("id"),
        ("order__number", "kind", "number", "total_minor", "tax_minor", "issued_on", "content"),
    )
    yield Section(
        "promotions",
        _("Offers you used"),
        Redemption.objects.filter(order__in=ids).select_related("order").order_by("id"),
        ("order__number", "name", "saved_minor", "made_at", "released_at"),
        "order__currency",
    )
    yield Section(
        "store_credit",
        _("Your store credit"),
        CreditEntry.objects.filter(account__in=credit_of(person)).select_related("account").order_by("id"),
        ("kind", "amount_minor", "reason", "expires_on", "happened_at"),
        "account__currency",
    )


ORDER = (
    "number",
    "status",
    "payment_status",
    "email",
    *ADDRESS,
    "home_weekdays",
    "home_part_of_day",
    "window_from",
    "window_to",
    "courier_note",
    "gift_message",
    "goods_minor",
    "delivery_minor",
    "tax_minor",
    "total_minor",
    "locale",
    "placed_at",
    "delivered_at",
    "cancelled_at",
)


def files(person: Person) -> Iterator[tuple[str, bytes]]:
    """Yield the PDFs of her invoices and credit notes.  One query."""
    papers = DocumentFile.objects.filter(document__order__in=ids_of(person)).select_related("document")
    for paper in papers.order_by("document_id"):
        yield f"documents/{paper.document.number}.pdf", bytes(paper.pdf)
