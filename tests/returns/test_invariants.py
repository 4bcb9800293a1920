"""Breaches beside the one each invariant has in tests/returns/breaches.py."""

from __future__ import annotations

import pytest

from shop.queries.audit import breaches
from tests.returns.breaches import forget_the_exchange


@pytest.mark.django_db
def test_audit_sees_an_exchange_that_was_never_planned() -> None:
    forget_the_exchange()

    assert sorted({breach.code for breach in breaches()}) == ["R03"]
