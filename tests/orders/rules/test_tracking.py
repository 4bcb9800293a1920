"""The fold: the same parcel whatever order the scans arrive in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.rules.tracking import CORRECTION, ETA_REVISED, UNKNOWN, ParcelState, Scan, Status, fold
from orders.rules.vocabularies import VOCABULARIES, Meaning, translate

START = datetime(2026, 3, 2, 8, tzinfo=UTC)


def scan(hours: float, status: str, *, reason: str = "", eta_on: date | None = None, ident: str = "") -> Scan:
    ident = ident or f"{status}-{hours}-{reason}"
    return Scan(START + timedelta(hours=hours), status, "demo", ident, reason, eta_on)


ORDINARY = [scan(0, "accepted"), scan(5, "in_transit"), scan(24, "out_for_delivery"), scan(30, "delivered")]

scans = st.lists(
    st.builds(
        scan,
        st.integers(-48, 48),
        st.sampled_from([*Status, UNKNOWN, ETA_REVISED, "weasel"]),
        reason=st.sampled_from(["", "weather", "address", CORRECTION]),
        eta_on=st.none() | st.dates(date(2026, 3, 1), date(2026, 3, 20)),
        ident=st.text("abc", min_size=1, max_size=3),
    ),
    max_size=8,
)


@given(st.permutations(ORDINARY))
def test_fold_of_an_ordinary_parcel_does_not_depend_on_arrival(arrived: list[Scan]) -> None:
    state = fold(arrived)

    assert (state.status, state.delivered_at) == (Status.DELIVERED, START + timedelta(hours=30))


@given(scans, st.data())
def test_fold_is_a_function_of_the_set(known: list[Scan], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(known))
    repeated = data.draw(st.lists(st.sampled_from(known), max_size=5)) if known else []

    assert fold([*shuffled, *repeated]) == fold(known)


@given(scans)
def test_fold_leaves_delivered_only_for_a_return_or_a_correction(known: list[Scan]) -> None:
    ordinary = [item for item in known if item.reason != CORRECTION]

    state = fold([*ordinary, scan(-100, "delivered")])

    assert state.status in {"delivered", "returning", "returned"}
    assert state.delivered_at is not None


def test_fold_believes_a_correction() -> None:
    state = fold([scan(0, "delivered"), scan(1, "in_transit", reason=CORRECTION)])

    assert (state.status, state.delivered_at) == ("in_transit", None)


def test_fold_sorts_scans_of_one_second_by_rank() -> None:
    together = [scan(3, "out_for_delivery"), scan(3, "in_transit"), scan(3, "accepted")]

    assert fold(together).status == "out_for_delivery"


def test_fold_keeps_the_last_estimate_and_who_must_act() -> None:
    held = scan(2, "held", reason="weather", eta_on=date(2026, 3, 9))

    state = fold([held, scan(1, "in_transit", eta_on=date(2026, 3, 5)), scan(3, "mystery")])

    assert state == ParcelState(
        status="held",
        reason="weather",
        actor="nature",
        eta_on=date(2026, 3, 9),
        last_scan_at=START + timedelta(hours=3),
        unknown=1,
    )


def test_a_revised_day_is_no_sign_of_life() -> None:
    quiet = fold([scan(1, "in_transit"), scan(9, ETA_REVISED, eta_on=date(2026, 3, 9))])

    assert (quiet.status, quiet.eta_on, quiet.last_scan_at) == (
        "in_transit",
        date(2026, 3, 9),
        START + timedelta(hours=1),
    )
    assert fold([scan(1, "delivered"), scan(2, ETA_REVISED, eta_on=date(2026, 3, 9))]).eta_on is None


@pytest.mark.parametrize("provider", VOCABULARIES)
def test_vocabularies_only_say_our_words(provider: str) -> None:
    meanings = VOCABULARIES[provider].values()

    assert {meaning.status for meaning in meanings} <= {*Status, UNKNOWN}


def test_translate_never_raises() -> None:
    assert translate(provider="demo", code="out_for_delivery") == Meaning(Status.OUT_FOR_DELIVERY)
    assert translate(provider="aftership", code="Exception", detail="Exception_017") == Meaning(Status.HELD, "weather")
    assert translate(provider="aftership", code="Exception", detail="Exception_999") == Meaning(Status.HELD)
    assert translate(provider="demo", code="teleported") == Meaning(UNKNOWN)
    assert translate(provider="nobody", code="delivered") == Meaning(UNKNOWN)
