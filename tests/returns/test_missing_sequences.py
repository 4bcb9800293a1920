"""Pieces run out, money comes and goes in whatever order, and at the end all of it comes back: to the cent, papers too.

Source: commerce reference b-13 (exactly what was paid), d.3.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from orders.models import Document, Order, OrderLine, Parcel, Payment
from orders.operations import choosing
from orders.operations.documents import issue_what_is_due
from orders.operations.paying import note_payment_received
from orders.operations.refunding import NothingToRefund, grant_refund
from orders.operations.shortfalls import PiecesRefused, note_short_pick
from orders.queries.unavailability import other_forms
from returns.operations.deciding import approve_return
from returns.operations.receiving import Finding, receive_return
from returns.operations.seed_reasons import seed_reasons
from shop.models import User
from shop.queries.audit import breaches
from tests.conftest import NOW
from tests.factories.bags import ordered
from tests.factories.returns import asked, deliver, requested
from tests.factories.shop import StaffFactory, VariantFactory

LATER = NOW + timedelta(days=4)
PROVIDERS = {"test_card": "test:pays", "bank_transfer": "", "cash_on_delivery": ""}

Act = tuple[str, int, int]
acts = st.lists(
    st.one_of(
        st.tuples(st.just("leave-out"), st.integers(0, 3), st.integers(1, 2)),
        st.tuples(st.just("leave-out"), st.integers(0, 3), st.integers(1, 2)),
        st.tuples(st.just("send-other"), st.integers(0, 3), st.just(1)),
        st.tuples(st.just("pay"), st.integers(1, 4000), st.just(0)),
        st.tuples(st.just("gesture"), st.integers(1, 1500), st.just(0)),
        st.tuples(st.just("invoice"), st.just(0), st.just(0)),
    ),
    max_size=8,
)
# A part is paid, some of it goes back, and then two pieces of the same line are not there, one after the other.
PAID_IN_PART: list[Act] = [
    ("pay", 3000, 0),
    ("gesture", 1490, 0),
    ("leave-out", 0, 1),
    ("invoice", 0, 0),
    ("send-other", 0, 1),
    ("leave-out", 0, 1),
]


def act_out(order: Order, dilini: User, number: int, act: Act) -> None:
    """Do one thing; a refusal is an answer as good as any."""
    what, first, _pieces = act
    if what == "pay":
        _pay(order, first, f"part {number}", dilini)
    elif what == "gesture":
        with suppress(NothingToRefund):
            origin = f"staff:{order.pk}:{number}"
            grant_refund(order_id=order.pk, amount_minor=first, reason="A chip", origin=origin, by=None, at=NOW)
    elif what == "invoice":
        issue_what_is_due(order_id=order.pk, at=NOW)
    else:
        _run_out(order, dilini, act, key=f"{order.pk}:{number}")


def _pay(order: Order, amount_minor: int, reference: str, dilini: User) -> None:
    amount = min(amount_minor, Payment.objects.get(order=order).open_minor)
    if amount:
        note_payment_received(order_id=order.pk, amount_minor=amount, reference=reference, by=dilini, at=NOW)


def _run_out(order: Order, dilini: User, act: Act, *, key: str) -> None:
    """Pieces are not on their shelf: she leaves them out, or takes another form; of the last of all, nothing."""
    what, which, pieces = act
    rows = list(Parcel.objects.get(order=order).lines.select_related("line").order_by("id"))
    row = rows[which % len(rows)]
    if sum(each.quantity for each in rows) - sum(each.line.qty_replaced for each in rows) <= pieces:
        return
    with suppress(PiecesRefused):
        case = note_short_pick(
            parcel_id=row.parcel_id, line_id=row.line_id, missing=pieces, reason="", key=key, by=dilini, at=NOW
        )
        if what == "leave-out":
            choosing.choose_rest(case_id=case.pk, order_id=order.pk, by=None, at=NOW)
        else:
            variant = other_forms(case)[0]
            choosing.choose_other(case_id=case.pk, order_id=order.pk, variant_id=variant.pk, by=None, at=NOW)


class TestMissingSequences(TestCase):
    """Each example rolls back on its own."""

    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
    @given(acts, st.sampled_from(sorted(PROVIDERS)))
    @example(PAID_IN_PART, "bank_transfer")
    @example([("invoice", 0, 0), ("leave-out", 0, 2), ("send-other", 1, 1), ("leave-out", 2, 1)], "test_card")
    def test_all_that_was_paid_comes_back_and_the_papers_say_so(self, sequence: list[Act], provider: str) -> None:
        seed_reasons(NOW)
        bought = tuple(VariantFactory(stock=60, price_minor=price) for price in (2400, 1999))
        for variant in bought:
            VariantFactory(product=variant.product, label="Other", stock=60, price_minor=variant.price_minor)
        dilini = StaffFactory()
        order = ordered((bought[0], 3), (bought[1], 2), at=NOW, provider=provider, payment_token=PROVIDERS[provider])

        for number, act in enumerate(sequence):
            act_out(order, dilini, number, act)
        if provider != "cash_on_delivery":  # who pays at the door has the parcel first
            _pay(order, 10**6, "all the rest", dilini)
        deliver(order, number=1, at=NOW)
        _pay(order, 10**6, "at the door", dilini)
        self.send_back(order, dilini)

        order, payment = Order.objects.get(pk=order.pk), Payment.objects.get(order=order)
        assert payment.kept_minor == payment.due_minor == order.total_minor
        assert payment.granted_minor == payment.captured_minor
        issue_what_is_due(order_id=order.pk, at=LATER)
        notes = list(
            Document.objects.filter(order=order).values_list("kind", "total_minor", "tax_minor").order_by("id")
        )
        for column in (1, 2):  # money, and the tax in it
            assert sum(note[column] * (1 if note[0] == "invoice" else -1) for note in notes) == 0
        assert breaches() == []

    def send_back(self, order: Order, dilini: User) -> None:
        """Send back one piece after another."""
        for line in OrderLine.objects.filter(order=order).order_by("id"):
            for _piece in range(line.qty_delivered):
                case = requested(order, asked(line, 1), at=LATER)
                approve_return(case_id=case.pk, by=dilini, at=LATER)
                receive_return(case_id=case.pk, findings={case.lines.get().pk: Finding(1)}, by=dilini, at=LATER)
