"""Secret links: how somebody without an account reaches her order.

The token is random (192 bit), stored hashed, for one purpose and with an end, which moves on while it is used.
Source: reliability reference S1 (order view 90 days, sliding).
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import salted_hmac

from orders.models import Order, OrderAccess, OrderChange, Submission
from orders.rules.tokens import hash_token

LIFETIME = timedelta(days=90)  # without being used
A_LOOK = timedelta(days=1)  # a page that is looked at writes at most once in it
OWN_LIFETIME = timedelta(hours=12)
OWN, _OWN_SALT = "own.", "orders.own-link"


class LinkUnknown(Exception):
    """No living link has this token: never issued, ended or revoked.  A stranger learns nothing more."""


def issue_link(*, order: Order, at: datetime, purpose: str = OrderAccess.Purpose.TRACK) -> str:
    """Issue a fresh token for one order and return it; it cannot be read back later."""
    token = secrets.token_urlsafe(24)
    OrderAccess.objects.create(
        order=order, purpose=purpose, token_hash=hash_token(token), issued_at=at, expires_at=at + LIFETIME
    )
    return token


def address_after_paying(submission: Submission) -> str:
    """Return the address a payment page leads back to: one secret link for each submission, the same every time."""
    if submission.order_id is None:  # the claim and its order are written together
        raise RuntimeError(f"submission {submission.pk} has no order")
    token = _kept_link(submission.order_id, str(submission.key), submission.claimed_at)
    return f"{settings.SITE_URL}{reverse('orders:thanks', args=[token])}"


def address_of_change(change: OrderChange) -> str:
    """Return the address of a change's page: one secret link for each change, the same every time."""
    token = _kept_link(change.order_id, f"change:{change.pk}", change.staged_at)
    page = "orders:delivery" if change.is_delivery else "orders:pieces"
    return f"{settings.SITE_URL}{reverse(page, args=[token])}"


def _kept_link(order_id: int, key: str, at: datetime) -> str:
    """Return the one token of a key, and keep its hash; nobody but us can work it out again."""
    token = salted_hmac("orders.after-paying", key, algorithm="sha256").hexdigest()[:48]
    OrderAccess.objects.get_or_create(
        token_hash=hash_token(token),
        defaults={
            "order_id": order_id,
            "purpose": OrderAccess.Purpose.TRACK,
            "issued_at": at,
            "expires_at": at + LIFETIME,
        },
    )
    return token


def own_link(*, order: Order, at: datetime) -> str:
    """Return a token that opens an order for the person whose account it is in; `order` comes with its customer.

    Signed and not stored, so that a page that is only looked at writes nothing.  It ends after OWN_LIFETIME, and at
    once when the account's sign-ins are ended or the order is no longer hers.
    """
    customer = order.customer
    if customer is None:
        raise ValueError(f"order {order.pk} belongs to nobody")
    said = [order.pk, customer.pk, customer.session_epoch, int(at.timestamp())]
    return OWN + signing.dumps(said, salt=_OWN_SALT)


def _order_of_own_link(token: str, at: datetime) -> Order:
    try:
        order_id, customer_id, epoch, issued = signing.loads(token.removeprefix(OWN), salt=_OWN_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise LinkUnknown from None
    if not 0 <= at.timestamp() - issued <= OWN_LIFETIME.total_seconds() + 1:
        raise LinkUnknown
    hers = Order.objects.filter(
        pk=order_id, customer_id=customer_id, customer__session_epoch=epoch, customer__is_active=True
    )
    order = hers.select_related("service", "payment").order_by("id").first()
    if order is None:
        raise LinkUnknown
    return order


def order_of_link(*, token: str, at: datetime, purpose: str = OrderAccess.Purpose.TRACK) -> Order:
    """Return the order a token opens, which keeps it open for longer.  Raises LinkUnknown."""
    if token.startswith(OWN) and purpose == OrderAccess.Purpose.TRACK:
        return _order_of_own_link(token, at)
    link = (
        OrderAccess.objects.select_related("order", "order__service", "order__payment")
        .filter(token_hash=hash_token(token), purpose=purpose, expires_at__gt=at, revoked_at=None)
        .order_by("id")
        .first()
    )
    if link is None:
        raise LinkUnknown
    if link.expires_at < at + LIFETIME - A_LOOK:
        _keep_open(link, at)
    return link.order


def _keep_open(link: OrderAccess, at: datetime) -> None:
    """Let a link that is used open for its whole lifetime again: never for less than was said, never once revoked."""
    living = OrderAccess.objects.filter(pk=link.pk, revoked_at=None, expires_at__lt=at + LIFETIME)
    living.update(expires_at=at + LIFETIME)
