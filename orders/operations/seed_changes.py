"""An order of the demo whose owner wanted one piece more, and one put together on the phone whose link is in a mail."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid5

from django.conf import settings

from orders.gateways.payments.test_card import PAYS
from orders.models import Order, OrderChange, OrderDraft
from orders.operations.changing import confirm_change, stage_change
from orders.operations.drafting import make_draft, send_draft
from orders.operations.seed_history import KEYS, on_the_shelf
from orders.queries.changing import plan_change, wishes_of
from orders.rules.changing import NotChangeable, Wish
from shop.models import User
from shop.operations.seed_staff import demo_email

CHANGED = "pack"  # the story of seed_history that is not packed yet
ON_THE_PHONE = {
    "email": "greta@example.com",
    "full_name": "Greta Nilsson",
    "street": "Rua do Ouro 88",
    "extra": "3.º Dto.",
    "postcode": "1100-061",
    "city": "Lisboa",
    "region": "",
    "country": "PT",
    "phone": "+351912345670",
    "courier_note": "The bell is broken, please call.",
}
DISCOUNT_BP = 500


def seed_changes(at: datetime) -> str:
    """Change the one and draft the other, unless that was done before.  Needs the pretend bank and the demo's staff."""
    if not settings.TEST_CARD:
        return "left out: the pretend bank is off"
    if not OrderChange.objects.exists():
        _one_piece_more(at)
    if not OrderDraft.objects.exists():
        _on_the_phone(at)
    return f"{OrderChange.objects.count()} changed orders, {OrderDraft.objects.count()} orders by phone"


def _one_piece_more(at: datetime) -> None:
    """Let her have one more of what she ordered, and pay for it; nothing when somebody packed it meanwhile."""
    order = Order.objects.filter(submission__key=uuid5(KEYS, CHANGED)).order_by("id").first()
    if order is None:
        return
    line = order.lines.order_by("id")[0]
    wishes = {line.pk: Wish(line.variant_id, line.quantity + 1)}
    try:
        change = stage_change(order_id=order.pk, wishes=wishes, by=None, at=at)
    except NotChangeable:
        return
    shown = plan_change(order, wishes_of(change), at=at).as_shown()
    confirm_change(change_id=change.pk, order_id=order.pk, shown=shown, payment_token=PAYS, by=None, at=at)


def _on_the_phone(at: datetime) -> None:
    """Let the demo's agent put two articles together, take something off and mail the link."""
    agent = User.objects.filter(email=demo_email("agent")).order_by("id").first()
    shelf = on_the_shelf()
    if agent is None or len(shelf) < 2:
        return
    wanted = [(variant_id, 1) for variant_id in (shelf[0], shelf[len(shelf) // 2])]
    draft = make_draft(wanted=wanted, details=ON_THE_PHONE, discount_bp=DISCOUNT_BP, locale="en", by=agent, at=at)
    send_draft(draft_id=draft.pk, by=agent, at=at)
