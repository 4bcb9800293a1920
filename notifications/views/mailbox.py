"""The mailbox of the demo: what really went over SMTP.  A shop that is not the demo has no such page."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from notifications.gateways import mailbox
from notifications.gateways.mailbox import KeptLetter
from notifications.messages.framing import letter_frame


@require_safe
def show_list(request: HttpRequest) -> HttpResponse:
    """List the letters, newest first.  Raises Http404 outside the demo."""
    _demo_only()
    return render(request, "notifications/mailbox.html", {"letters": mailbox.letters()})


@require_safe
def show_letter(request: HttpRequest, name: str) -> HttpResponse:
    """Show one letter: its text, its HTML in a frame, its headers folded away.  Raises Http404."""
    return render(request, "notifications/letter.html", {"letter": _letter(name)})


@require_safe
def show_html(request: HttpRequest, name: str) -> HttpResponse:
    """Show what is inside the frame.  Raises Http404."""
    return letter_frame(_letter(name).html, links=True)


def _letter(name: str) -> KeptLetter:
    _demo_only()
    letter = mailbox.letter(name)
    if letter is None:
        raise Http404
    return letter


def _demo_only() -> None:
    if not settings.DEMO:
        raise Http404
