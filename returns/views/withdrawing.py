"""Withdraw from a contract in two steps: say who and which order, look at it, confirm.  Guests too.

Who is known by the secret link or her account sees it take effect; for anybody else the answer is the same whether
there is such an order or not.  Source: Directive 2011/83/EU art. 11a.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from orders.models import Order
from orders.operations.access import own_link
from orders.queries.mine import order_of
from orders.views.secret_page import behind_secret_link
from returns.forms import WithdrawalForm
from returns.messages import rights
from returns.models import Withdrawal
from returns.operations.declaring import declare_withdrawal
from returns.queries.withdrawals import case_of_withdrawal, last_day_to_withdraw, paid_back
from shop.operations.limits import TooOften, spend
from shop.visitors import shopper, visitor

STEPS = ("look", "confirm", "change")
HOUR = timedelta(hours=1)
# A receipt goes to an address somebody typed: few to one address, and not without end from one network.
PER_VISITOR, PER_ADDRESS = 30, 5


@require_http_methods(["GET", "HEAD", "POST"])
def declare(request: HttpRequest) -> HttpResponse:
    """Take the statement of anybody; who is signed in finds name and address filled in."""
    return _answer(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@behind_secret_link
def declare_of(request: HttpRequest, token: str, order: Order) -> HttpResponse:
    """Take the statement about the order of a secret link: number, name and address are known."""
    return _answer(request, order, token)


@require_safe
def instructions(request: HttpRequest) -> HttpResponse:
    """Show what the law wants told about the right of withdrawal, and the form on paper."""
    context = {"paragraphs": rights.instructions(), "form_lines": rights.model_form()}
    return render(request, "returns/rights.html", context)


def _answer(request: HttpRequest, order: Order | None, token: str = "") -> HttpResponse:
    at = timezone.now()
    if request.method != "POST":
        form = WithdrawalForm(order=order, initial=_known(request, order))
        if order:
            form.initial["units"] = form.units_of_order
        return _page(request, form, order, token, key=uuid4())
    key, step = _key(request), request.POST.get("step")
    if step not in STEPS:
        raise BadRequest("step")
    form = WithdrawalForm(request.POST, order=order)
    if not form.is_valid():
        return _page(request, form, order, token, key=key, status=422)
    if step == "change":
        return _page(request, form, order, token, key=key)
    if step == "look":
        return render(request, "returns/withdrawal_review.html", _review(form, order, token, key))
    return _confirm(request, form, order, token, key, at)


def _confirm(
    request: HttpRequest, form: WithdrawalForm, order: Order | None, token: str, key: UUID, at: datetime
) -> HttpResponse:
    """Receive it and say so; what she typed comes back when it was too often."""
    statement = form.statement(locale=get_language() or settings.LANGUAGE_CODE)
    try:
        spend(purpose="withdrawal-visitor", who=visitor(request), budget=PER_VISITOR, window=HOUR, at=at)
        spend(purpose="withdrawal-address", who=statement.email.lower(), budget=PER_ADDRESS, window=HOUR, at=at)
    except TooOften:
        words = _(
            "That was often, so it was not taken. Wait an hour, or mail your statement to %(email)s: it counts as well."
        )
        form.add_error(None, words % {"email": settings.CARE_EMAIL})
        return _page(request, form, order, token, key=key, status=429)
    known = order or _own_order(request, statement.order_number)
    withdrawal = declare_withdrawal(
        statement=statement, submission_key=key, at=at, order_id=known.pk if known else None
    )
    if known and not token:
        token = own_link(order=known, at=at)
    return render(request, "returns/withdrawal_received.html", _received(withdrawal, token))


def _own_order(request: HttpRequest, number: str) -> Order | None:
    """Return the order of that number in the account of who is signed in; nothing for anybody else's."""
    person = shopper(request)
    try:
        return order_of(person.pk, number) if person else None
    except Order.DoesNotExist:
        return None


def _received(withdrawal: Withdrawal, token: str) -> dict[str, Any]:
    """Return what the last page says: when it came, and what became of it."""
    return {
        "withdrawal": withdrawal,
        "local": timezone.localtime(withdrawal.declared_at),
        "token": token,
        "address": settings.RETURN_ADDRESS,
        "case": case_of_withdrawal(withdrawal) if token else None,
        "back": paid_back(withdrawal) if token else None,
    }


def _known(request: HttpRequest, order: Order | None) -> dict[str, Any]:
    """Fill in what we know already: from the order, or from the account."""
    if order:
        return {"name": order.full_name, "email": order.email}
    person = shopper(request)
    return {"name": person.name, "email": person.email} if person else {}


def _key(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("submission_key", ""))
    except ValueError:
        raise BadRequest("submission_key") from None


def _page(
    request: HttpRequest, form: WithdrawalForm, order: Order | None, token: str, *, key: UUID, status: int = 200
) -> HttpResponse:
    last_on = last_day_to_withdraw(order) if order else None
    context = {"form": form, "order": order, "token": token, "key": key, "last_on": last_on}
    return render(request, "returns/withdrawal.html", context, status=status)


def _review(form: WithdrawalForm, order: Order | None, token: str, key: UUID) -> dict[str, Any]:
    kept = [(name, value) for name in form.fields for value in form.data.getlist(name)]  # type: ignore[attr-defined]  # a QueryDict
    return {"statement": form.statement(locale=""), "order": order, "token": token, "key": key, "kept": kept}
