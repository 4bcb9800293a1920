"""Before anything is changed behind a secret link: is it whoever ordered?

Her browser is known when she is signed in, when it is the one she ordered with, or when it typed the code we mailed
within the hour.  Everybody else meets the question, with what was sent kept in the page; once it is answered, the
browser sends that by itself.  Source: reliability reference S1.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from orders.forms.proof import OwnerCodeForm
from orders.models import Order
from orders.operations.proving import GRACE, PROVED_FOR, CodeOver, add_proof, code_fits, is_proved, send_code
from orders.queries.bag import BAG_COOKIE, became
from orders.views.secret_page import OrderView, behind_secret_link
from shop.operations.limits import TooOften
from shop.rules.accounts import CODE_LIVES
from shop.visitors import shopper

PROOF_COOKIE, CODE_COOKIE = f"{settings.COOKIE_PREFIX}proof", f"{settings.COOKIE_PREFIX}code"
OURS = "proof_"  # the fields of the question; everything else was sent to the page behind it
BEHIND = {"orders:cancel", "orders:pieces", "orders:delivery", "returns:request"}


def never(request: HttpRequest, order: Order) -> bool:
    """Ask always."""
    return False


def by_owner(unless: Callable[[HttpRequest, Order], bool] = never) -> Callable[[OrderView], OrderView]:
    """Let a page behind a secret link be used by whoever ordered alone; `unless` tells what anybody may do there.

    Put it below `behind_secret_link`.
    """

    def guard(view: OrderView) -> OrderView:
        @wraps(view)
        def guarded(request: HttpRequest, token: str, order: Order, /, **more: Any) -> HttpResponse:
            if is_owner(request, order) or unless(request, order):
                return view(request, token, order, **more)
            return _ask(request, token, order, to=request.get_full_path(), sent=request.method == "POST")

        return guarded

    return guard


def is_owner(request: HttpRequest, order: Order) -> bool:
    """Tell whether this browser is known to belong to whoever ordered.  At most two queries."""
    person = shopper(request)
    if person is not None and order.customer_id == person.pk:
        return True
    kept, sends = request.COOKIES.get(PROOF_COOKIE, ""), request.method == "POST"
    if is_proved(kept, order=order, at=timezone.now(), sends=sends):
        return True
    return became(request.COOKIES.get(BAG_COOKIE, ""), order_id=order.pk)


@require_POST
@behind_secret_link
def prove(request: HttpRequest, token: str, order: Order) -> HttpResponse:
    """Mail a code, or take it and go on to where she was going."""
    to = _way(request.POST.get("proof_to", ""), token)
    sent = request.POST.get("proof_sent") == "1"
    if request.POST.get("proof_step") != "check":
        return _send(request, token, order, to=to, sent=sent)
    form = OwnerCodeForm(request.POST)
    if not form.is_valid():
        return _ask(request, token, order, to=to, sent=sent, form=form, status=422)
    try:
        if code_fits(
            order=order,
            sealed=request.COOKIES.get(CODE_COOKIE, ""),
            typed=form.cleaned_data["proof_code"],
            at=timezone.now(),
        ):
            return _let_in(request, order, to=to, sent=sent)
        refused, status = (
            _("That is not the code we sent last. Look into the newest mail, or ask for another code."),
            422,
        )
    except CodeOver:
        refused, status = _("This code is over: each is good for a quarter of an hour. Ask for another one."), 422
    except TooOften:
        refused, status = _("That was tried several times. Wait a quarter of an hour, or write to us."), 429
    form.add_error("proof_code", refused)
    return _ask(request, token, order, to=to, sent=sent, form=form, status=status)


def _send(request: HttpRequest, token: str, order: Order, *, to: str, sent: bool) -> HttpResponse:
    try:
        sealed = send_code(order=order, at=timezone.now())
    except TooOften:
        form = OwnerCodeForm({})
        form.errors.clear()
        form.add_error(None, _("That was asked for several times just now. Look into your mail, or try in an hour."))
        return _ask(request, token, order, to=to, sent=sent, form=form, status=429)
    response = _ask(request, token, order, to=to, sent=sent, form=OwnerCodeForm(), status=200)
    _keep(response, CODE_COOKIE, sealed, CODE_LIVES.total_seconds())
    return response


def _let_in(request: HttpRequest, order: Order, *, to: str, sent: bool) -> HttpResponse:
    """Lead on; what was sent before the question is sent by the browser again, as it was."""
    response = HttpResponseRedirect(to, preserve_request=sent)
    kept = add_proof(request.COOKIES.get(PROOF_COOKIE, ""), order=order, at=timezone.now())
    _keep(response, PROOF_COOKIE, kept, (PROVED_FOR + GRACE).total_seconds())
    response.delete_cookie(CODE_COOKIE)
    return response


def _ask(
    request: HttpRequest,
    token: str,
    order: Order,
    *,
    to: str,
    sent: bool,
    form: OwnerCodeForm | None = None,
    status: int = 403,
) -> HttpResponse:
    """Ask who it is; without a form nothing was mailed yet."""
    carried = [
        (name, value)
        for name, values in request.POST.lists()
        if not name.startswith(OURS) and name != "csrfmiddlewaretoken"
        for value in values
    ]
    context = {
        "order": order,
        "token": token,
        "form": form,
        "to": to,
        "sent": sent,
        "carried": carried if sent else [],
        "back": reverse("orders:track", args=[token]),
        "signs_in": order.customer_id is not None,
    }
    return render(request, "orders/prove.html", context, status=status)


def _way(to: str, token: str) -> str:
    """Return the address of a page behind this very link.  Raises BadRequest for every other one."""
    parts = urlsplit(to)
    try:
        match = resolve(parts.path)
    except Resolver404:
        raise BadRequest("proof_to") from None
    if parts.scheme or parts.netloc or match.view_name not in BEHIND or match.kwargs.get("token") != token:
        raise BadRequest("proof_to")
    return reverse(match.view_name, kwargs=match.kwargs) + (f"?{parts.query}" if parts.query else "")


def _keep(response: HttpResponse, name: str, value: str, seconds: float) -> None:
    response.set_cookie(name, value, max_age=int(seconds), secure=settings.HTTPS, httponly=True, samesite="Lax")
