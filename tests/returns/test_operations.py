"""Each step of a return: once, with its event, or refused and nothing written."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest

from orders.models import Order, OrderLine, Parcel, Payment, RefundGrant
from orders.operations.refunding import grant_refund
from returns.models import CaseLine, Inspection, ReturnCase, ReturnReason
from returns.operations import requesting
from returns.operations.deciding import ReasonMissing, approve_return, approve_with_refund, decline_return
from returns.operations.receiving import Finding, ImpossibleFinding, NotInspected, receive_return
from returns.operations.requesting import request_return
from returns.operations.settling import settle_return
from returns.operations.withdrawing import ExchangeUnderWay, withdraw_return
from returns.rules.amounts import NotPaidYet
from returns.rules.states import NotNow
from shop.models import Event, StockLevel, StockMovement, Variant
from shop.operations.stock import SoldOut
from shop.queries.audit import breaches
from tests.factories.orders import placed_order
from tests.factories.returns import asked, deliver, delivered_order, requested
from tests.factories.shop import ProductFactory, StaffFactory, VariantFactory

pytestmark = pytest.mark.django_db

LIKE_NEW = Finding(1)


@pytest.fixture
def later(now: datetime) -> datetime:
    """The day after the parcel arrived: Friday 6 March 2026."""
    return now + timedelta(days=4)


def line_of(order: Order, index: int = 0) -> OrderLine:
    return order.lines.order_by("id")[index]


def steps_of(case: ReturnCase) -> list[str]:
    names = Event.objects.filter(subject=f"returns.case:{case.pk}").order_by("id").values_list("name", flat=True)
    return [name.removeprefix("returns.case.") for name in names]


def findings(case: ReturnCase, **fields: object) -> dict[int, Finding]:
    return {line.pk: Finding(line.quantity, **fields) for line in case.lines.order_by("id")}  # type: ignore[arg-type]


def on_shelf(variant: Variant) -> tuple[int, int, int]:
    level = StockLevel.objects.get(variant=variant)
    return level.on_hand, level.allocated, level.quarantine


def granted(order: Order) -> list[tuple[str, int]]:
    return list(RefundGrant.objects.filter(payment__order=order).order_by("id").values_list("origin", "amount_minor"))


# -- Asking ---------------------------------------------------------------------------------------------------------
def test_request_return_opens_a_case_with_a_day_for_our_answer(now: datetime, later: datetime) -> None:
    order = delivered_order(at=now, pieces=(2,))

    case = requested(order, asked(line_of(order), 1, "damaged", detail="Handle is off"), at=later)

    assert (case.number, case.status, case.origin) == (f"{order.number}-R1", "requested", "customer")
    assert case.due_on == date(2026, 3, 9)
    assert case.policy == {"window_days": 30, "last_on": "2026-04-04", "postage": "shop"}
    line = case.lines.get()
    assert (line.order_line, line.quantity, line.reason.code) == (line_of(order), 1, "damaged")
    assert (line.detail, line.wanted, line.granted) == ("Handle is off", "refund", "")
    event = Event.objects.get(name="returns.case.requested")
    assert event.payload == {"case_id": case.pk, "order_id": order.pk}
    assert (event.order_number, event.visibility, event.actor_kind) == (order.number, "customer", "customer")
    assert breaches() == []


def test_request_return_sent_again_is_the_same_return(now: datetime, later: datetime) -> None:
    order, key = delivered_order(at=now), uuid4()
    wishes = [asked(line_of(order))]

    first = request_return(order_id=order.pk, lines=wishes, submission_key=key, at=later)
    second = request_return(order_id=order.pk, lines=wishes, submission_key=key, at=later)

    assert first.pk == second.pk
    assert steps_of(first) == ["requested"]
    assert ReturnCase.objects.count() == 1


def test_request_return_refuses_a_key_of_another_order(now: datetime, later: datetime) -> None:
    ana, stranger = delivered_order(at=now), delivered_order(at=now, number="KP-2041-9999", email="eva@example.com")
    known = requested(ana, at=later)

    with pytest.raises(requesting.KeyTaken):
        request_return(
            order_id=stranger.pk, lines=[asked(line_of(stranger))], submission_key=known.submission_key, at=later
        )

    assert ReturnCase.objects.get() == known


def test_request_return_refuses_what_did_not_arrive(now: datetime, later: datetime) -> None:
    order = placed_order(at=now)

    with pytest.raises(requesting.NotReturnable):
        requested(order, at=later)

    assert ReturnCase.objects.count() == 0


def test_request_return_counts_the_last_day_on_the_shops_clock(now: datetime) -> None:
    order = delivered_order(at=now, pieces=(2,))
    last_minute = datetime.fromisoformat("2026-04-04T23:59:00+01:00")  # summer time in Lisbon

    case = requested(order, asked(line_of(order)), at=last_minute)

    with pytest.raises(requesting.NotReturnable):
        requested(order, asked(line_of(order)), at=last_minute + timedelta(minutes=1))
    assert ReturnCase.objects.get() == case


def test_request_return_refuses_more_than_is_left(now: datetime, later: datetime) -> None:
    order = delivered_order(at=now, pieces=(2,))
    requested(order, asked(line_of(order), 1), at=later)

    with pytest.raises(requesting.TooMany) as refused:
        requested(order, asked(line_of(order), 2), at=later)
    requested(order, asked(line_of(order), 1), at=later)
    with pytest.raises(requesting.NotReturnable):
        requested(order, asked(line_of(order), 1), at=later)

    assert refused.value.left == 1
    assert ReturnCase.objects.count() == 2


def test_request_return_refuses_strangers_lines_nothing_and_doubles(now: datetime, later: datetime) -> None:
    ana, stranger = delivered_order(at=now), delivered_order(at=now, number="KP-2041-9999")

    with pytest.raises(requesting.NotReturnable):
        requested(ana, asked(line_of(stranger)), at=later)
    with pytest.raises(requesting.NothingAsked):
        request_return(order_id=ana.pk, lines=[], submission_key=uuid4(), at=later)
    with pytest.raises(requesting.NothingAsked):
        requested(ana, asked(line_of(ana), 0), at=later)
    with pytest.raises(requesting.NothingAsked):
        requested(ana, asked(line_of(ana)), asked(line_of(ana)), at=later)

    assert ReturnCase.objects.count() == 0


def test_request_return_offers_reasons_for_the_goods_that_are_not_retired(now: datetime, later: datetime) -> None:
    order = delivered_order(at=now)
    ReturnReason.objects.filter(code="gift").update(retired_at=now)

    for code in ("too-small", "gift", "unheard-of"):
        with pytest.raises(requesting.ReasonUnknown):
            requested(order, asked(line_of(order), reason=code), at=later)

    assert ReturnCase.objects.count() == 0


def test_request_return_exchanges_within_the_product_at_the_same_price(now: datetime, later: datetime) -> None:
    mug = ProductFactory()
    sage, rust = VariantFactory(product=mug), VariantFactory(product=mug, label="Rust", stock=1)
    dearer, other = VariantFactory(product=mug, price_minor=9900), VariantFactory()
    order = delivered_order(at=now, pieces=(2,), variants=(sage,))

    def exchange(variant: Variant, quantity: int = 1) -> requesting.Asked:
        return asked(line_of(order), quantity, wanted="exchange", exchange_variant_id=variant.pk)

    for refused in (exchange(dearer), exchange(other), exchange(rust, 2)):
        with pytest.raises(requesting.NotExchangeable):
            requested(order, refused, at=later)
    case = requested(order, exchange(rust), at=later)

    assert case.lines.get().exchange_variant == rust
    assert on_shelf(rust) == (1, 0, 0)


# -- Deciding -------------------------------------------------------------------------------------------------------
def exchange_case(now: datetime, later: datetime, stock: int = 5) -> tuple[Order, ReturnCase, Variant]:
    mug = ProductFactory()
    sage, rust = VariantFactory(product=mug), VariantFactory(product=mug, label="Rust", stock=stock)
    order = delivered_order(at=now, variants=(sage,))
    wish = asked(line_of(order), wanted="exchange", exchange_variant_id=rust.pk)
    return order, requested(order, wish, at=later), rust


def test_approve_return_says_who_and_when(now: datetime, later: datetime) -> None:
    case, dilini = requested(delivered_order(at=now), at=later), StaffFactory()

    approve_return(case_id=case.pk, by=dilini, at=later)

    case.refresh_from_db()
    assert (case.status, case.decided_by, case.decided_at, case.due_on) == ("approved", dilini, later, None)
    assert case.lines.get().granted == "refund"
    assert steps_of(case) == ["requested", "approved"]
    assert granted(case.order) == []
    assert breaches() == []


def test_approve_return_plans_the_exchange_at_once(now: datetime, later: datetime) -> None:
    order, case, rust = exchange_case(now, later)

    approve_return(case_id=case.pk, by=StaffFactory(), at=later)

    line = case.lines.get()
    assert (line.granted, line.amount_minor) == ("exchange", 0)
    assert line.exchange_line is not None
    assert (line.exchange_line.variant, line.exchange_line.exchange_of) == (rust, line.order_line)
    assert on_shelf(rust) == (5, 1, 0)
    assert Parcel.objects.filter(order=order, status="planned").count() == 1
    assert breaches() == []


def test_approve_return_changes_nothing_when_the_exchange_is_sold_out(now: datetime, later: datetime) -> None:
    order, case, rust = exchange_case(now, later, stock=1)
    placed_order(at=later, variant=rust, number="KP-2041-9999")

    with pytest.raises(SoldOut):
        approve_return(case_id=case.pk, by=StaffFactory(), at=later)

    case.refresh_from_db()
    assert (case.status, steps_of(case), case.lines.get().granted) == ("requested", ["requested"], "")
    assert OrderLine.objects.filter(order=order).count() == 1

    approve_with_refund(case_id=case.pk, by=StaffFactory(), at=later)

    assert case.lines.get().granted == "refund"
    assert breaches() == []


def test_decline_return_tells_why(now: datetime, later: datetime) -> None:
    order = delivered_order(at=now)
    case = requested(order, at=later)

    with pytest.raises(ReasonMissing):
        decline_return(case_id=case.pk, reason="  ", by=StaffFactory(), at=later)
    decline_return(case_id=case.pk, reason="It was engraved for you. ", by=StaffFactory(), at=later)

    case.refresh_from_db()
    assert (case.status, case.decline_reason) == ("declined", "It was engraved for you.")
    assert steps_of(case) == ["requested", "declined"]
    assert requested(order, at=later).number == f"{order.number}-R2"
    assert breaches() == []


def test_a_decision_is_made_once(now: datetime, later: datetime) -> None:
    case, dilini = requested(delivered_order(at=now), at=later), StaffFactory()
    approve_return(case_id=case.pk, by=dilini, at=later)

    for again in (approve_return, approve_with_refund):
        with pytest.raises(NotNow):
            again(case_id=case.pk, by=StaffFactory(), at=later)
    with pytest.raises(NotNow):
        decline_return(case_id=case.pk, reason="No", by=StaffFactory(), at=later)

    case.refresh_from_db()
    assert (case.decided_by, steps_of(case)) == (dilini, ["requested", "approved"])


# -- Receiving and settling -----------------------------------------------------------------------------------------
def approved(order: Order, *lines: requesting.Asked, at: datetime) -> ReturnCase:
    return approve_return(case_id=requested(order, *lines, at=at).pk, by=StaffFactory(), at=at)


def test_receive_return_settles_what_came_whole_and_like_new(now: datetime, later: datetime) -> None:
    order = delivered_order(at=now, pieces=(2,))
    case, ruwan = approved(order, at=later), StaffFactory()
    variant = line_of(order).variant

    receive_return(case_id=case.pk, findings=findings(case), by=ruwan, at=later)

    case.refresh_from_db()
    assert (case.status, case.received_by, case.settled_at, case.due_on) == ("settled", ruwan, later, None)
    assert (case.delivery_minor, case.refund_minor) == (490, 5290)
    assert granted(order) == [(f"returns.case:{case.pk}", 5290)]
    assert case.lines.get().amount_minor == 4800
    assert on_shelf(variant) == (20, 0, 0)
    assert line_of(order).qty_returned == 2
    assert steps_of(case) == ["requested", "approved", "received", "settled"]
    assert breaches() == []


@pytest.mark.parametrize(
    ("disposition", "level"), [("restock", (20, 0, 0)), ("quarantine", (19, 0, 1)), ("write_off", (19, 0, 0))]
)
def test_receive_return_moves_stock_to_where_the_inspection_sends_it(
    now: datetime, later: datetime, disposition: str, level: tuple[int, int, int]
) -> None:
    order = delivered_order(at=now)
    case = approved(order, at=later)

    receive_return(
        case_id=case.pk,
        findings=findings(case, condition="used", disposition=disposition, note="Tea stain"),
        by=StaffFactory(),
        at=later,
    )

    case.refresh_from_db()
    inspection = Inspection.objects.get()
    assert (inspection.condition, inspection.disposition, inspection.note) == ("used", disposition, "Tea stain")
    assert on_shelf(line_of(order).variant) == level
    assert StockMovement.objects.filter(key=f"returns.inspection:{inspection.pk}").count() == 1
    assert (case.status, case.due_on, granted(order)) == ("received", date(2026, 3, 10), [])
    assert breaches() == []


def test_receive_return_happens_once(now: datetime, later: datetime) -> None:
    order = delivered_order(at=now)
    case = approved(order, at=later)
    receive_return(case_id=case.pk, findings=findings(case), by=StaffFactory(), at=later)

    with pytest.raises(NotNow):
        receive_return(case_id=case.pk, findings=findings(case), by=StaffFactory(), at=later)

    assert on_shelf(line_of(order).variant) == (20, 0, 0)
    assert len(granted(order)) == 1


def test_receive_return_refuses_findings_that_cannot_be(now: datetime, later: datetime) -> None:
    order = delivered_order(at=now)
    case = approved(order, at=later)
    pk = case.lines.get().pk

    for wrong in ({}, {pk: LIKE_NEW, pk + 1: LIKE_NEW}):
        with pytest.raises(NotInspected):
            receive_return(case_id=case.pk, findings=wrong, by=StaffFactory(), at=later)
    for finding in (Finding(2), Finding(-1), Finding(1, "missing"), Finding(1, "used", "nowhere"), Finding(1, "x")):
        with pytest.raises(ImpossibleFinding):
            receive_return(case_id=case.pk, findings={pk: finding}, by=StaffFactory(), at=later)

    case.refresh_from_db()
    assert (case.status, Inspection.objects.count(), line_of(order).qty_returned) == ("approved", 0, 0)
    assert on_shelf(line_of(order).variant) == (19, 0, 0)


def test_fewer_pieces_than_announced_are_paid_as_they_came(now: datetime, later: datetime) -> None:
    order = delivered_order(at=now, pieces=(2,))
    case = approved(order, at=later)
    receive_return(case_id=case.pk, findings={case.lines.get().pk: Finding(1)}, by=StaffFactory(), at=later)

    settle_return(case_id=case.pk, by=StaffFactory(), at=later)
    rest = approved(order, asked(line_of(order), 1), at=later)
    receive_return(case_id=rest.pk, findings=findings(rest), by=StaffFactory(), at=later)

    assert granted(order) == [(f"returns.case:{case.pk}", 2400), (f"returns.case:{rest.pk}", 2890)]
    assert Payment.objects.get(order=order).granted_minor == order.total_minor
    assert breaches() == []


def test_an_empty_parcel_gives_nothing_back(now: datetime, later: datetime) -> None:
    order = delivered_order(at=now)
    case = approved(order, at=later)
    receive_return(case_id=case.pk, findings={case.lines.get().pk: Finding(0)}, by=StaffFactory(), at=later)

    settle_return(case_id=case.pk, by=StaffFactory(), at=later)

    case.refresh_from_db()
    inspection = Inspection.objects.get()
    assert (inspection.condition, inspection.disposition) == ("missing", "nowhere")
    assert (case.status, case.refund_minor, granted(order)) == ("settled", 0, [])
    assert on_shelf(line_of(order).variant) == (19, 0, 0)
    assert breaches() == []


def test_settle_return_waits_until_the_order_is_paid(now: datetime, later: datetime) -> None:
    order = delivered_order(at=now, paid=False)
    case = approved(order, at=later)
    receive_return(case_id=case.pk, findings=findings(case), by=StaffFactory(), at=later)

    with pytest.raises(NotPaidYet):
        settle_return(case_id=case.pk, by=StaffFactory(), at=later)

    case.refresh_from_db()
    assert (case.status, granted(order), line_of(order).qty_returned) == ("received", [], 1)
    assert breaches() == []


def test_settle_return_leaves_what_was_given_back_before(now: datetime, later: datetime) -> None:
    order = delivered_order(at=now)
    case = approved(order, at=later)
    grant_refund(order_id=order.pk, amount_minor=500, reason="Late", origin="gesture:1", by=None, at=later)

    receive_return(case_id=case.pk, findings=findings(case), by=StaffFactory(), at=later)

    assert granted(order) == [("gesture:1", 500), (f"returns.case:{case.pk}", 2390)]
    assert breaches() == []


def test_a_piece_that_came_in_exchange_is_worth_what_the_first_one_cost(now: datetime, later: datetime) -> None:
    order, case, rust = exchange_case(now, later)
    approve_return(case_id=case.pk, by=StaffFactory(), at=later)
    receive_return(case_id=case.pk, findings=findings(case), by=StaffFactory(), at=later)
    case.refresh_from_db()
    assert (case.status, case.refund_minor, granted(order)) == ("settled", 0, [])

    deliver(order, number=2, at=later)
    week_later = later + timedelta(days=7)
    second = approved(order, asked(line_of(order, 1)), at=week_later)
    receive_return(case_id=second.pk, findings=findings(second), by=StaffFactory(), at=week_later)

    assert granted(order) == [(f"returns.case:{second.pk}", 2890)]
    assert on_shelf(rust) == (5, 0, 0)
    assert breaches() == []


def test_an_exchange_has_a_window_of_its_own(now: datetime, later: datetime) -> None:
    order, case, _ = exchange_case(now, later)
    approve_return(case_id=case.pk, by=StaffFactory(), at=later)
    out_again = datetime.fromisoformat("2026-04-03T10:00:00+00:00")
    deliver(order, number=2, at=out_again)

    late = datetime.fromisoformat("2026-05-05T10:00:00+00:00")
    second = requested(order, asked(line_of(order, 1)), at=late)

    assert second.policy["last_on"] == "2026-05-06"


# -- Keeping it -----------------------------------------------------------------------------------------------------
def test_withdraw_return_frees_the_pieces(now: datetime, later: datetime) -> None:
    order = delivered_order(at=now)
    case = approved(order, at=later)

    withdraw_return(case_id=case.pk, at=later)

    case.refresh_from_db()
    assert (case.status, case.withdrawn_at, steps_of(case)) == (
        "withdrawn",
        later,
        ["requested", "approved", "withdrawn"],
    )
    with pytest.raises(NotNow):
        receive_return(case_id=case.pk, findings=findings(case), by=StaffFactory(), at=later)
    assert requested(order, at=later).status == "requested"
    assert breaches() == []


def test_withdraw_return_refuses_once_the_exchange_is_under_way(now: datetime, later: datetime) -> None:
    _, case, _ = exchange_case(now, later)
    approve_return(case_id=case.pk, by=StaffFactory(), at=later)

    with pytest.raises(ExchangeUnderWay):
        withdraw_return(case_id=case.pk, at=later)

    case.refresh_from_db()
    assert (case.status, steps_of(case)) == ("approved", ["requested", "approved"])


def test_withdraw_return_refuses_once_the_pieces_are_with_us(now: datetime, later: datetime) -> None:
    case = approved(delivered_order(at=now), at=later)
    receive_return(case_id=case.pk, findings=findings(case, condition="used"), by=StaffFactory(), at=later)

    with pytest.raises(NotNow):
        withdraw_return(case_id=case.pk, at=later)

    assert CaseLine.objects.get().case.status == "received"
