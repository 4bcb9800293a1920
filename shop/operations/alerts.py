"""Tell me when it is back: ask, confirm, stop; and telling those who wait, in the order in which they asked.

Source: commerce reference 1.15; reliability reference T29 (no message without consent, none after it was withdrawn).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from shop.models import StockAlert, Variant
from shop.operations.events import record_event
from shop.operations.limits import spend
from shop.queries.alerts import variants_back, waiting
from shop.queries.listing import sellable_variants
from shop.rules.alerts import SETTLED_KEPT, TURN, UNCONFIRMED_KEPT, may_be_told

MAILS_AN_HOUR = 5  # to one address, whoever types it
BATCH = 500


class NotWaitedFor(Exception):
    """Nobody can wait for that: it is no longer on sale, or there is one right now."""


@transaction.atomic
def ask_alert(*, variant_id: int, email: str, locale: str, proved: bool, at: datetime) -> StockAlert:
    """Note that somebody wants to hear once when a variant is back; a second wish for the same is the first one.

    `proved`: she is signed in with this address, so that it needs no mail to confirm it.
    Raises NotWaitedFor, TooOften.
    """
    variant = sellable_variants().filter(pk=variant_id, product__published=True).first()
    if variant is None or variant.available > 0:  # type: ignore[attr-defined]  # annotated there
        raise NotWaitedFor
    StockAlert.objects.bulk_create(
        [StockAlert(variant=variant, email=email, locale=locale, asked_at=at)], ignore_conflicts=True
    )
    mine = StockAlert.objects.select_for_update().filter(variant=variant, email__iexact=email)
    alert = mine.get(told_at=None, stopped_at=None)
    if alert.confirmed_at is None and proved:
        _confirm(alert, at)
    elif alert.confirmed_at is None:
        spend(purpose="shop.alert", who=email.lower(), budget=MAILS_AN_HOUR, window=timedelta(hours=1), at=at)
        _tell_of(alert, "asked", at)
    return alert


@transaction.atomic
def confirm_alert(*, alert_id: int, at: datetime) -> StockAlert:
    """Let a wait count: whoever opened the mailed link reads that mailbox.  Doing it twice changes nothing.

    Raises StockAlert.DoesNotExist when it was forgotten, or stopped.
    """
    alert = StockAlert.objects.select_for_update(of=("self",)).get(pk=alert_id, stopped_at=None)
    if alert.confirmed_at is None:
        _confirm(alert, at)
    return alert


@transaction.atomic
def stop_alert(*, alert_id: int, at: datetime) -> StockAlert:
    """Take a wish back and forget the address: no mail goes out any more, not even one that is written already.

    Twice changes nothing.  The row stays for a month, so that what is under way knows.
    """
    alert = StockAlert.objects.select_for_update(of=("self",)).get(pk=alert_id)
    if alert.stopped_at is None:
        alert.stopped_at, alert.email = at, ""
        alert.save(update_fields=["stopped_at", "email"])
        _tell_of(alert, "stopped", at)
    return alert


def tell_waiting(at: datetime) -> int:
    """Tell those who wait for pieces that are back, by turns; return how many were told."""
    return sum(_tell(variant_id=variant.pk, at=at) for variant in variants_back())


@transaction.atomic
def _tell(*, variant_id: int, at: datetime) -> int:
    """Tell the next ones of one variant."""
    _take_turn(variant_id)
    variant = sellable_variants().get(pk=variant_id)
    lately = StockAlert.objects.filter(variant=variant_id, told_at__gt=at - TURN).count()
    most = may_be_told(pieces=int(variant.available), told_lately=lately)  # type: ignore[attr-defined]
    next_ones = waiting().filter(variant=variant_id).select_for_update().order_by("asked_at", "id")
    told = list(next_ones[: min(most, BATCH)])
    for alert in told:
        alert.told_at = at
        alert.save(update_fields=["told_at"])
        _tell_of(alert, "due", at)
    return len(told)


def _take_turn(variant_id: int) -> None:
    """Lock the variant's row, so that two sweeps do not count the same turn twice."""
    Variant.objects.select_for_update(no_key=True).get(pk=variant_id)


def forget_alerts(at: datetime) -> int:
    """Delete addresses that have served: never confirmed for a week, or settled a month ago; return how many rows."""
    old = StockAlert.objects.filter(
        Q(confirmed_at=None, asked_at__lt=at - UNCONFIRMED_KEPT)
        | Q(told_at__lt=at - SETTLED_KEPT)
        | Q(stopped_at__lt=at - SETTLED_KEPT),
        asked_at__lt=at - UNCONFIRMED_KEPT,
    )
    ids = list(old.order_by("asked_at", "id").values_list("pk", flat=True)[:BATCH])
    return StockAlert.objects.filter(pk__in=ids).delete()[0] if ids else 0


def _confirm(alert: StockAlert, at: datetime) -> None:
    alert.confirmed_at = at
    alert.save(update_fields=["confirmed_at"])
    _tell_of(alert, "confirmed", at)


def _tell_of(alert: StockAlert, what: str, at: datetime) -> None:
    record_event(
        name=f"shop.alert.{what}",
        subject=f"shop.stockalert:{alert.pk}",
        payload={"alert_id": alert.pk, "variant_id": alert.variant_id},
        actor_kind="system" if what == "due" else "customer",
        at=at,
    )
