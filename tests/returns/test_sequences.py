"""Whatever shoppers and staff do in whatever order: books agree, and no cent more goes back than came in."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from orders.models import Order, OrderLine, Parcel, Payment, Unavailability
from orders.operations import choosing
from orders.operations.refunding import NothingToRefund, grant_refund
from orders.operations.shortfalls import note_short_pick
from orders.rules.shares import Amount, MoreThanPaid
from returns.models import Inspection, ReturnCase
from returns.operations import requesting
from returns.operations.deciding import approve_return, decline_return
from returns.operations.receiving import Finding, receive_return
from returns.operations.settling import settle_return
from returns.operations.withdrawing import ExchangeUnderWay, withdraw_return
from returns.rules.states import NotNow
from shop.models import User, Variant
from shop.queries.audit import breaches
from tests.conftest import NOW
from tests.factories.returns import asked, deliver, delivered_order, requested
from tests.factories.shop import StaffFactory, VariantFactory

LATER = NOW + timedelta(days=4)
SENT = LATER - timedelta(days=3)  # exchanges arrive at LATER

CASES = ["agree", "agree", "agree", "decline", "keep", "unpack", "unpack", "settle"]
DEEDS = ["ask", "swap", "swap", *CASES, "arrive", "arrive", "gift", "run-out"]
acts = st.lists(
    st.tuples(
        st.sampled_from(DEEDS),
        st.integers(0, 5),  # which line, or which return
        st.integers(0, 3),  # how many pieces
        st.sampled_from(["like_new", "used", "damaged"]),
        st.sampled_from(["restock", "quarantine", "write_off"]),
    ),
    max_size=25,
)
Act = tuple[str, int, int, str, str]
# Two pieces are exchanged and their parcel is empty; one of the new ones is exchanged again and comes back for money.
EXCHANGED_TWICE: list[Act] = [
    ("swap", 0, 2, "used", "restock"),
    ("agree", 0, 0, "used", "restock"),
    ("arrive", 0, 0, "used", "restock"),
    ("unpack", 0, 0, "used", "restock"),
    ("swap", 2, 1, "used", "restock"),
    ("agree", 1, 0, "used", "restock"),
    ("arrive", 0, 0, "used", "restock"),
    ("ask", 3, 1, "used", "restock"),
    ("agree", 2, 0, "used", "restock"),
    ("unpack", 2, 1, "used", "restock"),
    ("settle", 2, 0, "used", "restock"),
]
REFUSED = (requesting.NotReturnable, requesting.TooMany, requesting.NothingAsked, requesting.NotExchangeable)


def act_out(order: Order, dilini: User, act: Act) -> None:
    """Do one thing; a refusal is an answer as good as any."""
    what, which, pieces, condition, disposition = act
    lines = list(order.lines.order_by("id"))
    line = lines[which % len(lines)]
    if what in ("ask", "swap"):
        more = {"wanted": "exchange", "exchange_variant_id": _other(line).pk} if what == "swap" else {}
        with suppress(*REFUSED):
            requested(order, asked(line, pieces, **more), at=LATER)
    elif what == "arrive":
        arrive(order)
    elif what == "gift":
        _gift(order, line, 700 * pieces)
    elif what == "run-out":
        _run_out(order, dilini)
    else:
        _on_a_case(order, dilini, act, condition, disposition)


def _on_a_case(order: Order, dilini: User, act: Act, condition: str, disposition: str) -> None:
    what, which, pieces, *_rest = act
    cases = list(ReturnCase.objects.filter(order=order).order_by("id"))
    if not cases:
        return
    case = cases[which % len(cases)]
    findings = {
        line.pk: Finding(min(pieces, line.quantity), condition, disposition) for line in case.lines.order_by("id")
    }
    with suppress(NotNow, ExchangeUnderWay):
        if what == "agree":
            approve_return(case_id=case.pk, by=dilini, at=LATER)
        elif what == "decline":
            decline_return(case_id=case.pk, reason="No", by=dilini, at=LATER)
        elif what == "keep":
            withdraw_return(case_id=case.pk, at=LATER)
        elif what == "unpack":
            receive_return(case_id=case.pk, findings=findings, by=dilini, at=LATER)
        else:
            settle_return(case_id=case.pk, by=dilini, at=LATER)


def _other(line: OrderLine) -> Variant:
    """The form that is not the one of this line: what was exchanged may be exchanged again."""
    return Variant.objects.filter(product_id=line.variant.product_id).exclude(pk=line.variant_id).get()


def arrive(order: Order) -> None:
    """Every parcel that is planned reaches her."""
    for parcel in Parcel.objects.filter(order=order, status=Parcel.Status.PLANNED).order_by("number"):
        if not Unavailability.objects.filter(parcel=parcel, state="open").exists():
            deliver(order, number=parcel.number, at=SENT)


def _gift(order: Order, line: OrderLine, amount_minor: int) -> None:
    number = order.payment.grants.count()
    with suppress(NothingToRefund, MoreThanPaid):
        grant_refund(
            order_id=order.pk, amount_minor=amount_minor, reason="A chip", origin=f"staff:{order.pk}:{number}", by=None,
            at=LATER, what=Amount(amount_minor, line.pk),
        )  # fmt: skip


def _run_out(order: Order, dilini: User) -> None:
    """A piece of the newest exchange is not on its shelf, and she wants her money back for it."""
    parcel = Parcel.objects.filter(order=order, status=Parcel.Status.PLANNED).order_by("-number").first()
    if parcel is None or parcel.lines.count() == 0:
        return
    line_id = parcel.lines.order_by("id")[0].line_id
    case = note_short_pick(
        parcel_id=parcel.pk, line_id=line_id, missing=1, reason="", key=f"short:{parcel.pk}", by=dilini, at=LATER
    )
    choosing.choose_rest(case_id=case.pk, order_id=order.pk, by=None, at=LATER)


class TestSequences(TestCase):
    """Each example rolls back on its own."""

    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    @given(acts)
    @example(EXCHANGED_TWICE)
    def test_any_sequence_keeps_the_books(self, sequence: list[Act]) -> None:
        bought = tuple(VariantFactory(stock=60, price_minor=price) for price in (2400, 1999))
        for variant in bought:
            VariantFactory(product=variant.product, label="Other", stock=60, price_minor=variant.price_minor)
        order, dilini = delivered_order(at=NOW, pieces=(3, 2), variants=bought), StaffFactory()

        for act in sequence:
            act_out(order, dilini, act)

        self.finish(order, dilini)
        payment = Payment.objects.get(order=order)
        lines = list(order.lines.order_by("id"))
        sent = sum(line.quantity - line.qty_cancelled for line in lines)
        came = sum(Inspection.objects.values_list("quantity", flat=True))
        assert sum(line.qty_returned for line in lines) == came == sent >= 5
        assert payment.granted_minor == payment.captured_minor == order.total_minor
        assert breaches() == []

    def finish(self, order: Order, dilini: User) -> None:
        """Bring every open return to its end and send back whatever is left: then exactly everything is paid back."""
        arrive(order)
        for case in ReturnCase.objects.filter(order=order).order_by("id"):
            with suppress(NotNow, ExchangeUnderWay):
                withdraw_return(case_id=case.pk, at=LATER)
            with suppress(NotNow):
                empty = {line.pk: Finding(0) for line in case.lines.order_by("id")}
                receive_return(case_id=case.pk, findings=empty, by=dilini, at=LATER)
            with suppress(NotNow):
                settle_return(case_id=case.pk, by=dilini, at=LATER)
        for line in order.lines.order_by("id"):
            left = line.qty_delivered - line.qty_returned
            if left:
                case = requested(order, asked(line, left), at=LATER)
                approve_return(case_id=case.pk, by=dilini, at=LATER)
                receive_return(case_id=case.pk, findings={case.lines.get().pk: Finding(left)}, by=dilini, at=LATER)
