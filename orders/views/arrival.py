"""Arrived and happy?  The page behind the signed link of the question; looking at it answers nothing."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from orders.forms.arrival import NotQuiteForm
from orders.models import ArrivalQuestion
from orders.operations import arrivals
from orders.queries.reviewing import care_of
from orders.rules.states import Impossible


@require_http_methods(["GET", "HEAD", "POST"])
def arrived(request: HttpRequest, signed: str) -> HttpResponse:
    """Ask whether all is well; a POST keeps the answer and the page says what comes next."""
    try:
        question = arrivals.question_of_link(signed)
    except arrivals.LinkUnknown:
        raise Http404("No such question") from None
    response = _answer(request, signed, question) if request.method == "POST" else _page(request, question)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _answer(request: HttpRequest, signed: str, question: ArrivalQuestion) -> HttpResponse:
    at = timezone.now()
    try:
        if request.POST.get("answer") == "well":
            arrivals.say_all_is_well(order_id=question.order_id, at=at)
        else:
            form = NotQuiteForm(request.POST)
            if not form.is_valid():
                return _page(request, question, form, status=422)
            arrivals.say_not_quite(order_id=question.order_id, **form.cleaned_data, at=at)
    except Impossible:
        pass  # she answered before: the page says what we know
    return redirect("orders:arrived", signed=signed)


def _page(
    request: HttpRequest, question: ArrivalQuestion, form: NotQuiteForm | None = None, status: int = 200
) -> HttpResponse:
    happy = question.state == ArrivalQuestion.State.HAPPY
    context = {
        "order": question.order,
        "question": question,
        "form": form or NotQuiteForm(),
        "not_quite": bool(form) or "not-quite" in request.GET,
        "care": care_of(question.order) if happy else [],
    }
    return render(request, "orders/arrived.html", context, status=status)
