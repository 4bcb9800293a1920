"""What the shopper does when pieces of her order are missing: she chooses, with one press, on her order's page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from orders.forms import ChoiceForm
from orders.messages import words
from orders.messages.missing import CAUSES, chosen_sentence
from orders.models import Order, Unavailability
from orders.operations import choosing
from orders.operations.cancelling import TooLate
from orders.queries.unavailability import Options, living_cases, options_for
from orders.rules.unavailability import Choice
from orders.views.secret_page import behind_secret_link
from shop.rules import wording
from shop.rules.money import Money


@require_POST
@behind_secret_link
def missing(request: HttpRequest, token: str, order: Order, case_id: int) -> HttpResponse:
    """Take what she chose about one case of her own order."""
    if not Unavailability.objects.filter(pk=case_id, order=order).exists():
        raise Http404("No such case of this order")
    form = ChoiceForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose one of the possibilities below."))
        return _back(token)
    try:
        case = _choose(form, case_id, order, timezone.now())
    except choosing.AlreadyChosen as chosen:
        messages.info(request, chosen_sentence(chosen.case))
    except choosing.NotOffered:
        messages.error(request, _("That one has just gone. Nothing was changed; here is what you can have now."))
    except TooLate:
        messages.error(request, _("We have started packing the rest, so the whole order cannot be cancelled any more."))
    else:
        messages.success(request, chosen_sentence(case))
    return _back(token)


def _back(token: str) -> HttpResponse:
    return redirect("orders:track", token=token)


def _choose(form: ChoiceForm, case_id: int, order: Order, at: datetime) -> Unavailability:
    choice, variant_id = Choice(form.cleaned_data["choice"]), form.cleaned_data["variant"] or 0
    who: dict[str, Any] = {"case_id": case_id, "order_id": order.pk, "by": None, "at": at}
    if choice == Choice.OTHER:
        return choosing.choose_other(variant_id=variant_id, **who)
    operations = {
        Choice.LATER: choosing.choose_later,
        Choice.REST: choosing.choose_rest,
        Choice.CANCEL: choosing.choose_cancel,
    }
    return operations[choice](**who)


def missing_of(order: Order, *, at: datetime) -> dict[str, Any]:
    """Return what the order's page asks, one card a case, and what she waits for, in sentences.

    One query when nothing is missing.
    """
    cases = living_cases(order)
    asked = [case for case in cases if case.state == Unavailability.State.OPEN]
    return {
        "missing": [_card(options_for(case, at=at), order) for case in asked],
        "waited_for": [chosen_sentence(case) for case in cases if case not in asked],
    }


def _card(options: Options, order: Order) -> dict[str, Any]:
    case, plan = options.case, options.later.plan if options.later else None
    paid = order.payment_status in {Order.Paid.PAID, Order.Paid.PART_REFUNDED}
    return {
        "case": case,
        "piece": ", ".join(filter(None, [case.line.title, case.line.options_label])),
        "cause": CAUSES[Unavailability.Cause(case.cause)],
        "others": options.others if Choice.OTHER in options.choices else (),
        "later": words.days(plan.deliver_from_on, plan.deliver_by_on) if plan else "",
        "has_rest": options.has_rest,
        "leave_out": Choice.REST in options.choices,
        "rest": _money(case, order) if Choice.REST in options.choices else "",
        "paid": paid,
        "may_cancel": Choice.CANCEL in options.choices,
    }


def _money(case: Unavailability, order: Order) -> str:
    """Say what the missing pieces are worth, nothing of what cost nothing."""
    worth = choosing.worth_of(case)
    return wording.money(Money(worth, order.currency), get_language() or "en") if worth else ""
