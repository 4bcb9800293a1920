"""What an account shows of its orders.  Every query here begins with whose they are."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Case, F, IntegerField, OuterRef, Prefetch, QuerySet, Subquery, Value, When

from orders.models import Order, OrderLine, Promise, SavedAddress

_SHOWN = (Order.Status.PLACED, Order.Status.CANCELLED)


def orders_of(user_id: int) -> QuerySet[Order]:
    """Return somebody's orders: what is still to come first, by its day, then the rest, newest first.

    Each has `from_on` and `by_on`, the days last promised, and its lines at hand.  Two queries.
    """
    last = Promise.objects.filter(order=OuterRef("pk")).order_by("-version", "-id")
    to_come = Case(
        When(status=Order.Status.PLACED, delivered_at=None, then=Value(0)),
        default=Value(1),
        output_field=IntegerField(),
    )
    rows = Order.objects.filter(customer_id=user_id, status__in=_SHOWN).annotate(
        from_on=Subquery(last.values("deliver_from_on")[:1]),
        by_on=Subquery(last.values("deliver_by_on")[:1]),
        done=to_come,
    )
    lines = Prefetch("lines", OrderLine.objects.order_by("id"))
    return rows.prefetch_related(lines).order_by("done", "-placed_at", "-id")


def order_of(user_id: int, number: str) -> Order:
    """Return one of somebody's orders.  Raises Order.DoesNotExist for anybody else's.  One query."""
    return Order.objects.select_related("customer").get(customer_id=user_id, number=number, status__in=_SHOWN)


def pieces_at_home(user_id: int, measured: Iterable[str], limit: int) -> list[OrderLine]:
    """Return pieces somebody bought and kept of which one of these measures (codes) is known, newest first.

    Each form once: the same shirt in the same size measures the same.  One query.
    """
    kept = OrderLine.objects.filter(
        order__customer_id=user_id, measurements__has_any_keys=list(measured), qty_delivered__gt=F("qty_returned")
    )
    newest = kept.order_by("sku", "-order__placed_at", "-id").distinct("sku").values("pk")
    return list(OrderLine.objects.filter(pk__in=newest).order_by("-order__placed_at", "-id")[:limit])


def addresses_of(user_id: int) -> QuerySet[SavedAddress]:
    """Return somebody's addresses, the one used first on top.  One query."""
    return SavedAddress.objects.filter(user_id=user_id).order_by("-is_default", "-kept_at", "-id")


def prefill_for(user_id: int, *, country: str) -> dict[str, str]:
    """Return what the checkout begins with for somebody who is signed in, by names of form fields.

    The address used first, else the one of her last order; of an address in another country than she looks at only
    the name.  At most three queries.
    """
    parts = ("full_name", "street", "extra", "postcode", "city", "region", "country", "phone")
    kept = addresses_of(user_id).values(*parts)
    known = kept.filter(country=country).first() or kept.first() or _last_address(user_id, parts)
    if known["country"] != country:
        return {"full_name": known["full_name"]} if known["full_name"] else {}
    return {name: str(value) for name, value in known.items()}


def _last_address(user_id: int, parts: tuple[str, ...]) -> dict[str, str]:
    last = Order.objects.filter(customer_id=user_id, status__in=_SHOWN).order_by("-id").values(*parts).first()
    return dict(last) if last else dict.fromkeys(parts, "")
