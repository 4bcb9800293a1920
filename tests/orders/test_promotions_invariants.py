"""Promotions, vouchers, gifts: in the bag, at the checkout, in the order, and back when it is cancelled."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from orders.models import Order, OrderLine, Parcel, ParcelPlan, Promotion, Redemption, Voucher
from orders.operations import basket, vouchers
from orders.operations.cancelling import cancel_order
from orders.operations.finishing import PaymentDeclined
from orders.operations.placing import place_order
from orders.operations.preparing import ChangedSinceShown
from orders.operations.redeeming import PromotionGone
from orders.queries.promotions import chances_of
from orders.rules.promotions import customer_key
from shop.models import Event, StockLevel
from shop.queries.audit import breaches
from tests.accounts import AGAIN, said_again
from tests.breaches import sql
from tests.factories.bags import ANA, filled_bag, for_everybody, gift_wrap, shown_to, voucher
from tests.factories.shop import PASSWORD, StaffFactory, VariantFactory
from tests.orders.test_checkout_page import FILLED, hidden
from tests.pages import words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


def bag_with(code: str, *wanted: tuple[object, int], at: datetime) -> tuple[object, str]:
    cart, token = filled_bag(*wanted, at=at)  # type: ignore[arg-type]
    vouchers.add_voucher(cart_id=cart.pk, code=code, at=at)
    return cart, token


def placed(cart: object, at: datetime, **changes: object) -> Order:
    request = replace(ANA, **changes)  # type: ignore[arg-type]
    shown = shown_to(cart, request, at=at)  # type: ignore[arg-type]
    return place_order(key=uuid4(), cart_id=cart.pk, request=request, shown=shown, at=at)  # type: ignore[attr-defined]


# -- In the order ---------------------------------------------------------------------------------------------------


def test_a_discount_is_shared_by_the_lines_to_the_cent_and_kept_on_them(now: datetime) -> None:
    _row, code = voucher(at=now, percent_bp=3333)
    cart, _token = bag_with(code, (VariantFactory(price_minor=999), 3), (VariantFactory(price_minor=1), 1), at=now)

    order = placed(cart, now)

    lines = list(order.lines.order_by("id"))
    assert [(line.gross_minor, line.discount_minor) for line in lines] == [(2997, 999), (1, 0)]
    assert [line.units_paid_minor for line in lines] == [[666, 666, 666], [1]]
    assert (order.goods_minor, order.total_minor) == (1999, 1999 + 490)
    assert Redemption.objects.values_list("saved_minor", flat=True).get() == 999
    assert breaches() == []


def test_free_delivery_and_an_automatic_amount_go_together(now: datetime) -> None:
    _row, code = voucher(at=now, kind="free_delivery", percent_bp=None, name="On us")
    for_everybody()
    cart, _token = bag_with(code, at=now)

    order = placed(cart, now)

    assert (order.goods_minor, order.delivery_minor, order.total_minor) == (1900, 0, 1900)
    assert dict(Redemption.objects.values_list("name", "saved_minor")) == {"On us": 490, "Five off": 500}
    assert breaches() == []


def test_a_gift_comes_along_for_nothing_and_is_allocated(now: datetime) -> None:
    bowl = VariantFactory(stock=1)
    _row, code = voucher(at=now, kind="gift", percent_bp=None, gift=bowl)
    cart, _token = bag_with(code, at=now)

    order = placed(cart, now)

    line = order.lines.get(kind=OrderLine.Kind.FREE)
    assert (line.variant_id, line.quantity, line.gross_minor) == (bowl.pk, 1, 0)
    assert StockLevel.objects.get(variant=bowl).allocated == 1
    assert order.parcels.get().lines.count() == 2
    assert breaches() == []


def test_a_gift_that_runs_out_is_told_before_she_pays(now: datetime) -> None:
    bowl = VariantFactory(stock=1)
    _row, code = voucher(at=now, kind="gift", percent_bp=None, gift=bowl)
    cart, _token = bag_with(code, at=now)
    shown = shown_to(cart, ANA, at=now)  # type: ignore[arg-type]
    StockLevel.objects.filter(variant=bowl).update(allocated=1)

    with pytest.raises(ChangedSinceShown) as refusal:
        place_order(key=uuid4(), cart_id=cart.pk, request=ANA, shown=shown, at=now)  # type: ignore[attr-defined]

    assert refusal.value.change.promotions
    assert (refusal.value.change.total_minor, Order.objects.count()) == (None, 0)


def test_an_order_that_costs_nothing_is_placed_and_paid(now: datetime) -> None:
    _row, code = voucher(at=now, percent_bp=10_000)
    _free, code2 = voucher(at=now, kind="free_delivery", percent_bp=None, name="On us")
    cart, _token = bag_with(code, at=now)
    vouchers.add_voucher(cart_id=cart.pk, code=code2, at=now)  # type: ignore[attr-defined]

    order = placed(cart, now)

    assert (order.total_minor, order.status, order.payment_status) == (0, "placed", "paid")
    assert breaches() == []


def test_gift_wrap_is_an_article_no_promotion_counts(now: datetime) -> None:
    gift_wrap(390)
    _row, code = voucher(at=now, percent_bp=5000)
    cart, _token = bag_with(code, at=now)
    basket.wrap_as_gift(cart_id=cart.pk, wrap=True, message="For Rui", hide_prices=True, at=now)  # type: ignore[attr-defined]
    cart.refresh_from_db()  # type: ignore[attr-defined]

    order = placed(cart, now)

    assert (order.goods_minor, order.total_minor) == (1200 + 390, 1200 + 390 + 490)
    assert (order.gift_wrap, order.gift_message, order.hide_prices) == (True, "For Rui", True)
    assert order.lines.get(sku="GIFT-WRAP").discount_minor == 0
    assert breaches() == []


def test_as_ready_makes_two_parcels_with_two_days(now: datetime) -> None:
    made = VariantFactory(making_days=5)
    cart, _token = filled_bag((made, 1), (VariantFactory(), 1), at=now)
    cart = basket.choose_sending(cart_id=cart.pk, sending="as_ready", at=now)  # type: ignore[arg-type]

    order = placed(cart, now)

    first, second = Parcel.objects.order_by("number")
    plan, promise = ParcelPlan.objects.get(), order.promises.get()
    assert (order.sending, plan.parcel_id) == ("as_ready", first.pk)
    assert plan.deliver_by_on < promise.deliver_by_on
    assert [row.line.variant_id for row in second.lines.all()] == [made.pk]
    assert (order.next_due_kind, order.next_due_at) == ("pack", plan.pack_by_at)
    assert breaches() == []


# -- Limits ---------------------------------------------------------------------------------------------------------


def test_a_one_time_voucher_is_used_once_and_comes_back_when_the_order_is_cancelled(now: datetime) -> None:
    row, code = voucher(at=now, budget_minor=1000)
    first, _token = bag_with(code, at=now)
    second, _token = bag_with(code, at=now)
    order = placed(first, now)

    refused = chances_of(second, customer_key="", at=now)[0].refused  # type: ignore[arg-type]
    with pytest.raises(vouchers.CodeRefused):
        vouchers.add_voucher(cart_id=second.pk, code=code, at=now)  # type: ignore[attr-defined]
    cancel_order(order_id=order.pk, by=None, at=now)

    row.refresh_from_db()
    row.promotion.refresh_from_db()
    assert (refused, row.uses, row.promotion.uses, row.promotion.spent_minor) == ("used_up", 0, 0, 0)
    assert Redemption.objects.get().released_at == now
    assert placed(second, now).goods_minor == 2160
    assert breaches() == []


def test_a_declined_card_gives_the_voucher_back(now: datetime) -> None:
    row, code = voucher(at=now)
    cart, _token = bag_with(code, at=now)

    with pytest.raises(PaymentDeclined):
        placed(cart, now, payment_token="test:declined")

    row.refresh_from_db()
    assert (row.uses, Redemption.objects.filter(released_at=None).count()) == (0, 0)
    assert placed(cart, now).goods_minor == 2160
    assert breaches() == []


def test_one_address_uses_a_promotion_as_often_as_it_may(now: datetime) -> None:
    for_everybody(uses_per_customer=2)
    orders = [placed(filled_bag(at=now)[0], now) for _time in range(2)]
    third = filled_bag(at=now)[0]

    mine = chances_of(third, customer_key=customer_key("ANA@example.com"), at=now)[0]
    hers = chances_of(third, customer_key=customer_key("rui@example.com"), at=now)[0]

    assert (mine.refused, hers.refused) == ("used_by_her", None)
    assert list(Redemption.objects.order_by("id").values_list("turn", flat=True)) == [1, 2]
    cancel_order(order_id=orders[0].pk, by=None, at=now)
    assert placed(third, now).goods_minor == 1900
    assert Redemption.objects.order_by("-id")[0].turn == 1
    assert breaches() == []


def test_the_last_use_gone_between_page_and_button_is_refused(now: datetime) -> None:
    promotion = for_everybody(uses_limit=1)
    cart, other = filled_bag(at=now)[0], filled_bag(at=now)[0]
    shown = shown_to(cart, ANA, at=now)
    placed(other, now)

    with pytest.raises((PromotionGone, ChangedSinceShown)):
        place_order(key=uuid4(), cart_id=cart.pk, request=ANA, shown=shown, at=now)

    promotion.refresh_from_db()
    assert (promotion.uses, Order.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"ends_at": datetime(2026, 3, 1).astimezone()}, "It has ended."),
        ({"starts_at": datetime(2026, 4, 1).astimezone()}, "It has not begun yet; the voucher stays yours."),
        ({"active": False}, "It is no longer valid."),
    ],
)
def test_a_code_that_cannot_be_used_says_why(
    client: Client, now: datetime, fields: dict[str, object], sentence: str
) -> None:
    _row, code = voucher(at=now, **fields)
    _cart, client.cookies["bag"] = filled_bag(at=now)

    answer = client.post("/bag/voucher/", {"code": code})

    assert (answer.status_code, sentence in words(answer)) == (409, True)


# -- Pages ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def ana(client: Client, now: datetime) -> Client:
    """Ana's browser with one mug in the bag."""
    _cart, client.cookies["bag"] = filled_bag(at=now)
    return client


def test_a_code_is_typed_counts_and_is_taken_out(ana: Client, now: datetime) -> None:
    row, code = voucher(at=now)

    page = words(ana.post("/bag/voucher/", {"code": code.lower().replace("-", " ")}, follow=True))

    assert "Your voucher “Spring thanks” is in the bag." in page
    assert "−€2.40" in page
    assert "€26.50" in page
    out = ana.post(f"/bag/vouchers/{row.pk}/removal/", follow=True)
    assert "it stays yours" in words(out)
    assert "−€2.40" not in words(out)


def test_wrong_and_too_many_codes_are_answered_in_words(ana: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orders.views.codes.TRIES_PER_BAG", 2)
    empty = ana.post("/bag/voucher/", {"code": ""})
    unknown = ana.post("/bag/voucher/", {"code": "7K2M-Q0XR-9D4T-HW3B"})
    ana.post("/bag/voucher/", {"code": "SPRING"})
    often = ana.post("/bag/voucher/", {"code": "7K2M-Q0XR-9D4T-HW3B"})

    assert (empty.status_code, "Type the code of your voucher" in words(empty)) == (422, True)
    assert (unknown.status_code, "We do not know this code." in words(unknown)) == (422, True)
    assert (often.status_code, "Those were many codes." in words(often)) == (429, True)


def test_what_does_not_count_yet_says_what_is_missing(ana: Client, now: datetime) -> None:
    _row, code = voucher(at=now, minimum_minor=6000)

    page = words(ana.post("/bag/voucher/", {"code": code}, follow=True))

    assert "Spring thanks. €36.00 more, and it counts." in page
    assert "The order in which you type codes makes no difference." in page


def test_the_checkout_shows_what_comes_off_and_says_when_it_is_gone(ana: Client, now: datetime) -> None:
    promotion = for_everybody(uses_limit=1)
    page = ana.get("/checkout/")
    assert "Five off −€5.00" in words(page)
    assert "Pay €23.90" in words(page)
    Promotion.objects.filter(pk=promotion.pk).update(uses=1)

    answer = ana.post("/checkout/", FILLED | hidden(page))

    said = words(answer)
    assert answer.status_code == 409
    assert "The total was €23.90 and is now €28.90." in said
    assert "Nothing has been ordered or charged." in said
    assert Order.objects.count() == 0
    assert ana.post("/checkout/", FILLED | hidden(answer)).status_code == 302


def test_used_up_at_the_very_last_moment_is_a_page(ana: Client, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    for_everybody(uses_limit=1)
    page = ana.get("/checkout/")
    monkeypatch.setattr("orders.operations.redeeming.count_use", lambda **_: False)

    answer = ana.post("/checkout/", FILLED | hidden(page))

    assert (answer.status_code, Order.objects.count()) == (409, 0)
    assert "“Five off” has just been used up" in words(answer)
    assert breaches() == []


def test_a_gift_is_wrapped_with_a_card_and_without_prices(ana: Client, now: datetime) -> None:
    gift_wrap()
    page = words(ana.post("/bag/gift/", {"wrap": "on", "message": "For Rui", "hide_prices": "on"}, follow=True))
    assert "Gift wrap €3.90" in page

    checkout = ana.get("/checkout/")
    assert "On the card: “For Rui”" in words(checkout)
    ana.post("/checkout/", FILLED | hidden(checkout))

    order = Order.objects.get()
    client = Client()
    packer = StaffFactory()
    packer.user_permissions.set(Permission.objects.filter(codename="view_order"))
    client.force_login(packer)
    slip = words(client.get(f"/admin/orders/order/{order.pk}/slip/"))
    for said in ("To be wrapped as a gift.", "No invoice and no prices into this parcel.", "For Rui"):
        assert said in slip
    assert "€" not in slip


def test_a_message_that_is_too_long_changes_nothing(ana: Client) -> None:
    answer = ana.post("/bag/gift/", {"message": "x" * 301})

    assert (answer.status_code, "Shorten the message" in words(answer)) == (422, True)


# -- Staff ----------------------------------------------------------------------------------------------------------


def lead() -> Client:
    person = StaffFactory(secret=True)
    names = ("view_promotion", "add_promotion", "change_promotion", "create_vouchers", "view_voucher")
    person.user_permissions.set(Permission.objects.filter(codename__in=names))
    client = Client()
    client.force_login(person)
    return said_again(client)


@pytest.mark.parametrize("asked", [True, False])
def test_who_makes_codes_or_changes_a_promotion_says_again_who_she_is(
    now: datetime, monkeypatch: pytest.MonkeyPatch, asked: bool
) -> None:
    if not asked:  # the control: nobody is asked
        monkeypatch.setattr("shop.admin.base.reauthentication_required", lambda act: act)
        monkeypatch.setattr("orders.admin.promotions.reauthentication_required", lambda act: act)
    row, _code = voucher(at=now)
    client, page = lead(), f"/admin/orders/promotion/{row.promotion_id}/"
    session = client.session
    del session["account_authentication_methods"]
    session.save()
    changed = {"name": "Half", "kind": "percent", "percent_bp": "5000", "trigger": "voucher", "minimum_minor": "0"}

    answers = [
        client.post(f"{page}codes/", {"how_many": 3, "max_uses": 1, "batch": "cards"}),
        client.post(f"{page}change/", changed),
    ]

    assert [answer.headers.get("Location", "").startswith(AGAIN) for answer in answers] == [asked, asked]
    made = (Voucher.objects.count(), Promotion.objects.get(pk=row.promotion_id).name)
    assert made == ((1, "Spring thanks") if asked else (4, "Half"))
    if asked:  # the file comes as soon as she has said it
        client.post(f"{page}codes/", {"how_many": 3, "max_uses": 1, "batch": "cards"})
        handed = client.post(AGAIN, {"password": PASSWORD, "next": f"{page}codes/"})
        assert (handed.headers["Content-Type"], Voucher.objects.count()) == ("text/csv; charset=utf-8", 4)


def test_a_batch_of_codes_is_a_file_and_only_hashes_stay(now: datetime) -> None:
    row, _code = voucher(at=now)
    form = {"how_many": 3, "max_uses": 1, "batch": "cards"}

    answer = lead().post(f"/admin/orders/promotion/{row.promotion_id}/codes/", form)

    head, *codes = answer.content.decode().split()
    assert (answer["Content-Type"], head, len(set(codes))) == ("text/csv; charset=utf-8", "code", 3)
    assert all(re.fullmatch(r"([0-9A-Z]{4}-){3}[0-9A-Z]{4}", code) for code in codes)
    made = Voucher.objects.filter(batch="cards").order_by("id")
    assert [one.hint for one in made] == [code[-4:] for code in codes]
    assert not any(code.replace("-", "") in str(one.__dict__) for one in made for code in codes)
    assert Event.objects.get(name="orders.vouchers.created", payload__batch="cards").payload["codes"] == 3


def test_a_promotion_that_makes_no_sense_is_refused_in_sentences(now: datetime) -> None:
    client = lead()
    form = {"name": "x", "trigger": "voucher", "kind": "percent", "minimum_minor": 0}

    answer = client.post("/admin/orders/promotion/add/", form)

    assert "Enter how many per cent, in basis points: 1000 is 10 %." in words(answer)
    assert Promotion.objects.count() == 0
    done = client.post("/admin/orders/promotion/add/", form | {"percent_bp": 500, "active": "on"})
    assert (done.status_code, Promotion.objects.get().percent_bp) == (302, 500)


def test_a_limit_set_later_counts_what_was_used_before(now: datetime) -> None:
    promotion = for_everybody()
    placed(filled_bag(at=now)[0], now)
    promotion.uses_limit = 5

    vouchers.save_promotion(promotion=promotion, by=StaffFactory(), at=now)

    promotion.refresh_from_db()
    assert (promotion.uses, promotion.spent_minor) == (1, 500)
    assert breaches() == []


def test_the_report_tells_what_was_made_of_it(now: datetime) -> None:
    _row, code = voucher(at=now, max_uses=2)
    cart, _token = bag_with(code, at=now)
    placed(cart, now)

    page = words(lead().get("/admin/orders/promotion/report/"))

    assert "Spring thanks 1 / 1 (100 %) 0 1 0 €2.40 – €21.60 €21.60" in page


def test_a_void_code_is_refused(ana: Client, now: datetime) -> None:
    row, code = voucher(at=now)
    lead().post(f"/admin/orders/voucher/{row.pk}/void/")

    answer = ana.post("/bag/voucher/", {"code": code})

    assert (answer.status_code, "no longer valid" in words(answer)) == (409, True)
    assert now + timedelta(0) == Voucher.objects.get().void_at


# -- The audit ------------------------------------------------------------------------------------------------------


def test_o11_a_counter_that_says_something_else(now: datetime) -> None:
    for_everybody(uses_limit=5)
    placed(filled_bag(at=now)[0], now)
    assert breaches() == []

    sql("UPDATE orders_promotion SET uses = 2")

    assert [breach.code for breach in breaches()] == ["O11"]


def test_o12_a_cancelled_order_that_keeps_its_promotion(now: datetime) -> None:
    for_everybody()
    order = placed(filled_bag(at=now)[0], now)
    cancel_order(order_id=order.pk, by=None, at=now)
    assert breaches() == []

    sql("UPDATE orders_redemption SET released_at = NULL")

    assert [breach.code for breach in breaches()] == ["O12"]
