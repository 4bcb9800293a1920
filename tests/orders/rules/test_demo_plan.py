"""The demo courier's plans."""

from __future__ import annotations

import pytest

from orders.rules.demo_plan import is_unlucky, plan
from orders.rules.tracking import REASON_ACTOR, Status


@pytest.mark.parametrize("runs_late", [False, True])
def test_plan_goes_forward_in_our_words(runs_late: bool) -> None:
    scans = plan("HP-1001", runs_late=runs_late)

    assert [scan.after_seconds for scan in scans] == sorted({scan.after_seconds for scan in scans})
    assert {scan.code for scan in scans} <= set(Status)
    assert [scans[0].code, scans[-1].code] == ["accepted", "delivered"]
    assert {scan.reason for scan in scans} - {""} <= set(REASON_ACTOR)
    assert any(scan.late_days for scan in scans) is runs_late
    assert scans == plan("HP-1001", runs_late=runs_late)


def test_the_first_parcel_and_every_fifth_after_it_run_late() -> None:
    assert [rank for rank in range(11) if is_unlucky(rank)] == [0, 5, 10]
