"""Orders put together for somebody on the phone: staff fill a bag, it is held, she looks, and she orders.

Nothing is ordered here: the page behind her link is the checkout, and its button is the placement every order goes
through, so that one draft is at most one order.  Locked: the bag, then the draft.
Source: commerce reference 2.18, d.3; reliability reference D7, S1.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from orders.models import Cart, CartLine, CartVoucher, Order, OrderDraft, Promotion, ServiceLevel
from orders.operations.access import LinkUnknown
from orders.operations.approving import NotAllowed, NotAsked, SamePerson
from orders.operations.basket import open_bag, put_in_bag
from orders.operations.starting import hold_pieces
from orders.operations.vouchers import add_voucher, create_vouchers
from orders.queries.bag import holder_of
from orders.queries.quotes import delivery_price
from orders.rules.agreed import below, needs_second_person
from orders.rules.hours import choice_of, split_choice
from orders.rules.tokens import hash_token
from shop.models import User
from shop.operations import stock
from shop.operations.events import record_event

State = OrderDraft.State
BATCH = 50


class DraftOver(Exception):
    """The draft was ordered, dropped or ran out; `draft` says which."""

    def __init__(self, draft: OrderDraft) -> None:
        super().__init__(draft.state)
        self.draft = draft


class NotBelow(Exception):
    """A piece would cost more than in the catalogue; `variant_id` says which."""

    def __init__(self, variant_id: int) -> None:
        super().__init__(str(variant_id))
        self.variant_id = variant_id


class NotApproved(Exception):
    """The price waits for a second person; nobody gets a link before."""


class TooMuchOff(Exception):
    """More would be taken off than staff may agree to; `most_bp` is the limit (basis points)."""

    def __init__(self, most_bp: int) -> None:
        super().__init__(str(most_bp))
        self.most_bp = most_bp


@transaction.atomic
def make_draft(
    *,
    wanted: Sequence[tuple[int, int]],
    details: Mapping[str, str],
    discount_bp: int,
    locale: str,
    by: User,
    at: datetime,
    prices: Mapping[int, int] | None = None,
) -> OrderDraft:
    """Put an order together: (variant, pieces) in a bag of its own, held for DRAFT_HOURS, with what she said.

    What pieces and delivery cost now holds as long; `prices` holds what was agreed below it (by variant, minor units).
    More below the catalogue than one person may agree to waits for a second one.  `details` holds the fields of the
    checkout by name.

    Raises TooMuchOff, NotBelow, and what `put_in_bag` and `hold_pieces` refuse with; then nothing is written.
    """
    if not 0 <= discount_bp <= settings.DRAFT_DISCOUNT_MOST_BP:
        raise TooMuchOff(settings.DRAFT_DISCOUNT_MOST_BP)
    cart, _token = open_bag(at=at)
    for variant_id, pieces in wanted:
        put_in_bag(cart_id=cart.pk, variant_id=variant_id, quantity=pieces, at=at)
    if discount_bp:
        _take_off(cart, discount_bp, locale=locale, by=by, at=at)
    list_minor, agreed_minor = _keep_prices(cart, details.get("service", ""), prices or {})
    off_minor = below(list_minor=list_minor, agreed_minor=agreed_minor, discount_bp=discount_bp)
    draft = OrderDraft.objects.create(
        cart=cart,
        email=details.get("email", ""),
        full_name=details.get("full_name", ""),
        details=dict(details),
        discount_bp=discount_bp,
        off_minor=off_minor,
        needs_second=needs_second_person(
            off_minor=off_minor,
            list_minor=list_minor,
            most_bp=settings.DRAFT_DISCOUNT_MOST_BP,
            limit_minor=settings.REFUND_APPROVAL_FROM_MINOR,
        ),
        locale=locale,
        expires_at=at + timedelta(hours=settings.DRAFT_HOURS),
        made_by=by,
        made_at=at,
    )
    hold_pieces(cart_id=cart.pk, lifetime=draft.expires_at - at, at=at)
    _tell("orders.draft.made", draft, by=by, at=at)
    return draft


def _keep_prices(cart: Cart, choice: str, prices: Mapping[int, int]) -> tuple[int, int]:
    """Keep what was agreed for pieces and delivery, and return what the goods cost in the catalogue and as agreed.

    Raises NotBelow.
    """
    lines = list(CartLine.objects.filter(cart=cart).order_by("id"))
    for line in lines:
        line.agreed_minor = prices.get(line.variant_id, line.shown_price_minor)
        if line.agreed_minor > line.shown_price_minor:
            raise NotBelow(line.variant_id)
    list_minor = sum(line.shown_price_minor * line.quantity for line in lines)
    for line in lines:
        line.shown_price_minor = line.agreed_minor or 0
    CartLine.objects.bulk_update(lines, ["agreed_minor", "shown_price_minor"])
    agreed_minor = sum(line.shown_price_minor * line.quantity for line in lines)
    _keep_delivery(cart, choice, goods_minor=agreed_minor)
    return list_minor, agreed_minor


def _keep_delivery(cart: Cart, choice: str, *, goods_minor: int) -> None:
    code, key = split_choice(choice)
    service = ServiceLevel.objects.filter(code=code, active=True).order_by("id").first()
    if service is None:
        return
    window = service.window(key)
    cart.agreed_choice = choice_of(code, window)
    cart.agreed_delivery_minor = delivery_price(service, goods_minor=goods_minor)
    cart.agreed_hours_minor = window.price_minor if window else 0
    cart.save(update_fields=["agreed_choice", "agreed_delivery_minor", "agreed_hours_minor"])


def _take_off(cart: Cart, discount_bp: int, *, locale: str, by: User, at: datetime) -> None:
    """Put a voucher for the agreed discount into the bag: it is counted, shared and given back like every other."""
    with translation.override(locale):
        name = gettext("Agreed with you: %(percent)s %%") % {"percent": f"{discount_bp / 100:g}"}
    facts = {
        "name": name,
        "kind": Promotion.Kind.PERCENT,
        "percent_bp": discount_bp,
        "trigger": Promotion.Trigger.VOUCHER,
        "combines": True,
        "active": True,  # one that was switched off ends the codes given out before, not what is agreed from now on
    }
    promotion = Promotion.objects.filter(**facts).order_by("id").first() or Promotion.objects.create(**facts)
    (code,) = create_vouchers(promotion_id=promotion.pk, how_many=1, max_uses=1, batch=f"draft {cart.pk}", by=by, at=at)
    add_voucher(cart_id=cart.pk, code=code, at=at)


@transaction.atomic
def send_draft(*, draft_id: int, by: User, at: datetime) -> OrderDraft:
    """Let the link be mailed to her; sent again, she gets a fresh one and the older one ends.

    Raises DraftOver, NotApproved.
    """
    draft = _lock(draft_id)
    if draft.state != State.OPEN or draft.expires_at <= at:
        raise DraftOver(draft)
    if draft.waits_for_second:
        raise NotApproved
    draft.sent_at = at
    draft.save(update_fields=["sent_at"])
    _tell("orders.draft.sent", draft, by=by, at=at)
    return draft


@transaction.atomic
def approve_draft(*, draft_id: int, by: User, at: datetime) -> OrderDraft:
    """Agree to the price somebody else agreed on; then the link can be sent.

    Raises DraftOver, NotAsked, SamePerson, NotAllowed.
    """
    draft = _lock(draft_id)
    if draft.state != State.OPEN or draft.expires_at <= at:
        raise DraftOver(draft)
    if not draft.waits_for_second:
        raise NotAsked
    if by.pk == draft.made_by_id:
        raise SamePerson
    if not User.objects.get(pk=by.pk).has_perm("orders.approve_refund"):  # the database knows, not the session
        raise NotAllowed
    draft.approved_by, draft.approved_at = by, at
    draft.save(update_fields=["approved_by", "approved_at"])
    _tell("orders.draft.approved", draft, by=by, at=at)
    return draft


def issue_draft_link(draft: OrderDraft) -> str:
    """Return a fresh token that opens a draft; it cannot be read back later, and an older one opens nothing more."""
    token = secrets.token_urlsafe(24)
    OrderDraft.objects.filter(pk=draft.pk).update(token_hash=hash_token(token))
    return token


def draft_of_link(*, token: str, at: datetime) -> OrderDraft:
    """Return the open draft a token opens, with its bag.  Raises LinkUnknown, DraftOver."""
    rows = OrderDraft.objects.select_related("cart__order", "order").filter(token_hash=hash_token(token))
    draft = rows.order_by("id").first()
    if draft is None:
        raise LinkUnknown
    if draft.state != State.OPEN or draft.expires_at <= at or draft.cart is None:
        raise DraftOver(draft)
    return draft


@transaction.atomic
def hold_draft(*, draft_id: int, at: datetime) -> None:
    """Hold the pieces again until the draft ends, after a payment that was declined let them go.

    Raises DraftOver, and what `hold_pieces` refuses with.
    """
    draft = _lock(draft_id)
    if draft.state != State.OPEN or draft.expires_at <= at or draft.cart_id is None:
        raise DraftOver(draft)
    hold_pieces(cart_id=draft.cart_id, lifetime=draft.expires_at - at, at=at)


@transaction.atomic
def drop_draft(*, draft_id: int, by: User, at: datetime) -> OrderDraft:
    """Drop a draft nobody ordered: its pieces are free and its link ends.  Raises DraftOver."""
    draft = _lock(draft_id)
    if draft.state != State.OPEN or _order_of(draft) is not None:
        raise DraftOver(draft)
    _settle(draft, State.DROPPED, at=at)
    _tell("orders.draft.dropped", draft, by=by, at=at)
    return draft


def watch_drafts(at: datetime) -> int:
    """Settle drafts that were ordered or ran out, at most a batch; return how many.  Safe to run twice at once."""
    living = OrderDraft.objects.filter(state=State.OPEN)
    ordered = living.filter(cart__order__status__in=[Order.Status.PLACED, Order.Status.CANCELLED])
    due = [*ordered.order_by("id")[:BATCH], *living.filter(expires_at__lte=at).order_by("expires_at", "id")[:BATCH]]
    return sum(_look_at(draft_id, at) for draft_id in dict.fromkeys(draft.pk for draft in due))


@transaction.atomic
def _look_at(draft_id: int, at: datetime) -> int:
    draft = _lock(draft_id)
    order = _order_of(draft)
    if draft.state != State.OPEN or (order is not None and order.status == Order.Status.PLACING):
        return 0
    if order is not None:
        draft.order = order
        _settle(draft, State.PLACED, at=at)
    elif draft.expires_at <= at:
        _settle(draft, State.EXPIRED, at=at)
        _tell("orders.draft.expired", draft, by=None, at=at)
    return 1


def _lock(draft_id: int) -> OrderDraft:
    """Lock the bag, as placement does, then the draft.  Raises OrderDraft.DoesNotExist."""
    cart_id = OrderDraft.objects.values_list("cart_id", flat=True).get(pk=draft_id)
    Cart.objects.select_for_update().filter(pk=cart_id).first()
    return OrderDraft.objects.select_for_update().get(pk=draft_id)


def _order_of(draft: OrderDraft) -> Order | None:
    return Order.objects.filter(cart=draft.cart_id).order_by("id").first() if draft.cart_id else None


def _settle(draft: OrderDraft, state: str, *, at: datetime) -> None:
    """End a draft and forget what it said of her; the bag of one that was not ordered is emptied."""
    if state != State.PLACED and draft.cart_id is not None:
        stock.free(holder=holder_of(draft.cart_id))
        CartVoucher.objects.filter(cart=draft.cart_id).delete()
        CartLine.objects.filter(cart=draft.cart_id).delete()
        Cart.objects.filter(pk=draft.cart_id).update(credit=None)
    draft.state, draft.settled_at = state, at
    draft.email, draft.full_name, draft.details = "", "", {}
    draft.save(update_fields=["state", "settled_at", "email", "full_name", "details", "order"])


def _tell(name: str, draft: OrderDraft, *, by: User | None, at: datetime) -> None:
    record_event(name=name, subject=f"orders.orderdraft:{draft.pk}", payload={"draft_id": draft.pk}, actor=by, at=at)
