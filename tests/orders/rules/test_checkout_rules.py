"""Small rules of the checkout, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.rules.addresses import PostcodeUnlikely, tidy_postcode
from orders.rules.cancelling import may_be_cancelled
from orders.rules.guard import Shown, compare, pack, unpack
from orders.rules.icalendar import arrival_file
from orders.rules.numbers import NUMBERS, order_number
from orders.rules.payment import paid_status
from orders.rules.totals import Priced, delivery_minor, missing_to_free, totals
from tests.factories.bags import ANA

SHOWN = Shown(13290, date(2026, 3, 5))


@pytest.mark.parametrize(
    ("typed", "country", "written"),
    [
        ("4050262", "PT", "4050-262"),
        (" 4050 262 ", "PT", "4050-262"),
        ("PT 4050-262", "PT", "4050-262"),
        ("10115", "DE", "10115"),
        ("d02x285", "IE", "D02 X285"),
        ("75 011", "FR", "75011"),
        ("1070", "AT", "1070"),
        ("SW1A 1AA", "GB", "SW1A 1AA"),
    ],
)
def test_postcodes_are_written_as_the_country_does(typed: str, country: str, written: str) -> None:
    assert tidy_postcode(typed, country) == written


@pytest.mark.parametrize(("typed", "country"), [("405", "PT"), ("1011", "DE"), ("ABC", "IE"), ("10700", "AT")])
def test_an_unlikely_postcode_is_refused_with_an_example(typed: str, country: str) -> None:
    with pytest.raises(PostcodeUnlikely) as refused:
        tidy_postcode(typed, country)

    assert tidy_postcode(refused.value.example, country) == refused.value.example


def test_delivery_is_free_from_the_limit_on() -> None:
    limit = {"price_minor": 490, "free_from_minor": 6000}

    assert [delivery_minor(goods_minor=goods, **limit) for goods in (5999, 6000, 6001)] == [490, 0, 0]
    assert [missing_to_free(goods_minor=goods, **limit) for goods in (5999, 6000)] == [1, 0]
    assert delivery_minor(price_minor=490, free_from_minor=None, goods_minor=10**6) == 490
    assert missing_to_free(price_minor=490, free_from_minor=None, goods_minor=1) == 0


PRICED = st.builds(Priced, st.integers(1, 10**6), st.integers(1, 20), st.integers(0, 3000))


@given(st.lists(PRICED, max_size=20), st.integers(0, 5000))
def test_totals_are_the_sum_of_their_parts(lines: list[Priced], delivery: int) -> None:
    sums = totals(lines=lines, delivery_minor=delivery)

    assert sums.goods_minor == sum(line.unit_minor * line.quantity for line in lines)
    assert sums.total_minor == sums.goods_minor + delivery
    assert 0 <= sums.tax_minor <= sums.total_minor
    assert sum(tax for _rate, tax in sums.tax_by_rate) == sums.tax_minor
    assert sum(fee for _rate, fee, _tax in sums.delivery_shares) == (delivery if lines else 0)


def test_the_guard_notices_sum_days_and_promotions() -> None:
    same = compare(shown=SHOWN, now=Shown(13290, date(2026, 3, 5)))
    other = compare(
        shown=SHOWN, now=Shown(13291, date(2026, 3, 6), date(2026, 3, 9), early_on=date(2026, 3, 3), promotions="4:0")
    )

    assert not same
    assert (other.early_on, other.promotions) == ((None, date(2026, 3, 3)), True)
    assert other.total_minor == (13290, 13291)
    assert other.deliver_by_on == (date(2026, 3, 5), date(2026, 3, 6))
    assert other.home_on == (None, date(2026, 3, 9))


@given(st.integers(0, 10**9), st.dates(), st.none() | st.dates(), st.none() | st.dates(), st.text(max_size=20))
def test_what_was_shown_comes_back_as_it_was(
    total: int, by_on: date, home_on: date | None, early_on: date | None, promotions: str
) -> None:
    shown = Shown(total, by_on, home_on, early_on, promotions)

    assert unpack(pack({"door:card": shown}), "door:card") == shown
    assert unpack({}, "door:card") is None


def test_a_fingerprint_knows_every_field_and_the_bag() -> None:
    prints = {
        ANA.fingerprint(1),
        ANA.fingerprint(2),
        *(replace(ANA, **change).fingerprint(1) for change in ({"city": "Lisboa"}, {"home_weekdays": (1,)})),
    }

    assert len(prints) == 4
    assert replace(ANA).fingerprint(1) == ANA.fingerprint(1)


@pytest.mark.parametrize(
    ("provider", "captured", "refunded", "status"),
    [
        ("bank_transfer", 0, 0, "pending"),
        ("bank_transfer", 99, 0, "pending"),
        ("bank_transfer", 100, 0, "paid"),
        ("cash_on_delivery", 0, 0, "on_delivery"),
        ("cash_on_delivery", 100, 0, "paid"),
        ("test_card", 100, 1, "part_refunded"),
        ("test_card", 100, 100, "refunded"),
        ("bank_transfer", 50, 50, "refunded"),
    ],
)
def test_payment_status_follows_the_balances(provider: str, captured: int, refunded: int, status: str) -> None:
    said = paid_status(provider=provider, due_minor=100, captured_minor=captured, refunded_minor=refunded)

    assert said == status


def test_cancelling_ends_where_packing_starts() -> None:
    assert may_be_cancelled("placed", ["planned", "cancelled"])
    assert not may_be_cancelled("placed", ["planned", "packed"])
    assert not may_be_cancelled("placing", ["planned"])


def test_numbers_are_short_and_read_in_groups() -> None:
    assert order_number("KP", 20417736) == "KP-2041-7736"
    assert order_number("KP", 0) == "KP-0000-0000"
    assert order_number("KP", NUMBERS - 1) == "KP-9999-9999"


@given(st.text(max_size=200))
def test_a_calendar_file_has_short_lines_whatever_the_words(words: str) -> None:
    text = arrival_file(
        uid="KP-1@example.com",
        summary=words,
        text=words,
        first_on=date(2026, 12, 31),
        last_on=date(2027, 1, 2),
        made_at=datetime(2026, 12, 28, 9, tzinfo=UTC),
    )

    lines = text.removesuffix("\r\n").split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    assert "DTEND;VALUE=DATE:20270103" in lines
