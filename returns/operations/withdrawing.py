"""Take a return back: the shopper keeps her things after all."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from returns.models import CaseLine, ReturnCase
from returns.operations.cases import lock_case, record_step
from returns.rules import states


class ExchangeUnderWay(Exception):
    """What she gets in exchange is already being sent; keeping both is something to talk about."""


@transaction.atomic
def withdraw_return(*, case_id: int, at: datetime) -> ReturnCase:
    """Take back a return whose pieces have not come; they may be asked for again while the window is open.

    Raises NotNow once the pieces are with us, ExchangeUnderWay when an exchange was agreed to.
    """
    case = lock_case(case_id)
    states.require(case.status, ReturnCase.Status.WITHDRAWN)
    if case.lines.filter(granted=CaseLine.Resolution.EXCHANGE).exists():
        raise ExchangeUnderWay
    case.status = ReturnCase.Status.WITHDRAWN
    case.withdrawn_at, case.due_on = at, None
    case.save(update_fields=["status", "withdrawn_at", "due_on"])
    record_step(case, "withdrawn", at=at)
    return case
