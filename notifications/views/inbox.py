"""What we told her, on a page of her account: every letter in its words, and a place to answer it."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from notifications.forms import AnswerForm
from notifications.messages import FOR_THE_MAILBOX
from notifications.models import Message
from notifications.queries.inbox import conversation_of, letter_to, letters_before
from orders.models import Order
from orders.queries.mine import order_of
from shop.models import User
from shop.operations.limits import TooOften
from shop.views.own import own_page, owner
from support.operations.opening import Writing, open_conversation
from support.operations.writing_on import write_on


@require_safe
@own_page
def show_list(request: HttpRequest) -> HttpResponse:
    """List her letters, newest first; `?before=` goes on where a page ended."""
    asked = request.GET.get("before", "")
    before = int(asked) if asked.isdecimal() and len(asked) < 19 else None
    letters, older = letters_before(owner(request), before, without=FOR_THE_MAILBOX)
    return render(request, "notifications/inbox.html", {"letters": letters, "older": older, "later": before})


@require_http_methods(["GET", "HEAD", "POST"])
@own_page
def show_message(request: HttpRequest, message_id: int) -> HttpResponse:
    """Show one letter in its words; a POST answers it."""
    person = owner(request)
    try:
        letter = letter_to(person, message_id, without=FOR_THE_MAILBOX)
    except Message.DoesNotExist:
        raise Http404("No such letter") from None
    order = _order(person, letter)
    if request.method != "POST":
        return _page(request, letter, order, AnswerForm(initial={"token": uuid.uuid4()}))
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, letter, order, form, status=422)
    try:
        _answer(person, letter, order, form.cleaned_data)
    except TooOften as limit:
        again = timezone.localtime(limit.retry_at).strftime("%H:%M")
        form.add_error(
            None,
            _("You wrote to us several times within the hour, and we have all of it. From %(time)s you can send more.")
            % {"time": again},
        )
        return _page(request, letter, order, form, status=429)
    messages.success(request, _("We have it. Somebody answers you by mail, and the answer appears here, too."))
    return redirect("notifications:inbox")


def _answer(person: User, letter: Message, order: Order | None, said: dict[str, Any]) -> None:
    """Join the conversation a letter belongs to, or begin one about its order."""
    at = timezone.now()
    talk = conversation_of(person, letter)
    if talk is not None:
        write_on(conversation_id=talk.pk, client_token=said["token"], text=said["message"], customer=person, at=at)
        return
    writing = Writing(
        email=letter.recipient,
        name=person.name,
        kind="question",
        text=said["message"],
        subject=_("Re: %(subject)s") % {"subject": letter.subject},
        order=order,
        locale=letter.locale,
    )
    open_conversation(client_token=said["token"], writing=writing, customer=person, at=at)


def _order(person: User, letter: Message) -> Order | None:
    """Return the order a letter is about, if it stands in her account."""
    try:
        return order_of(person.pk, letter.order_number) if letter.order_number else None
    except Order.DoesNotExist:
        return None


def _page(
    request: HttpRequest, letter: Message, order: Order | None, form: AnswerForm, status: int = 200
) -> HttpResponse:
    context = {"letter": letter, "order": order, "form": form}
    return render(request, "notifications/inbox_message.html", context, status=status)
