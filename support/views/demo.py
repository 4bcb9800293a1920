"""Playing the customer in the demo: answer a mail, and the answer comes in through the real webhook.

GET `support:demo-reply` with `to` (the Reply-To of the mail that is answered), `from` (the customer's address), and
optionally `name`, `subject` and `in_reply_to` (its Message-ID) shows the form; POST sends it.  Only where DEMO is on.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from support.forms import DemoReplyForm
from support.gateways.mail_hook import Envelope, NotDelivered, post_mail
from support.rules.writing import Letter, compose


@require_http_methods(["GET", "HEAD", "POST"])
def reply_page(request: HttpRequest) -> HttpResponse:
    """Show the form of a mail's reader, and send what she writes as a raw message."""
    if not settings.DEMO:
        raise Http404
    if request.method != "POST":
        return _page(request, DemoReplyForm(initial=request.GET.dict()))
    form = DemoReplyForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    data = form.cleaned_data
    now = timezone.now()
    letter = Letter(
        sender=data["from"],
        sender_name=data["name"],
        to=data["to"],
        subject=data["subject"],
        text=data["text"],
        in_reply_to=data["in_reply_to"],
        message_id=f"{uuid.uuid4().hex}@demo.example",
        written_at=now,
    )
    try:
        post_mail(
            url=request.build_absolute_uri(reverse("support:mail-hook")),
            raw=compose(letter),
            envelope=Envelope(to=letter.to, sender=letter.sender),
            at_seconds=int(now.timestamp()),
        )
    except NotDelivered as why:
        form.add_error(None, _("The mail could not be delivered: %(why)s") % {"why": why})
        return _page(request, form, status=502)
    return _page(request, form, sent=True)


def _page(request: HttpRequest, form: DemoReplyForm, *, status: int = 200, sent: bool = False) -> HttpResponse:
    return render(request, "support/demo_reply.html", {"form": form, "sent": sent}, status=status)
