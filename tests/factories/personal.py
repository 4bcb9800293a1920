"""Somebody about whom the shop knows something in every corner, and a stranger with nearly her address."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from notifications.models import (
    Campaign,
    CampaignRecipient,
    CustomerGroup,
    Greeting,
    Message,
    NewsConsent,
    Reader,
    Suppression,
    Wish,
)
from orders.models import (
    ArrivalQuestion,
    Cart,
    CartLine,
    Order,
    OrderNote,
    Parcel,
    StoreCredit,
    TrackingEvent,
    Wishlist,
    WishlistLine,
)
from orders.operations.access import issue_link
from orders.operations.credit import give_credit
from orders.operations.documents import issue_what_is_due, make_documents
from orders.operations.statuses import recompute_statuses
from returns.operations.declaring import settle_withdrawal
from shop.models import Event, Inbound, Product, Review, StockAlert, User
from shop.operations.own_size import keep_own_size
from shop.operations.reviews import publish_review
from support.models import Message as Utterance
from support.operations.handling import close, waive_answer
from support.operations.questions import open_question
from tests.factories.notifications import queued, return_case, told
from tests.factories.orders import placed_order, saved_address
from tests.factories.questions import a_published_question, asked_about
from tests.factories.returns import withdrawn
from tests.factories.shop import StaffFactory, UserFactory
from tests.factories.support import asked
from tests.factories.voices import a_photo, a_vote, written


@dataclass
class Somebody:
    """A person and her rows."""

    user: User
    order: Order
    review: Review
    unread: Review
    credit: StoreCredit
    question: Utterance


def settled_order(*, at: datetime, **fields: object) -> Order:
    """An order that arrived and is paid: nothing of it is open."""
    order = placed_order(at=at, **fields)  # type: ignore[arg-type]
    for line in order.lines.all():
        line.qty_handed_over = line.qty_delivered = line.quantity
        line.save()
    order.parcels.update(
        status=Parcel.Status.DELIVERED, delivered_at=at, handed_over_at=at, packed_at=at, carrier="Demo Post",
        tracking_number=f"DP{order.pk}",
    )  # fmt: skip
    recompute_statuses(order)
    Order.objects.filter(pk=order.pk).update(
        delivered_at=at, fulfilment_status="delivered", courier_note="Ring Costa", gift_message="For Ana", extra="Left"
    )
    order.refresh_from_db()
    return order


def somebody(
    *, at: datetime, email: str = "ana@example.com", name: str = "Ana Costa", number: str = "KP-1"
) -> Somebody:
    """A customer with an order that is settled, and everything else a customer may leave behind."""
    user = UserFactory(email=email, name=name)
    order = settled_order(at=at, number=number, email=email.upper(), customer=user)
    Order.objects.filter(pk=order.pk).update(full_name=name)
    order.full_name = name
    _around(order, user, at)
    boss = StaffFactory()
    review = written(at=at, customer=user, order_number=number, author=name)
    a_photo(review)
    publish_review(review_id=review.pk, by=boss, at=at)
    unread = written(at=at, customer=user, order_number=number, author=name, text=f"Write to {email}")
    a_vote(at=at, customer=user, facts={"height": 1720})
    saved_address(user, at=at, full_name=name)
    keep_own_size(user_id=user.pk, measures={"body-chest": 960}, usual={"tee": "M"}, at=at)
    StockAlert.objects.create(variant=review.variant, email=email, locale="en", asked_at=at, confirmed_at=at)
    give_credit(email=email, amount_minor=1200, currency="EUR", reason="Sorry", key=number, by=None, at=at)
    question = _conversation(order, user, boss, at)
    _questions(review.variant.product, user, boss, at)
    _messages(order, email, at)
    return Somebody(user, order, review, unread, StoreCredit.objects.get(email=email), question)


def _around(order: Order, user: User, at: datetime) -> None:
    cart = Cart.objects.create(token_hash=uuid.uuid4().hex, customer=user, touched_at=at, gift_message=user.email)
    variant = order.lines.all()[0].variant
    CartLine.objects.create(cart=cart, variant=variant, quantity=1, shown_price_minor=1, added_at=at)
    wishes = Wishlist.objects.create(customer=user, touched_at=at)
    WishlistLine.objects.create(wishlist=wishes, product=variant.product, variant=variant, added_at=at)
    issue_link(order=order, at=at)
    issue_what_is_due(order_id=order.pk, at=at)
    make_documents(at)
    ArrivalQuestion.objects.create(
        order=order, state="not_quite", what="other", words=f"Call {user.email}", ask_at=at, answered_at=at, asked_at=at
    )
    TrackingEvent.objects.create(
        parcel=order.parcels.all()[0], provider="demo", external_id=uuid.uuid4().hex, status="delivered",
        occurred_at=at, words=f"signed by {user.name}", place="Porto",
    )  # fmt: skip
    OrderNote.objects.create(order=order, text=f"{user.email} rang", author_name="Rui", key=uuid.uuid4(), written_at=at)
    return_case(order, at=at, status="settled")
    for email, number in ((user.email, order.number), (user.email.upper(), "KP-UNKNOWN")):
        row = withdrawn(order, at=at, order_number=number, email=email, name=user.name, pieces=f"what {user.email} has")
        settle_withdrawal(withdrawal_id=row.pk, by=StaffFactory(), at=at)


def _conversation(order: Order, user: User, boss: User, at: datetime) -> Utterance:
    said = asked(at=at, email=user.email, name=user.name, order=order, text=f"I am {user.name}, {user.email}")
    waive_answer(conversation_id=said.conversation_id, reason=f"{user.email} rang", by=boss, at=at)
    close(conversation_id=said.conversation_id, by=boss, at=at)
    raw = Inbound.objects.create(
        source="tests", source_key=user.email.replace("@", "-at-"), raw=f"From: {user.email.upper()}\n\nHello".encode(),
        headers={"from": user.email}, state="processed", settled_at=at,
    )  # fmt: skip
    Utterance.objects.filter(pk=said.pk).update(
        raw=raw, author_address=user.email, external_id=f"<1.{user.pk}@x.example>"
    )
    said.refresh_from_db()
    return said


def _questions(product: Product, user: User, boss: User, at: datetime) -> None:
    said = f"I am {user.name}, {user.email}. Is it warm?"
    mine = {"at": at, "email": user.email.upper(), "name": user.name, "text": said}
    for row in (asked_about(product, **mine), a_published_question(product=product, **mine)):
        row.refresh_from_db()
        conversation = open_question(question=row, at=at)
        waive_answer(conversation_id=conversation.pk, reason="She rang", by=boss, at=at)
        close(conversation_id=conversation.pk, by=boss, at=at)


def _messages(order: Order, email: str, at: datetime) -> None:
    sent = queued(told(order, "orders.order.delivered", at=at), recipient=email, recipient_name=order.full_name)
    Message.objects.filter(pk=sent.pk).update(state="sent", sent_at=at, text=f"Dear {email}", html=f"<p>{email}</p>")
    sent.journal.create(number=1, outcome="accepted", reply=f"250 {email} ok")
    reader = Reader.objects.create(address=email, time_zone="Europe/Lisbon", changed_at=at)
    Wish.objects.create(reader=reader, kind="review_invitation", channel="email", wanted=False, changed_at=at)
    Greeting.objects.create(address=email, occasion="anniversary", due_at=at + timedelta(days=365))
    group = CustomerGroup.objects.get_or_create(name="Everybody", defaults={"changed_at": at})[0]
    news = Campaign.objects.get_or_create(name="Spring", group=group, defaults={"changed_at": at})[0]
    CampaignRecipient.objects.create(campaign=news, address=email)
    NewsConsent.objects.create(
        address=email, where="checkout", order_number=order.number, wording="1:1/14", asked_at=at, confirmed_at=at,
        proof="link", locale="en",
    )  # fmt: skip
    Suppression.objects.create(
        channel="text", address=email, cause="by_staff", since=at - timedelta(days=9), detail=f"{email} asked for it"
    )
    Event.objects.create(
        name="notifications.message.resent", subject="x:1", order_number=order.number, visibility="staff",
        happened_at=at, payload={"message_id": sent.pk, "kind": "order_placed", "reason": f"{email} lost it"},
    )  # fmt: skip
