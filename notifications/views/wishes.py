"""What a reader wants to hear: her page, and the one click of a mail program.

Both are opened by a signed link from a mail; the page also by whoever is signed in and proved her address.  Opening one
changes nothing: programs that look at links before people do stop no message.  Source: RFC 8058, reliability reference
S1.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from notifications import forms
from notifications.messages import KINDS
from notifications.models import Message, NewsConsent, Reader
from notifications.models.tokens import STOP, WISHES, BadToken, read_name, sign_name
from notifications.operations import wishing
from notifications.queries.readers import reader_of, zones_for
from shop.operations.limits import TooOften
from shop.queries.people import proved_addresses
from shop.views.own import own_page, owner
from shop.visitors import speak

LASTS = timedelta(days=400)


@never_cache
@csrf_exempt  # a mail program posts without a cookie; the signed link is the proof
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether to stop one kind of mail; a POST stops it."""
    message = _message_of(token, STOP)
    kind = KINDS.get(message.kind)
    context = {
        "says": kind.says if kind else "",
        "wishes_url": reverse("notifications:wishes", args=[sign_name(message.message_id, purpose=WISHES)]),
        "stopped": False,
    }
    speak(request, message.locale)
    if request.method == "POST":
        try:
            wishing.stop_kind(message=message, at=timezone.now())
        except wishing.NotToBeSilenced:
            return render(request, "notifications/stop.html", {**context, "must": True}, status=409)
        context["stopped"] = True
    return render(request, "notifications/stop.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def wishes(request: HttpRequest, token: str) -> HttpResponse:
    """Show and keep what she wants to hear, where and when."""
    message = _message_of(token, WISHES)
    if message.channel != "email":
        raise Http404
    speak(request, message.locale)
    back = reverse("notifications:wishes", args=[token])
    return _Page(request, message.recipient, message.order_number, back=back).answer()


@require_http_methods(["GET", "HEAD", "POST"])
@own_page
def own_wishes(request: HttpRequest) -> HttpResponse:
    """Show and keep the same for the address of an account, once it was proved."""
    person = owner(request)
    if person.email.lower() not in proved_addresses(person.pk):
        return redirect("account_email")
    return _Page(request, person.email.lower(), "", back=reverse("notifications:own-wishes")).answer()


def _message_of(token: str, purpose: str) -> Message:
    """Return the message a link came with.  Raises Http404 for any other link and one older than LASTS."""
    try:
        name = read_name(token, purpose=purpose)
    except BadToken:
        raise Http404 from None
    young = Message.objects.filter(message_id=name, created_at__gt=timezone.now() - LASTS)
    message = young.select_related("event").order_by("id").first()
    if message is None:
        raise Http404
    return message


class _Page:
    """One visit to the page of one reader."""

    def __init__(self, request: HttpRequest, address: str, order_number: str, *, back: str) -> None:
        self._request = request
        self._address = address
        self._order_number = order_number
        self._back_to = back
        self._reader = reader_of(address)

    @property
    def _own(self) -> bool:
        return self._back_to == reverse("notifications:own-wishes")

    def answer(self) -> HttpResponse:
        """Show the page, or do what was pressed."""
        if self._request.method != "POST":
            return self.shown()
        act = {"code": self.ask_for_code, "confirm": self.confirm, "forget": self.forget}
        return act.get(self._request.POST.get("do", ""), self.save)()

    def shown(self, status: int = 200, **mine: Any) -> HttpResponse:
        """Draw the page; `mine` are forms with what was typed."""
        reader, channels = self._reader, self._channels()
        wishes = {(wish.kind, wish.channel): wish.wanted for wish in reader.wishes.all()} if reader else {}
        context = {
            "rows": forms.rows(channels, wishes),
            "always": forms.always(channels),
            "hours": self._hours(),
            "address": self._address,
            "own": self._own,
            "reader": reader,
            "number": forms.NumberForm(channels=self._offered()) if self._offered() else None,
            "code": forms.CodeForm() if reader and reader.code_hash else None,
            "channels": channels,
        }
        return render(self._request, "notifications/wishes.html", context | mine, status=status)

    def save(self) -> HttpResponse:
        """Keep the ticks and the hours."""
        form = self._hours(self._request.POST)
        if not form.is_valid():
            return self.shown(422, hours=form)
        channels = self._channels()
        wishing.choose_wishes(
            address=self._address,
            wishes=forms.ticked(self._request.POST, channels),
            hours=form.hours(),
            first_channel=form.cleaned_data.get("first_channel") or channels[0],
            where=NewsConsent.Where.ACCOUNT if self._own else NewsConsent.Where.WISHES,
            at=timezone.now(),
        )
        return self._back(_("We keep to that from now on."))

    def ask_for_code(self) -> HttpResponse:
        """Send a code to the number she entered."""
        form = forms.NumberForm(self._request.POST, channels=self._offered())
        if not form.is_valid():
            return self.shown(422, number=form)
        try:
            wishing.ask_for_code(address=self._address, at=timezone.now(), **form.cleaned_data)
        except TooOften:
            form.add_error("number", _("We sent three codes within an hour. Try again later, or write to us."))
            return self.shown(429, number=form)
        return self._back(_("A code is on its way to that number. Enter it here within a quarter of an hour."))

    def confirm(self) -> HttpResponse:
        """Open the channel whose code she typed."""
        form = forms.CodeForm(self._request.POST)
        if form.is_valid():
            try:
                wishing.confirm_code(address=self._address, code=form.cleaned_data["code"], at=timezone.now())
                return self._back(_("The number is yours. Choose below what we write there."))
            except wishing.WrongCode:
                form.add_error("code", _("That is not the code, or it is too old. Ask for a new one."))
        return self.shown(422, code=form)

    def forget(self) -> HttpResponse:
        """Forget her number."""
        wishing.close_text_channel(address=self._address, at=timezone.now())
        return self._back(_("We have forgotten the number."))

    def _channels(self) -> list[str]:
        """Return where she can choose to hear from us: by mail, and where she confirmed a number."""
        reader: Reader | None = self._reader
        mine = [reader.text_channel] if reader and reader.text_confirmed_at else []
        return ["email", *(name for name in mine if name in self._offered())]

    def _offered(self) -> list[str]:
        return [name for name, url in settings.TEXT_URLS.items() if url]

    def _hours(self, data: Any = None) -> forms.HoursForm:
        reader = self._reader
        zones = zones_for(reader, self._order_number)
        first = {
            "quiet_from": forms.clock(reader.quiet_from) if reader else None,
            "quiet_until": forms.clock(reader.quiet_until) if reader else None,
            "time_zone": zones[0],
            "first_channel": reader.first_channel if reader else "email",
        }
        return forms.HoursForm(data, initial=first, zones=zones, channels=self._channels())

    def _back(self, said: str) -> HttpResponse:
        messages.success(self._request, said)
        return redirect(self._back_to)
