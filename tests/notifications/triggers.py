"""What really makes each kind of message: what people, couriers and sweeps do, on orders placed through the front door.

One proof for each kind, by its name; a kind without one fails the tests.  A proof takes the moment and returns the one
at which its message is to go out.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.test import override_settings

from notifications.operations.campaigning import run_campaigns, start_campaign
from notifications.operations.greeting import greet
from notifications.operations.silence import begin_to_count, break_silence
from notifications.operations.wishing import Hours, choose_wishes
from orders.gateways import payments
from orders.gateways.payments.stripe_checkout import StripeCheckout
from orders.gateways.payments.test_card import PAYS
from orders.models import (
    ArrivalQuestion,
    Incident,
    Order,
    OrderChange,
    Parcel,
    ServiceLevel,
    Submission,
    Unavailability,
)
from orders.operations import arrivals, changing, choosing, incidents, shortfalls
from orders.operations.cancelling import cancel_order
from orders.operations.credit import give_credit
from orders.operations.delays import note_delay, watch_promises
from orders.operations.drafting import make_draft, send_draft
from orders.operations.finishing import finish_placements
from orders.operations.links import request_link
from orders.operations.making import note_made
from orders.operations.packing import pack_parcel
from orders.operations.paying import note_payment_received
from orders.operations.paying_out import execute_refunds
from orders.operations.placing import place_order
from orders.operations.readdressing import stage_delivery
from orders.operations.refunding import grant_refund
from orders.operations.shipping import hand_over_parcel
from orders.operations.telling import tell_of_incidents
from orders.operations.tracking import apply_tracking
from orders.operations.unpaid import watch_payments
from orders.queries.changing import plan_change, wishes_of
from orders.queries.redelivery import planned
from orders.rules.changing import Wish
from orders.rules.redelivery import Delivery
from returns.models import ReturnCase
from returns.operations import deciding
from returns.operations.receiving import Finding, receive_return
from returns.operations.withdrawing import withdraw_return
from shop.adapters import AccountAdapter
from shop.models import StockArrival, StockLevel
from shop.operations import alerts
from shop.operations.accounts import change_profile
from shop.operations.arrivals import announce_arrival
from shop.operations.data_requests import ask_copy
from shop.operations.events import relay_events
from shop.operations.reviews import decline_review
from shop.operations.serving_data import make_copy
from support.operations.regretting import write_regrets
from support.operations.replying import reply
from tests.factories.bags import ANA, filled_bag, ordered, shown_to
from tests.factories.campaigns import a_draft_campaign
from tests.factories.incidents import described
from tests.factories.orders import placed_order, service_level
from tests.factories.regret import budget, policy
from tests.factories.returns import delivered_order, requested, withdrawn
from tests.factories.shop import StaffFactory, UserFactory, VariantFactory
from tests.factories.support import asked
from tests.factories.voices import written
from tests.stripe_peer import StripePeer

Proof = Callable[[datetime], datetime]

DAY = timedelta(days=1)


# -- Ordering and paying ----------------------------------------------------------------------------------------------


def order_placed(at: datetime) -> datetime:
    ordered(at=at)
    return at


def payment_received(at: datetime) -> datetime:
    order = _by_transfer(at)
    note_payment_received(order_id=order.pk, amount_minor=order.total_minor, reference="E2E-1", by=None, at=at)
    return at


def payment_reminder(at: datetime) -> datetime:
    _by_transfer(at)
    watch_payments(at + 5 * DAY)
    return at + 5 * DAY


def order_expired(at: datetime) -> datetime:
    with StripePeer() as stripe, override_settings(STRIPE_SECRET_KEY="sk_test_1", STRIPE_API=stripe.url):
        before, payments._GATEWAYS["stripe"] = payments._GATEWAYS["stripe"], StripeCheckout()
        try:
            cart, _token = filled_bag(at=at)
            asked_for = replace(ANA, provider="stripe", payment_token="")
            saw = shown_to(cart, asked_for, at=at)
            order = place_order(key=uuid.uuid4(), cart_id=cart.pk, request=asked_for, shown=saw, at=at)
            stripe.let_expire(order.payment.session_ref)
            Submission.objects.update(lease_until=at - DAY)
            finish_placements(at)
        finally:
            payments._GATEWAYS["stripe"] = before
    return at


def draft_sent(at: datetime) -> datetime:
    service_level()
    details = {"email": "ana@example.com", "full_name": "Ana Costa", "country": "PT", "service": "door-pt"}
    clerk, wanted = StaffFactory(), [(VariantFactory().pk, 1)]
    draft = make_draft(wanted=wanted, details=details, discount_bp=0, locale="en", by=clerk, at=at)
    send_draft(draft_id=draft.pk, by=clerk, at=at)
    return at


def credit_given(at: datetime) -> datetime:
    give_credit(
        email="ana@example.com", amount_minor=500, currency="EUR", reason="For the wait", key="tests:1",
        by=StaffFactory(), at=at,
    )  # fmt: skip
    return at


def tracking_link(at: datetime) -> datetime:
    request_link(number=ordered(at=at).number, email="ANA@example.com", at=at)
    return at


# -- On its way -------------------------------------------------------------------------------------------------------


def piece_made(at: datetime) -> datetime:
    order = ordered((VariantFactory(making_days=5), 1), at=at)
    note_made(parcel_id=order.parcels.get().pk, by=StaffFactory(), at=at + DAY)
    return at + DAY


def order_packed(at: datetime) -> datetime:
    _packed(ordered(at=at), at)
    return at


def ready_to_collect(at: datetime) -> datetime:
    door = service_level()
    ServiceLevel.objects.create(
        code="pickup-pt", kind=ServiceLevel.Kind.PICKUP, name="Collect it", country="PT", workshop=door.workshop,
        carrier_calendar=door.workshop.calendar, destination_calendar=door.workshop.calendar, transit_min_days=0,
        transit_max_days=0, price_minor=0, position=9,
    )  # fmt: skip
    _packed(ordered(at=at, service_code="pickup-pt", street="", postcode="", city=""), at)
    return at


def parcel_handed_over(at: datetime) -> datetime:
    _on_its_way(at)
    return at


def out_for_delivery(at: datetime) -> datetime:
    _scan(_on_its_way(at), "out_for_delivery", at + DAY)
    return at + DAY


def delivery_failed(at: datetime) -> datetime:
    _scan(_on_its_way(at), "attempt_failed", at + DAY)
    return at + DAY


def address_question(at: datetime) -> datetime:
    _scan(_on_its_way(at), "held", at + DAY, reason="address")
    return at + DAY


def parcel_delivered(at: datetime) -> datetime:
    _scan(_on_its_way(at), "delivered", at + DAY)
    return at + DAY


def arrival_question(at: datetime) -> datetime:
    _scan(_on_its_way(at), "delivered", at + DAY)
    ask_at = ArrivalQuestion.objects.get().ask_at
    arrivals.ask_arrivals(ask_at)
    return ask_at


def review_invitation(at: datetime) -> datetime:
    _scan(_on_its_way(at), "delivered", at + DAY)
    arrivals.say_all_is_well(order_id=ArrivalQuestion.objects.get().order_id, at=at + DAY)
    arrivals.invite_reviews(at + 8 * DAY)
    return at + 8 * DAY


def where_it_stands(at: datetime) -> datetime:
    order = placed_order(at=at - 14 * DAY)
    begin_to_count(order_id=order.pk, at=at - 14 * DAY)
    break_silence(at)
    return at


# -- Not as planned ---------------------------------------------------------------------------------------------------


def order_delayed(at: datetime) -> datetime:
    ordered(at=at)
    watch_promises(at + 2 * DAY)
    return at + 2 * DAY


def eta_changed(at: datetime) -> datetime:
    parcel = _on_its_way(at)
    _scan(parcel, "in_transit", at + timedelta(hours=2), eta_on=at.date() + DAY)
    note_delay(order_id=parcel.order_id, at=at + timedelta(hours=3))
    return at + timedelta(hours=3)


def parcel_delayed(at: datetime) -> datetime:
    case = _missing(at, 1, 2)
    level = StockLevel.objects.get(variant=case.line.variant)
    announce_arrival(
        level_id=level.pk, pieces=1, expected_on=at.date() + 7 * DAY, source=StockArrival.Source.PRODUCTION, note="",
        by=None, at=at,
    )  # fmt: skip
    choosing.choose_later(case_id=case.pk, order_id=case.order_id, by=None, at=at)
    first, later = Parcel.objects.order_by("number", "id")
    _scan(_handed_over(first, at), "delivered", at + DAY)
    late_at = later.plans.get().hand_over_by_at + timedelta(hours=1)
    note_delay(order_id=case.order_id, at=late_at)
    return late_at


def unavailable(at: datetime) -> datetime:
    _missing(at, 1)
    return at


def missing_chosen(at: datetime) -> datetime:
    case = _missing(at, 1, 2)
    choosing.choose_rest(case_id=case.pk, order_id=case.order_id, by=None, at=at)
    return at


def order_changed(at: datetime) -> datetime:
    change = _staged(at)
    order = Order.objects.get(pk=change.order_id)
    changing.confirm_change(
        change_id=change.pk, order_id=order.pk, shown=plan_change(order, wishes_of(change), at=at).as_shown(),
        payment_token=PAYS, by=None, at=at,
    )  # fmt: skip
    return at


def delivery_changed(at: datetime) -> datetime:
    order = ordered(at=at)
    wanted = Delivery("Rua Nova 3", "", "4000-100", "Porto", "", "")
    change = stage_delivery(order_id=order.pk, delivery=wanted, by=None, at=at)
    changing.confirm_change(
        change_id=change.pk, order_id=order.pk, shown=planned(order, change, at=at).as_shown(), by=None, at=at
    )
    return at


def change_offered(at: datetime) -> datetime:
    change = _staged(at)
    changing.offer_change(change_id=change.pk, order_id=change.order_id, by=StaffFactory(), at=at)
    return at


def order_cancelled(at: datetime) -> datetime:
    cancel_order(order_id=ordered(at=at).pk, by=None, at=at)
    return at


def incident_declared(at: datetime) -> datetime:
    _crisis(at)
    return at


def incident_updated(at: datetime) -> datetime:
    crisis = _crisis(at)
    crisis.extra_days += 2
    crisis.save()
    incidents.tell_news(incident_id=crisis.pk, by=None, at=at + timedelta(hours=1))
    _tell_all(at + timedelta(hours=1))
    return at + timedelta(hours=1)


def incident_over(at: datetime) -> datetime:
    incidents.give_all_clear(incident_id=_crisis(at).pk, by=None, at=at + timedelta(hours=1))
    _tell_all(at + timedelta(hours=1))
    return at + timedelta(hours=1)


# -- Money and things back --------------------------------------------------------------------------------------------


def refund_granted(at: datetime) -> datetime:
    _refund(at)
    return at


def refund_sent(at: datetime) -> datetime:
    _refund(at)
    execute_refunds(at)
    return at


def regret(at: datetime) -> datetime:
    """A mug was not found when packing, she took the rest; the sweep writes our regret with five euro."""
    policy(), budget(at.date())
    missing_chosen(at)
    relay_events(at)
    write_regrets(at)
    return at


def return_requested(at: datetime) -> datetime:
    _return(at)
    return at + 4 * DAY


def return_approved(at: datetime) -> datetime:
    deciding.approve_return(case_id=_return(at).pk, by=StaffFactory(), at=at + 4 * DAY)
    return at + 4 * DAY


def return_declined(at: datetime) -> datetime:
    why = "It was made to your measure."
    deciding.decline_return(case_id=_return(at).pk, reason=why, by=StaffFactory(), at=at + 4 * DAY)
    return at + 4 * DAY


def return_received(at: datetime) -> datetime:
    _received(at, Finding(1, "used", "quarantine"))
    return at + 5 * DAY


def return_settled(at: datetime) -> datetime:
    _received(at, Finding(1))
    return at + 5 * DAY


def return_withdrawn(at: datetime) -> datetime:
    withdraw_return(case_id=_return(at).pk, at=at + 4 * DAY)
    return at + 4 * DAY


def withdrawal_receipt(at: datetime) -> datetime:
    withdrawn(ordered(at=at), at=at)
    return at


# -- Talking ----------------------------------------------------------------------------------------------------------


def conversation_opened(at: datetime) -> datetime:
    asked(at=at)
    return at


def support_answer(at: datetime) -> datetime:
    thread = asked(at=at).conversation
    thread.refresh_from_db()
    reply(
        conversation_id=thread.pk, text="Yes, on Thursday.", by=StaffFactory(), seen_version=thread.version,
        client_token=uuid.uuid4(), at=at,
    )  # fmt: skip
    return at


def review_declined(at: datetime) -> datetime:
    order = ordered(at=at)
    review = written(at=at, variant=order.lines.get().variant, order_number=order.number)
    decline_review(review_id=review.pk, reason="personal", words="It names a neighbour.", by=StaffFactory(), at=at)
    return at


def alert_confirm(at: datetime) -> datetime:
    variant = VariantFactory(stock=0)
    alerts.ask_alert(variant_id=variant.pk, email="ana@example.com", locale="en", proved=False, at=at)
    return at


def alert_back(at: datetime) -> datetime:
    variant = VariantFactory(stock=0)
    alerts.ask_alert(variant_id=variant.pk, email="ana@example.com", locale="en", proved=True, at=at)
    StockLevel.objects.filter(variant=variant).update(on_hand=3)
    alerts.tell_waiting(at)
    return at


def _account(template: str) -> Proof:
    """What the library for accounts asks for."""

    def proof(at: datetime) -> datetime:
        known = {"code": "BCDF-GHJK", "user": UserFactory(email="ana@example.com")}
        AccountAdapter().send_mail(f"account/email/{template}", "ana@example.com", known)
        return at

    return proof


def birthday(at: datetime) -> datetime:
    """She leaves her birthday in her account; tomorrow it comes."""
    user = UserFactory(email="ana@example.com")
    change_profile(
        user_id=user.pk, name="Ana Costa", language="en", birthday_on=date(1990, at.month, at.day + 1),
        birthday_agreed=True, at=at,
    )  # fmt: skip
    relay_events(at)
    greet(at + DAY)
    return at + DAY


def anniversary(at: datetime) -> datetime:
    """The day before her first order is a year old she ticks that she likes to be reminded."""
    placed_order(at=at - 364 * DAY)
    choose_wishes(
        address="ana@example.com", wishes={("anniversary", "email"): True}, hours=Hours(None, None, "Europe/Lisbon"),
        first_channel="email", at=at,
    )  # fmt: skip
    greet(at + DAY)
    return at + DAY


def campaign(at: datetime) -> datetime:
    """She ticks news of the shop; a campaign to everybody who did is started."""
    placed_order(at=at)
    choose_wishes(
        address="ana@example.com", wishes={("campaign", "email"): True}, hours=Hours(None, None, "Europe/Lisbon"),
        first_channel="email", at=at,
    )  # fmt: skip
    start_campaign(campaign_id=a_draft_campaign(at=at).pk, by=StaffFactory(), at=at)
    while run_campaigns(at):
        pass
    return at


def news_confirm(at: datetime) -> datetime:
    """A guest ticks the box at the checkout."""
    ordered(at=at, news=True)
    return at


def account_data(at: datetime) -> datetime:
    wish = ask_copy(user_id=UserFactory(email="ana@example.com").pk, locale="en", at=at)
    make_copy(request_id=wish.pk, at=at)
    return at


# -- What several need ------------------------------------------------------------------------------------------------


def _by_transfer(at: datetime) -> Order:
    return ordered(at=at, provider="bank_transfer", payment_token="")


def _packed(order: Order, at: datetime) -> Parcel:
    return pack_parcel(parcel_id=order.parcels.get().pk, by=None, at=at)


def _handed_over(parcel: Parcel, at: datetime) -> Parcel:
    pack_parcel(parcel_id=parcel.pk, by=None, at=at)
    return hand_over_parcel(parcel_id=parcel.pk, carrier="demo", tracking_number="HP-1001", by=None, at=at)


def _on_its_way(at: datetime) -> Parcel:
    return _handed_over(ordered(at=at).parcels.get(), at)


def _scan(parcel: Parcel, status: str, at: datetime, eta_on: date | None = None, reason: str = "") -> None:
    apply_tracking(
        parcel_id=parcel.pk, provider="demo", status=status, external_id=uuid.uuid4().hex, occurred_at=at,
        eta_on=eta_on, reason=reason, at=at,
    )  # fmt: skip


def _missing(at: datetime, *pieces: int) -> Unavailability:
    order = ordered(*[(VariantFactory(stock=5), number) for number in pieces], at=at)
    return shortfalls.note_short_pick(
        parcel_id=order.parcels.get().pk, line_id=order.lines.order_by("id")[0].pk, missing=1, reason="", key="k",
        by=StaffFactory(), at=at,
    )  # fmt: skip


def _staged(at: datetime) -> OrderChange:
    small = VariantFactory(price_minor=1000)
    large = VariantFactory(product=small.product, price_minor=1300)
    order = ordered((small, 1), at=at)
    wishes = {order.lines.get().pk: Wish(large.pk, 1)}
    return changing.stage_change(order_id=order.pk, wishes=wishes, by=None, at=at)


def _crisis(at: datetime) -> Incident:
    ordered(at=at)
    crisis = described(at=at)
    incidents.declare(incident_id=crisis.pk, by=None, at=at)
    _tell_all(at)
    crisis.refresh_from_db()
    return crisis


def _tell_all(at: datetime) -> None:
    while tell_of_incidents(at):
        continue


def _refund(at: datetime) -> None:
    grant_refund(
        order_id=ordered(at=at).pk, amount_minor=500, reason="A chip in the glaze", origin="tests", by=None, at=at
    )


def _return(at: datetime) -> ReturnCase:
    return requested(delivered_order(at=at), at=at + 4 * DAY)


def _received(at: datetime, finding: Finding) -> None:
    case, dilini = _return(at), StaffFactory()
    deciding.approve_return(case_id=case.pk, by=dilini, at=at + 4 * DAY)
    receive_return(case_id=case.pk, findings={case.lines.get().pk: finding}, by=dilini, at=at + 5 * DAY)


PROOFS: dict[str, Proof] = {
    proof.__name__: proof
    for proof in (
        order_placed, payment_received, payment_reminder, order_expired, draft_sent, tracking_link, credit_given,
        piece_made,
        order_packed, ready_to_collect, parcel_handed_over, out_for_delivery, delivery_failed, parcel_delivered,
        address_question,
        arrival_question, review_invitation, where_it_stands, order_delayed, eta_changed, parcel_delayed, unavailable,
        missing_chosen, order_changed, delivery_changed, change_offered, order_cancelled, incident_declared,
        incident_updated, incident_over, refund_granted, refund_sent, regret, return_requested, return_approved,
        return_declined,
        return_received, return_settled, return_withdrawn, conversation_opened, support_answer, review_declined,
        withdrawal_receipt,
        alert_confirm, alert_back, account_data,
        birthday,
        campaign,
        anniversary,
        news_confirm,
    )
}  # fmt: skip
PROOFS |= {
    "account_code": _account("login_code"),
    "account_hint": _account("account_already_exists"),
    "account_notice": _account("password_changed"),
}
