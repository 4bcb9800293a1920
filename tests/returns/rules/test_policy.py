"""Who pays, by when, and when nobody needs to decide again."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from returns.rules import policy
from shop.rules.calendar import CLOSED, DayPlan, WorkingCalendar

OPEN = DayPlan(((time(9), time(18)),))
STUDIO = WorkingCalendar("studio", "Europe/Lisbon", (OPEN,) * 5 + (CLOSED,) * 2)
FRIDAY = datetime(2026, 3, 6, 9, 30, tzinfo=UTC)


def test_the_shop_pays_as_soon_as_one_reason_is_ours() -> None:
    assert policy.who_pays(["shopper", "shop"]) == "shop"
    assert policy.who_pays(["shopper", "shopper"]) == "shopper"


def test_days_we_name_are_working_days() -> None:
    assert policy.answer_by(calendar=STUDIO, at=FRIDAY) == date(2026, 3, 9)
    assert policy.settle_by(calendar=STUDIO, at=FRIDAY) == date(2026, 3, 10)


def test_money_never_waits_longer_than_the_law_allows() -> None:
    leave = {date(2026, 3, 7) + timedelta(days=day): CLOSED for day in range(30)}
    on_leave = WorkingCalendar("studio", "Europe/Lisbon", STUDIO.week, leave)

    assert policy.settle_by(calendar=on_leave, at=FRIDAY) == date(2026, 3, 20)


def test_her_right_lasts_fourteen_days_after_delivery() -> None:
    delivered = date(2026, 3, 5)

    assert policy.is_her_right(delivered_on=delivered, today=date(2026, 3, 19))
    assert not policy.is_her_right(delivered_on=delivered, today=date(2026, 3, 20))
    assert policy.is_her_right(delivered_on=None, today=date(2026, 3, 20))


def test_a_return_settles_itself_only_when_whole_and_like_new() -> None:
    assert policy.settles_itself([("like_new", True), ("like_new", True)])
    assert not policy.settles_itself([("like_new", True), ("used", True)])
    assert not policy.settles_itself([("like_new", True), ("like_new", False)])
