"""Ask to send something back: choose, say why and what you want, check the sum and the dates, send."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from orders.models import Order
from orders.views.proof import by_owner
from orders.views.secret_page import behind_secret_link
from returns.forms import LineForm
from returns.operations import requesting
from returns.queries import deadlines
from returns.queries.cases import cases_of
from returns.queries.offers import Offer, first_last_day, offer_of
from returns.views import words
from shop.operations import limits

STEPS = ("review", "send", "change")


@require_http_methods(["GET", "HEAD", "POST"])
@behind_secret_link
@by_owner()
def ask(request: HttpRequest, token: str, order: Order) -> HttpResponse:
    """Show the form, its review, or what hinders; open the return when it is sent."""
    at = timezone.now()
    offer = offer_of(order=order, at=at)
    if request.method == "POST":
        return _answer(request, token, order, offer, at)
    chosen = _chosen(request.GET.getlist("line"), order, offer)
    if not chosen and len(offer.lines) == 1:
        chosen = [offer.lines[0].state.line.pk]
    if not chosen:
        return _choose(request, token, order, offer)
    forms = _forms(order, offer, chosen)
    return _details(request, token, order, offer, forms, key=uuid4())


def _answer(request: HttpRequest, token: str, order: Order, offer: Offer, at: datetime) -> HttpResponse:
    """Answer a POST: errors, the review, once more the form, or the new return."""
    key, step = _key(request), request.POST.get("step")
    known = cases_of(order=order).filter(submission_key=key).first()
    if known is not None:
        return redirect("returns:case", token, known.number)
    if step not in STEPS:
        raise BadRequest("step")
    chosen = _chosen(request.POST.getlist("line"), order, offer)
    forms = _forms(order, offer, chosen, request.POST)
    if not forms:
        return _choose(request, token, order, offer, status=409)
    if False in [form.is_valid() for form in forms]:  # every form is asked, so that every error is shown
        return _details(request, token, order, offer, forms, key=key, status=422)
    if step == "review":
        return render(request, "returns/review.html", _review(token, order, forms, key, at))
    if step == "change":
        return _details(request, token, order, offer, forms, key=key)
    return _send(request, token, order, offer, forms, key, at)


def _send(
    request: HttpRequest,
    token: str,
    order: Order,
    offer: Offer,
    forms: Sequence[LineForm],
    key: UUID,
    at: datetime,
) -> HttpResponse:
    """Open the return; a refusal comes back as a sentence with everything she typed."""
    try:
        limits.spend(purpose="return", who=order.number, budget=20, window=timedelta(hours=1), at=at)
        case = requesting.request_return(
            order_id=order.pk, lines=[form.asked() for form in forms], submission_key=key, at=at
        )
    except limits.TooOften:
        problem, status = _("That was often. Wait an hour, or write to us and we do it for you."), 429
    except requesting.NotExchangeable:
        problem, status = _("The piece you wanted was sold a moment ago. Choose another one, or money back."), 409
    except (requesting.NotReturnable, requesting.TooMany, requesting.ReasonUnknown):
        problem, status = _("Something changed while you were here. Look at your choice again."), 409
    except requesting.KeyTaken:
        raise BadRequest("key") from None
    else:
        messages.success(request, _("We have your request %(number)s.") % {"number": case.number})
        return redirect("returns:case", token, case.number)
    return _details(request, token, order, offer, forms, key=key, status=status, problem=problem)


def _chosen(values: Sequence[str], order: Order, offer: Offer) -> list[int]:
    """Return the chosen line ids of this order.  Raises Http404 for anything that is not a line of it."""
    own = {row.state.line.pk for row in offer.lines} | {state.line.pk for state in offer.refused}
    by_text = {str(line_id): line_id for line_id in own}  # compared as text: no number somebody made up is ever read
    if not all(value in by_text for value in values):
        raise Http404
    return [by_text[value] for value in values]


def _forms(order: Order, offer: Offer, chosen: Sequence[int], data: QueryDict | None = None) -> list[LineForm]:
    """Return one form for each chosen line that may be sent back."""
    lines = [row for row in offer.lines if row.state.line.pk in chosen]
    arrivals = words.arrivals(lines, order, offer.at)
    return [LineForm(row, data, arrivals) for row in lines]


def _key(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("submission_key", ""))
    except ValueError:
        raise BadRequest("submission_key") from None


def _choose(request: HttpRequest, token: str, order: Order, offer: Offer, status: int = 200) -> HttpResponse:
    """Let her choose lines; or, when nothing can be sent back, say from when or until when."""
    context = {
        "token": token,
        "order": order,
        "offer": offer,
        "refused": [(state, words.refusal(state)) for state in offer.refused],
        "cases": list(cases_of(order=order)),
        "window_days": settings.RETURN_WINDOW_DAYS,
    }
    template = "returns/choose.html" if offer.lines else "returns/nothing.html"
    return render(request, template, context, status=status)


def _details(
    request: HttpRequest,
    token: str,
    order: Order,
    offer: Offer,
    forms: Sequence[LineForm],
    *,
    key: UUID,
    status: int = 200,
    problem: str = "",
) -> HttpResponse:
    context = {
        "token": token,
        "order": order,
        "rows": [words.line_row(form, order) for form in forms],
        "key": key,
        "last_on": first_last_day(form.offer for form in forms),
        "window_days": settings.RETURN_WINDOW_DAYS,
        "more": len(offer.lines) > len(forms),
        "problem": problem,
        "problems": [*([("#main", problem)] if problem else []), *_problems(forms)],
        "refund_way": words.refund_way(order),
    }
    return render(request, "returns/details.html", context, status=status)


def _problems(forms: Sequence[LineForm]) -> list[tuple[str, str]]:
    """Return (anchor, sentence) of every error of every line."""
    return [
        (f"#{form[name].auto_id}", str(sentence))
        for form in forms
        if form.is_bound
        for name, sentences in form.errors.items()
        for sentence in sentences
    ]


def _review(token: str, order: Order, forms: Sequence[LineForm], key: UUID, at: datetime) -> dict[str, object]:
    kept = [(form.add_prefix(name), form.data.get(form.add_prefix(name), "")) for form in forms for name in form.fields]
    return {
        "token": token,
        "order": order,
        "key": key,
        "chosen": [form.offer.state.line.pk for form in forms],
        "kept": kept,
        "answer_on": deadlines.answer_by(order=order, at=at),
        **words.review(order, forms),
    }
