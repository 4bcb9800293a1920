"""One return, as the shopper sees it: where it stands, how to pack it, the slip for the parcel, a way out."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from orders.models import Order, RefundGrant
from orders.views.secret_page import behind_secret_link
from returns.models import CaseLine, ReturnCase
from returns.operations import withdrawing
from returns.operations.settling import origin_of
from returns.queries.refunds import preview_of
from returns.rules import states
from returns.views import story, words
from returns.views.access import case_or_404


@require_safe
@behind_secret_link
def show(request: HttpRequest, token: str, order: Order, number: str) -> HttpResponse:
    """Show one return and what happens next."""
    case = case_or_404(order=order, number=number)
    grant = RefundGrant.objects.filter(origin=origin_of(case)).order_by("id").first() if case.refund_minor else None
    context = {
        "token": token,
        "order": order,
        "case": case,
        "headline": story.headline(case),
        "lead": story.lead(case),
        "steps": story.steps(case, grant),
        "rows": story.line_rows(case),
        "expected": preview_of(case) if case.status in states.OPEN else None,
        "refund_way": words.refund_way(order),
        "postage": words.postage(str(case.policy.get("postage", "shopper"))),
        "address": settings.RETURN_ADDRESS,
        "may_keep": _may_keep(case),
    }
    return render(request, "returns/case.html", context)


@require_safe
@behind_secret_link
def slip(request: HttpRequest, token: str, order: Order, number: str) -> HttpResponse:
    """Show the sheet that goes into the parcel, made to be printed; its number can be copied by hand as well."""
    case = case_or_404(order=order, number=number)
    context = {"token": token, "order": order, "case": case, "rows": story.line_rows(case)}
    return render(request, "returns/slip.html", context | {"address": settings.RETURN_ADDRESS})


@require_POST
@behind_secret_link
def withdraw(request: HttpRequest, token: str, order: Order, number: str) -> HttpResponse:
    """Take a return back."""
    case = case_or_404(order=order, number=number)
    try:
        withdrawing.withdraw_return(case_id=case.pk, at=timezone.now())
    except states.NotNow:
        messages.warning(request, _("That came too late: look below where your return stands. Nothing was changed."))
    except withdrawing.ExchangeUnderWay:
        messages.warning(
            request,
            _("We are already sending what you get in exchange, so this cannot be undone here. Write to us about it."),
        )
    else:
        messages.success(request, _("You keep it, and nobody waits for a parcel any more."))
    return redirect("returns:case", token, number)


def _may_keep(case: ReturnCase) -> bool:
    exchanged = any(line.granted == CaseLine.Resolution.EXCHANGE for line in case.lines.all())
    return case.status in states.ON_THE_WAY and not exchanged
