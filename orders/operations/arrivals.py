"""Arrived and happy?  Asked once, answered with one press, taken up by people when it is not, thanked for when it is.

Source: commerce reference A1; ux reference 2.7.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db import transaction

from orders.models import ArrivalQuestion, Order
from orders.queries.quotes import route_for
from orders.queries.reviewing import to_review
from orders.rules import arrival as rule
from orders.rules.states import Impossible
from shop.open_cases import orders_with_open_cases
from shop.operations.events import record_event
from shop.queries.calendars import calendar_of
from shop.rules.calendar import NoOpenDay

BATCH = 50
HELD_FOR = timedelta(days=1)  # an invitation that meets an open case comes back a day later
LASTS = timedelta(days=90)
_SALT = "orders.arrival"
_State = ArrivalQuestion.State


class LinkUnknown(Exception):
    """Not a link of ours to this question, or too old."""


def link_of(question: ArrivalQuestion) -> str:
    """Return a signed token that opens this question and nothing else; it is stored nowhere and ends after LASTS."""
    return signing.TimestampSigner(salt=_SALT, sep="~").sign(str(question.pk))


def question_of_link(token: str) -> ArrivalQuestion:
    """Return the question a token opens, with its order.  Raises LinkUnknown."""
    try:
        ident = int(signing.TimestampSigner(salt=_SALT, sep="~").unsign(token, max_age=LASTS))
    except (signing.BadSignature, ValueError):
        raise LinkUnknown from None
    found = ArrivalQuestion.objects.select_related("order").filter(pk=ident).first()
    if found is None or found.order.status != Order.Status.PLACED:
        raise LinkUnknown
    return found


def prepare_question(order: Order) -> None:
    """Note that she is to be asked, once everything has arrived; call with the order locked.

    Doing it again changes nothing; without an answer of her calendar nobody is asked.
    """
    if order.delivered_at is None:
        return
    try:
        ask_at = rule.ask_at(calendar=calendar_of(order.service.destination_calendar), delivered_at=order.delivered_at)
    except NoOpenDay:
        return
    ArrivalQuestion.objects.bulk_create([ArrivalQuestion(order=order, ask_at=ask_at)], ignore_conflicts=True)


def ask_arrivals(at: datetime) -> int:
    """Ask those whose time has come, at most a batch, by the index `arrival_to_ask`; return how many were settled."""
    due = ArrivalQuestion.objects.filter(state=_State.WAITING, ask_at__lte=at).order_by("ask_at", "id")
    return _each(due.values_list("order_id", flat=True)[:BATCH], _ask, at)


def invite_reviews(at: datetime) -> int:
    """Ask happy people for a review when its time has come; with an open case it waits a day and comes back.

    At most a batch, by the index `arrival_to_invite`; returns how many were settled or put off.
    """
    due = ArrivalQuestion.objects.filter(state=_State.HAPPY, invited_at=None, invite_at__lte=at)
    return _each(due.order_by("invite_at", "id").values_list("order_id", flat=True)[:BATCH], _invite, at)


def _each(order_ids: object, act: Callable[[int, datetime], None], at: datetime) -> int:
    ids = list(order_ids)  # type: ignore[call-overload] # a list of ids, read once
    for order_id in ids:
        act(order_id, at)
    return len(ids)


@transaction.atomic
def _ask(order_id: int, at: datetime) -> None:
    question = _locked(order_id)
    if question.state != _State.WAITING:
        return
    order = question.order
    if (
        order.status != Order.Status.PLACED
        or order.delivered_at is None
        or rule.too_late(delivered_at=order.delivered_at, at=at)
        or orders_with_open_cases([order_id])
    ):
        question.state = _State.LEFT_OUT
        question.save(update_fields=["state"])
        return
    question.state, question.asked_at = _State.ASKED, at
    question.closes_at = rule.closes_at(calendar=route_for(order.service).destination, asked_at=at)
    question.save(update_fields=["state", "asked_at", "closes_at"])
    _record("orders.arrival.asked", question, at)


@transaction.atomic
def _invite(order_id: int, at: datetime) -> None:
    question = _locked(order_id)
    if question.state != _State.HAPPY or question.invited_at:
        return
    if orders_with_open_cases([order_id]):
        question.invite_at = at + HELD_FOR
        question.save(update_fields=["invite_at"])
        return
    question.invited_at = at
    question.save(update_fields=["invited_at"])
    if to_review(question.order):
        _record("orders.review.invited", question, at)


@transaction.atomic
def say_all_is_well(*, order_id: int, at: datetime) -> ArrivalQuestion:
    """Keep that everything is right; she is thanked, and asked for a review some days later.

    Saying it again changes nothing.  Raises Impossible once she said that something is not right.
    """
    question = _locked(order_id)
    if question.state == _State.HAPPY:
        return question
    _move(question, _State.HAPPY, at)
    question.invite_at = at + timedelta(days=settings.REVIEW_INVITATION_DAYS)
    question.save(update_fields=["state", "answered_at", "invite_at"])
    _record("orders.arrival.happy", question, at, by="customer")
    return question


@transaction.atomic
def say_not_quite(*, order_id: int, what: str, words: str, at: datetime) -> ArrivalQuestion:
    """Keep what is not right; people take it up, nobody asks for a review.  Raises Impossible the second time."""
    question = _locked(order_id)
    _move(question, _State.NOT_QUITE, at)
    question.what, question.words, question.invite_at = what, words, None
    question.save(update_fields=["state", "answered_at", "what", "words", "invite_at"])
    _record("orders.arrival.not-quite", question, at, by="customer")
    return question


def _locked(order_id: int) -> ArrivalQuestion:
    """Return the question with its order, which is locked.  Raises ArrivalQuestion.DoesNotExist."""
    orders = Order.objects.select_for_update(of=("self",)).select_related("customer", "service")
    order = orders.get(pk=order_id)
    question = ArrivalQuestion.objects.get(order=order)
    question.order = order
    return question


def _move(question: ArrivalQuestion, wanted: str, at: datetime) -> None:
    if wanted not in rule.NEXT[question.state]:
        raise Impossible(question.state)
    question.state, question.answered_at = wanted, at


def _record(name: str, question: ArrivalQuestion, at: datetime, *, by: str = "system") -> None:
    order = question.order
    record_event(
        name=name,
        subject=f"orders.order:{order.pk}",
        order_number=order.number,
        customer=order.customer,
        actor_kind=by,
        payload={"order_id": order.pk, "question_id": question.pk},
        for_customer=True,
        at=at,
    )
