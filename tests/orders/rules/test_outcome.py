"""On time is the first promise's: extensions are told, never counted.  News within a promise, days at home, consent."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.rules.consent import Consent, consent_of, decide_by_at, needs_word
from orders.rules.eta import Known, news_within
from orders.rules.outcome import ROAD, WORKSHOP, Said, fee_goes_back, judge
from orders.rules.promise import NobodyHome
from orders.rules.window import narrow
from tests.orders.rules.calendars import closed, route

FRIDAY = date(2026, 3, 6)


def said(day: date, *, told_at: datetime | None = None) -> Said:
    ends = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
    return Said(day, ends, datetime(2026, 3, 3, 18, tzinfo=UTC), told_at)


def delivered(day: date, hour: int = 11) -> dict[str, object]:
    moment = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    return {"delivered_at": moment, "delivered_on": day, "handed_over_at": datetime(2026, 3, 3, 17, tzinfo=UTC)}


def test_the_first_promise_decides_and_the_last_told_is_kept_beside_it() -> None:
    renewed = said(date(2026, 3, 10), told_at=datetime(2026, 3, 5, tzinfo=UTC))

    found = judge(said=[said(FRIDAY), renewed], **delivered(date(2026, 3, 9)))  # type: ignore[arg-type]

    assert (found.kept_first, found.late_days, found.kept_told, found.late_days_told) == (False, 3, True, 0)
    assert (found.told_by_on, found.told_in_time, found.stage) == (date(2026, 3, 10), True, ROAD)


def test_a_later_day_that_was_told_too_late_or_never_is_a_miss() -> None:
    for told_at in (None, datetime(2026, 3, 7, tzinfo=UTC)):
        renewed = said(date(2026, 3, 10), told_at=told_at)
        found = judge(said=[said(FRIDAY), renewed], **delivered(date(2026, 3, 9)))  # type: ignore[arg-type]
        assert found.told_in_time is False


def test_time_lost_before_the_hand_over_is_the_workshops() -> None:
    late = delivered(date(2026, 3, 9)) | {"handed_over_at": datetime(2026, 3, 4, 9, tzinfo=UTC)}

    assert judge(said=[said(FRIDAY)], **late).stage == WORKSHOP  # type: ignore[arg-type]


@given(st.dates(date(2026, 3, 4), date(2026, 3, 20)), st.integers(0, 23))
def test_kept_means_before_the_end_of_the_promised_day(day: date, hour: int) -> None:
    found = judge(said=[said(FRIDAY)], **delivered(day, hour))  # type: ignore[arg-type]

    assert found.kept_first == (day <= FRIDAY)
    assert found.late_days == max((day - FRIDAY).days, 0)
    assert found.told_in_time == found.kept_first


@pytest.mark.parametrize(
    ("guaranteed", "fee", "hours", "hers", "back"),
    [
        (True, 490, 0, False, True),
        (True, 490, -1, False, False),
        (False, 490, 5, False, False),
        (True, 0, 5, False, False),
        (True, 490, 5, True, False),
    ],
)
def test_the_fee_goes_back_when_the_guaranteed_day_is_over(
    guaranteed: bool, fee: int, hours: int, hers: bool, back: bool
) -> None:
    ends = datetime(2026, 3, 7, tzinfo=UTC)

    found = fee_goes_back(
        guaranteed=guaranteed, fee_minor=fee, breaks_at=ends, at=ends + timedelta(hours=hours), hers=hers
    )

    assert found == back


MONDAY_AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
KNOWN = Known(date(2026, 3, 5), FRIDAY, FRIDAY)


@pytest.mark.parametrize(
    ("known", "eta", "status", "told"),
    [
        (KNOWN, date(2026, 3, 4), "in_transit", (date(2026, 3, 4), date(2026, 3, 5))),
        (KNOWN, date(2026, 3, 3), "in_transit", (date(2026, 3, 3), date(2026, 3, 4))),
        (KNOWN, date(2026, 3, 5), "in_transit", None),
        (KNOWN, FRIDAY, "in_transit", None),
        (KNOWN, date(2026, 3, 7), "in_transit", None),  # after the promise: a delay, not news
        (KNOWN, date(2026, 3, 1), "in_transit", None),  # over already
        (KNOWN, None, "in_transit", None),
        (KNOWN, date(2026, 3, 4), "out_for_delivery", None),
        (Known(date(2026, 3, 3), date(2026, 3, 4), FRIDAY), FRIDAY, "in_transit", (FRIDAY, FRIDAY)),
    ],
)
def test_news_is_told_when_the_day_is_another_one_and_nothing_breaks(
    known: Known, eta: date | None, status: str, told: tuple[date, date] | None
) -> None:
    assert news_within(known=known, eta_on=eta, carrier_status=status, route=route(), at=MONDAY_AT) == told


def test_narrow_keeps_the_days_somebody_is_at_home_and_asks_when_there_is_none() -> None:
    span = {"from_on": date(2026, 3, 4), "by_on": date(2026, 3, 7), "not_before": date(2026, 3, 3)}
    by = route(carrier_closed=closed(date(2026, 3, 10)))

    assert narrow(home_weekdays=frozenset(), route=by, **span) == (date(2026, 3, 4), date(2026, 3, 7))  # type: ignore[arg-type]
    assert narrow(home_weekdays=frozenset({3, 4}), route=by, **span) == (date(2026, 3, 5), FRIDAY)  # type: ignore[arg-type]
    with pytest.raises(NobodyHome) as nobody:
        narrow(home_weekdays=frozenset({1}), route=by, **span)  # type: ignore[arg-type]
    assert nobody.value.next_on == date(2026, 3, 17)  # Tuesday 10 is closed


def test_silence_is_consent_once_and_never_twice() -> None:
    assert not needs_word(round_number=1, gone=False)
    assert needs_word(round_number=2, gone=False)
    assert not needs_word(round_number=2, gone=True)  # it is with the courier: nothing of ours can wait
    assert consent_of(delayed=False, decided=False, word_needed=False) == Consent.NOT_ASKED
    assert consent_of(delayed=True, decided=False, word_needed=False) == Consent.SILENT
    assert consent_of(delayed=True, decided=False, word_needed=True) == Consent.MISSING
    assert consent_of(delayed=True, decided=True, word_needed=True) == Consent.EXPLICIT
    friday = datetime(2026, 3, 6, 12, tzinfo=UTC)
    assert decide_by_at(route=route(), at=friday) == datetime(2026, 3, 11, 18, tzinfo=UTC)
