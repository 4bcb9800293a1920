"""The form for a review, behind the order's secret link."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from orders.forms.reviewing import ReviewForm
from orders.models import Order, OrderLine
from orders.operations.reviewing import NotArrived, review_line
from orders.queries.reviewing import arrived
from orders.views.secret_page import behind_secret_link
from shop.operations.reviews import AlreadyReviewed
from shop.queries.sizes import sizes_of
from shop.rules.reviews import signature


@require_http_methods(["GET", "HEAD", "POST"])
@behind_secret_link
def review(request: HttpRequest, token: str, order: Order, line_id: int) -> HttpResponse:
    """Ask what she thinks of one piece that arrived, and keep it."""
    line = arrived(order).filter(pk=line_id).first()
    if line is None:
        raise Http404("Nothing of that has arrived")
    sizes = list(dict.fromkeys(sizes_of(line.variant.product_id).values()))
    if request.method != "POST":
        form = ReviewForm(sizes=sizes, initial={"author": signature(order.full_name)})
        return _page(request, token, order, line, form)
    form = ReviewForm({**request.POST.dict()}, {"photos": request.FILES.getlist("photos")}, sizes=sizes)
    if not form.is_valid():
        return _page(request, token, order, line, form, status=422)
    try:
        review_line(order_id=order.pk, line_id=line.pk, at=timezone.now(), **_said(form))
    except AlreadyReviewed:
        messages.info(request, _("You have written about this piece before; that review stays as it is."))
    except NotArrived:
        raise Http404("Nothing of that has arrived") from None
    else:
        messages.success(request, _("Thank you. One of us reads it within two working days; then everybody can."))
    return redirect("orders:track", token=token)


def _said(form: ReviewForm) -> dict[str, Any]:
    said = dict(form.cleaned_data)
    photos = said.pop("photos")
    return {"said": {**said, "stars": int(said["stars"])}, "photos": photos}


def _page(
    request: HttpRequest, token: str, order: Order, line: OrderLine, form: ReviewForm, status: int = 200
) -> HttpResponse:
    context = {"token": token, "order": order, "line": line, "form": form}
    return render(request, "orders/review.html", context, status=status)
