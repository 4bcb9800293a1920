"""The contact page: one form, an honest time for the answer, and nothing typed is ever lost."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from orders.models import Order
from orders.operations.access import LinkUnknown, order_of_link
from shop.models import User
from shop.operations.limits import TooOften, spend
from shop.visitors import visitor
from support.forms import ContactForm
from support.models import Conversation, Message
from support.operations.opening import Writing, open_conversation
from support.queries.answer_times import answer_by, calendar_of, find_policy
from support.queries.conversations import latest_promise, order_of_writer
from support.rules.topics import KIND_OF_TOPIC

_SALT = "support.sent"
_VISITOR_BUDGET, _VISITOR_WINDOW = 30, timedelta(hours=1)  # forms sent from one network, whatever addresses they name
_SENT_SECONDS = 24 * 3600  # how long the confirmation can be opened again


@dataclass(frozen=True)
class Attached:
    """The order a secret link opened, if any; `lost` when a link was given that opens nothing."""

    order: Order | None
    token: str = ""
    lost: bool = False


@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest) -> HttpResponse:
    """Show the form and take what was written."""
    if request.method != "POST":
        attached = _attached(request.GET.get("order", ""))
        return _page(request, ContactForm(initial=_initial(request, attached), attached=bool(attached.order)), attached)
    attached = _attached(request.POST.get("order", ""))
    form = ContactForm(request.POST, attached=bool(attached.order))
    if not form.is_valid():
        return _page(request, form, attached, status=422)
    at = timezone.now()
    try:
        spend(purpose="contact-visitor", who=visitor(request), budget=_VISITOR_BUDGET, window=_VISITOR_WINDOW, at=at)
        message = open_conversation(
            client_token=form.cleaned_data["token"],
            writing=_writing(form, attached),
            customer=_shopper(request),
            at=at,
        )
    except TooOften as limit:
        again = timezone.localtime(limit.retry_at).strftime("%H:%M")
        form.add_error(
            None,
            _("You wrote to us several times within the hour, and we have all of it. From %(time)s you can send more.")
            % {"time": again},
        )
        return _page(request, form, attached, status=429)
    return redirect("support:sent", ticket=signing.dumps(message.pk, salt=_SALT))


@require_safe
def sent(request: HttpRequest, ticket: str) -> HttpResponse:
    """Confirm one message: its reference, when we answer, and where."""
    try:
        message_id = signing.loads(ticket, salt=_SALT, max_age=_SENT_SECONDS)
    except signing.BadSignature:
        raise Http404 from None
    message = Message.objects.select_related("conversation__order", "conversation__policy__calendar").get(pk=message_id)
    conversation = message.conversation
    told = answer_by(policy=conversation.policy, at=message.written_at)
    context = {
        "conversation": conversation,
        "message": message,
        "answer_by": told,
        "time_zone": calendar_of(conversation.policy).time_zone,
        "passed": told < timezone.now(),
        "answered": conversation.waiting_since is None,
        "we_wrote_first": conversation.origin == Conversation.Origin.SYSTEM,
    }
    return render(request, "support/sent.html", context)


def _page(request: HttpRequest, form: ContactForm, attached: Attached, status: int = 200) -> HttpResponse:
    policy = find_policy("question")
    promise = latest_promise(attached.order) if attached.order else None
    context = {
        "form": form,
        "attached": attached,
        "promise": promise,
        "promise_passed": promise is not None and promise.deliver_by_on < timezone.localdate(),
        "answer_by": answer_by(policy=policy, at=timezone.now()) if policy else None,
        "time_zone": calendar_of(policy).time_zone if policy else "",
    }
    return render(request, "support/contact.html", context, status=status)


def _attached(token: str) -> Attached:
    if not token:
        return Attached(None)
    try:
        return Attached(order_of_link(token=token[:200], at=timezone.now()), token)
    except LinkUnknown:
        return Attached(None, lost=True)


def _initial(request: HttpRequest, attached: Attached) -> dict[str, object]:
    """Fill in what we know already: from the order, or from the account."""
    initial: dict[str, object] = {"token": uuid.uuid4(), "order": attached.token}
    shopper = _shopper(request)
    if attached.order is not None:
        initial |= {"name": attached.order.full_name, "email": attached.order.email}
    elif shopper is not None:
        initial |= {"name": shopper.name, "email": shopper.email}
    return initial


def _shopper(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) and not request.user.is_staff else None


def _writing(form: ContactForm, attached: Attached) -> Writing:
    """Return what was written; a typed order number attaches the order only when the address is its own."""
    data = form.cleaned_data
    named = data.get("order_number", "").strip().upper()
    return Writing(
        email=data["email"].lower(),
        name=data["name"],
        kind=KIND_OF_TOPIC[data["topic"]],
        text=data["message"],
        order=attached.order or order_of_writer(number=named, email=data["email"]),
        order_said="" if attached.order else named,
        locale=get_language() or "",
    )
