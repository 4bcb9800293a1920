"""Whatever shoppers and staff do in whatever order: books agree, and no cent more goes back than came in."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from orders.models import Order, Payment
from returns.models import Inspection, ReturnCase
from returns.operations import requesting
from returns.operations.deciding import approve_return, decline_return
from returns.operations.receiving import Finding, receive_return
from returns.operations.settling import settle_return
from returns.operations.withdrawing import withdraw_return
from returns.rules.states import NotNow
from shop.models import User
from shop.queries.audit import breaches
from tests.conftest import NOW
from tests.factories.returns import asked, delivered_order, requested
from tests.factories.shop import StaffFactory

LATER = NOW + timedelta(days=4)

acts = st.lists(
    st.tuples(
        st.sampled_from(["ask", "agree", "agree", "decline", "keep", "unpack", "unpack", "settle"]),
        st.integers(0, 5),  # which line, or which return
        st.integers(0, 3),  # how many pieces
        st.sampled_from(["like_new", "used", "damaged"]),
        st.sampled_from(["restock", "quarantine", "write_off"]),
    ),
    max_size=25,
)
Act = tuple[str, int, int, str, str]


def act_out(order: Order, dilini: User, act: Act) -> None:
    """Do one thing; a refusal is an answer as good as any."""
    what, which, pieces, condition, disposition = act
    if what == "ask":
        lines = list(order.lines.order_by("id"))
        with suppress(requesting.NotReturnable, requesting.TooMany, requesting.NothingAsked):
            requested(order, asked(lines[which % len(lines)], pieces), at=LATER)
        return
    cases = list(ReturnCase.objects.filter(order=order).order_by("id"))
    if not cases:
        return
    case = cases[which % len(cases)]
    findings = {
        line.pk: Finding(min(pieces, line.quantity), condition, disposition) for line in case.lines.order_by("id")
    }
    with suppress(NotNow):
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


class TestSequences(TestCase):
    """Each example rolls back on its own."""

    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    @given(acts)
    def test_any_sequence_keeps_the_books(self, sequence: list[Act]) -> None:
        order, dilini = delivered_order(at=NOW, pieces=(3, 2)), StaffFactory()

        for act in sequence:
            act_out(order, dilini, act)

        self.finish(order, dilini)
        payment = Payment.objects.get(order=order)
        returned = sum(order.lines.values_list("qty_returned", flat=True))
        came = sum(Inspection.objects.values_list("quantity", flat=True))
        assert returned == came == 5
        assert payment.granted_minor == payment.captured_minor == order.total_minor
        assert breaches() == []

    def finish(self, order: Order, dilini: User) -> None:
        """Bring every open return to its end and send back whatever is left: then exactly everything is paid back."""
        for case in ReturnCase.objects.filter(order=order).order_by("id"):
            with suppress(NotNow):
                withdraw_return(case_id=case.pk, at=LATER)
            with suppress(NotNow):
                settle_return(case_id=case.pk, by=dilini, at=LATER)
        for line in order.lines.order_by("id"):
            left = line.qty_delivered - line.qty_returned
            if left:
                case = requested(order, asked(line, left), at=LATER)
                approve_return(case_id=case.pk, by=dilini, at=LATER)
                receive_return(case_id=case.pk, findings={case.lines.get().pk: Finding(left)}, by=dilini, at=LATER)
