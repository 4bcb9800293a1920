"""News of the shop by mail: the page to ask for it, and the one the link of the question opens.

The answer to who asks is the same whatever we know of the address, and opening the link changes nothing: programs look
at links before people do.  Source: issue of the one voice (double opt-in); reliability reference S13.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from notifications.forms import NewsForm
from notifications.models import NewsConsent
from notifications.operations.news import (
    LinkOver,
    Tick,
    agree_to_news,
    ask_for_news,
    question_of,
    refuse_news,
    take_news,
)
from shop.messages.news import offer, offer_of, words_now
from shop.operations.limits import TooOften, spend
from shop.queries.people import proved_addresses
from shop.views.own import private
from shop.visitors import shopper, speak, visitor

ASKS_PER_VISITOR, WINDOW = 10, timedelta(hours=1)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """Ask for an address, and ask the address whether news may come."""
    person = shopper(request)
    form = NewsForm(request.POST or None, initial={"email": person.email if person else ""})
    if request.method == "POST" and form.is_valid() and (answer := _ticked(request, form)):
        return answer
    context = {"form": form, "offer": offer(words_now())}
    return render(request, "notifications/news.html", context, status=422 if form.errors else 200)


def _ticked(request: HttpRequest, form: NewsForm) -> HttpResponse | None:
    """Note the wish and say what comes next; None when the form has to say why not."""
    at, person = timezone.now(), shopper(request)
    tick = Tick(
        address=form.cleaned_data["email"],
        where=NewsConsent.Where.PAGE,
        locale=get_language() or settings.LANGUAGE_CODE,
        wording=words_now().code,
    )
    try:
        spend(purpose="notifications.news", who=visitor(request), budget=ASKS_PER_VISITOR, window=WINDOW, at=at)
    except TooOften:
        form.add_error("email", _("That were many addresses. Try again in an hour, or write to us."))
        return None
    if person is not None and tick.address.lower() in proved_addresses(person.pk):
        take_news(tick=tick, at=at)
        messages.success(request, _("News of the shop comes to you from now on. Every mail has a link to stop it."))
    else:
        ask_for_news(tick=tick, at=at)
        messages.success(
            request, _("If this address may still be asked, a mail is on its way. News comes after the button in it.")
        )
    return redirect("notifications:news")


@private
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Show the question, and take her answer."""
    try:
        question = question_of(token=token, at=timezone.now())
        if request.method == "POST":
            act = refuse_news if request.POST.get("do") == "no" else agree_to_news
            act(token=token, at=timezone.now())
            return redirect("notifications:news-answer", token)
    except LinkOver:
        return render(request, "notifications/news_answer.html", {"question": None}, status=404)
    speak(request, question.locale)
    context = {"question": question, "offer": offer_of(question.wording)}
    return render(request, "notifications/news_answer.html", context)
