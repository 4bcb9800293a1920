"""Conversations and what stands around them."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Exists, OuterRef

from orders.models import Order, Promise
from shop.models import User
from support.models import Conversation, Message


def order_of_writer(*, number: str, email: str) -> Order | None:
    """Return the order with this number if it was placed with this address; None tells a stranger nothing."""
    if not number:
        return None
    return Order.objects.filter(number=number, email__iexact=email).order_by("id").first()


def language_of_writer(email: str) -> str:
    """Return the language of an address: of its account, else of its latest order; nothing when neither is known."""
    account = User.objects.filter(email__iexact=email).exclude(language="").order_by("id")
    orders = Order.objects.filter(email__in={email, email.lower()}).order_by("-id")
    return account.values_list("language", flat=True).first() or orders.values_list("locale", flat=True).first() or ""


def latest_promise(order: Order) -> Promise | None:
    """Return what we say now about an order's arrival."""
    return order.promises.order_by("-version", "-id").first()


def open_case_about(order: Order, *, kind: str) -> Conversation | None:
    """Return the case of that kind we began for an order and have not closed, the latest."""
    rows = Conversation.objects.filter(order=order, kind=kind, origin=Conversation.Origin.SYSTEM)
    return rows.exclude(status=Conversation.Status.CLOSED).order_by("-id").first()


def unanswered_about(order: Order) -> list[Conversation]:
    """Return the conversations about an order in which she waits for an answer, longest first.  One query."""
    rows = Conversation.objects.filter(order=order, waiting_since__isnull=False)
    return list(rows.order_by("waiting_since", "id"))


def orders_talked_about(order_ids: Collection[int]) -> set[int]:
    """Return which of these orders have a conversation that is not closed.  One query.

    A case of a delay we opened ourselves counts once somebody wrote in it, she or we: until then it is a task of the
    desk, and nobody would be asked whether all is well just where it came late.
    """
    said = Message.objects.filter(conversation=OuterRef("pk"), kind__in=[Message.Kind.IN, Message.Kind.OUT])
    task = {"origin": Conversation.Origin.SYSTEM, "kind": Conversation.Kind.DELAY}
    rows = Conversation.objects.filter(order__in=order_ids).exclude(status=Conversation.Status.CLOSED)
    rows = rows.exclude(~Exists(said), **task)
    return set(rows.order_by("order_id").values_list("order_id", flat=True))


def case_of_key(case_key: str) -> int | None:
    """Return the id of the case that was opened for this, closed or not."""
    return Conversation.objects.filter(case_key=case_key).order_by("id").values_list("pk", flat=True).first()
