"""Three screens of the admin beside the list of messages: the outbox, a preview, and words of our own."""

from __future__ import annotations

import difflib
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.messages import KINDS
from notifications.messages.framing import letter_frame
from notifications.messages.own_words import Words, file_words, variables
from notifications.messages.rendering import Letter, surroundings
from notifications.messages.topics import channel_name
from notifications.models import Wording
from notifications.operations.previewing import NothingHappened, preview_message, send_test
from notifications.operations.wording import BadWords, check_words, write_wording
from notifications.queries.board import board
from notifications.rules.flat import Fault, Problem
from shop.admin.base import see_other
from shop.models import User

LANES = {
    0: gettext_lazy("somebody waits for it"),
    1: gettext_lazy("news"),
    2: gettext_lazy("small news"),
    3: gettext_lazy("campaigns"),
}


class PreviewForm(forms.Form):
    """Which kind, about which order, in which language."""

    kind = forms.ChoiceField(label=gettext_lazy("Message"))
    order = forms.CharField(label=gettext_lazy("Order"), max_length=20)
    locale = forms.ChoiceField(label=gettext_lazy("Language"), required=False)

    def __init__(self, *args: Any, **fields: Any) -> None:
        super().__init__(*args, **fields)
        self.fields["kind"].choices = [(kind.name, f"{kind.name}: {kind.says}") for kind in KINDS.values()]  # type: ignore[attr-defined]
        self.fields["locale"].choices = [("", _("the reader's")), *settings.LANGUAGES]  # type: ignore[attr-defined]

    def clean_order(self) -> str:
        """Return the number as it is written."""
        return str(self.cleaned_data["order"]).strip().upper()


class WordsForm(forms.Form):
    """Words of our own; both empty: the file's words hold."""

    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=150, required=False)
    text = forms.CharField(
        label=gettext_lazy("Text"), max_length=8000, required=False, widget=forms.Textarea({"rows": 16})
    )
    order = forms.CharField(
        label=gettext_lazy("Show it with order"), max_length=20, required=False, help_text=gettext_lazy("Optional.")
    )


def show_outbox(request: HttpRequest) -> HttpResponse:
    """Show what waits, what failed and how the providers are."""
    _demand(request, "notifications.view_message")
    now = timezone.now()
    found = board(now)
    context = {
        "title": _("Outbox"),
        "board": found,
        "waiting": [
            {**row, "lane": LANES.get(row["lane"], ""), "channel": channel_name(row["channel"])}
            for row in found.waiting
        ],
        "providers": [
            {"row": row, "resting": row.rests_until is not None and row.rests_until > now} for row in found.providers
        ],
        "as_of": timezone.localtime(now),
    }
    return _page(request, "admin/notifications/outbox.html", context)


def show_preview(request: HttpRequest) -> HttpResponse:
    """Show a message about a real order; POST sends it to oneself."""
    _demand(request, "notifications.view_message")
    form = PreviewForm(request.POST if request.method == "POST" else request.GET or None)
    letter: Letter | None = None
    if form.is_bound and form.is_valid():
        values = form.cleaned_data
        asked = {"kind": values["kind"], "order_number": values["order"], "locale": values["locale"]}
        try:
            letter = preview_message(**asked, at=timezone.now())
            if request.method == "POST":
                return _send_test(request, asked)
        except NothingHappened:
            form.add_error("order", _("Nothing has happened to this order that calls for this message. Take another."))
    if request.GET.get("frame") and letter:
        return letter_frame(letter.html)
    context = {
        "title": _("Preview"),
        "form": form,
        "letter": letter,
        "may_test": request.user.has_perm("notifications.test_message"),
        "frame": f"?{request.GET.urlencode()}&frame=1",
    }
    return _page(request, "admin/notifications/preview.html", context, status=422 if form.errors else 200)


def _send_test(request: HttpRequest, asked: dict[str, str]) -> HttpResponse:
    _demand(request, "notifications.test_message")
    assert isinstance(request.user, User)  # noqa: S101 -- admin_view let nobody else through
    send_test(**asked, by=request.user, at=timezone.now())
    said = _("It is on its way to %(email)s. Its links lead nowhere.") % {"email": request.user.email}
    messages.success(request, said)
    return see_other(reverse("admin:notifications_message_preview"))


def list_words(request: HttpRequest) -> HttpResponse:
    """List every kind with the languages in which we use words of our own."""
    _demand(request, "notifications.view_message")
    own = set(Wording.objects.order_by("id").values_list("kind", "locale"))
    kinds = [
        {
            "kind": kind,
            "languages": [(code, name, (kind.name, code) in own) for code, name in settings.LANGUAGES],
        }
        for kind in KINDS.values()
    ]
    return _page(request, "admin/notifications/words.html", {"title": _("Words of messages"), "kinds": kinds})


def edit_words(request: HttpRequest, kind: str, locale: str) -> HttpResponse:
    """Show the file's words beside ours, with what differs; POST keeps ours, or shows them with an order first."""
    may_write = request.user.has_perm("notifications.write_wording")
    looking = request.method in ("GET", "HEAD")
    _demand(request, "notifications.view_message" if looking else "notifications.write_wording")
    if kind not in KINDS or locale not in dict(settings.LANGUAGES):
        raise Http404
    kept = Wording.objects.filter(kind=kind, locale=locale).order_by("id").first()
    ours = {"subject": kept.subject, "text": kept.text} if kept else {}
    form = WordsForm(request.POST if request.method == "POST" else None, initial=ours)
    letter = None
    if request.method == "POST" and form.is_valid():
        if request.POST.get("do") == "show":
            letter = _shown(form, kind, locale)
        elif _kept(request, form, kind, locale):
            return see_other(request.path)
    files = file_words(KINDS[kind], locale, around=surroundings(by_a_person=KINDS[kind].by_a_person))
    context = {
        "title": str(KINDS[kind].says),
        "form": form,
        "files": files,
        "own": kept,
        "diff": _difference(files, form) if kept or form.is_bound else [],
        "variables": variables(KINDS[kind]),
        "must_say": KINDS[kind].must_say,
        "letter": letter,
        "may_write": may_write,
        "in_language": dict(settings.LANGUAGES)[locale],
    }
    return _page(request, "admin/notifications/edit_words.html", context, status=422 if form.errors else 200)


def _kept(request: HttpRequest, form: WordsForm, kind: str, locale: str) -> bool:
    assert isinstance(request.user, User)  # noqa: S101 -- admin_view let nobody else through
    words = {"subject": form.cleaned_data["subject"], "text": form.cleaned_data["text"]}
    try:
        own = write_wording(kind=kind, locale=locale, by=request.user, at=timezone.now(), **words)
    except BadWords as bad:
        _complain(form, bad)
        return False
    said = _("New messages use these words.") if own else _("New messages use the words of the file again.")
    messages.success(request, said)
    return True


def _shown(form: WordsForm, kind: str, locale: str) -> Letter | None:
    subject, text = form.cleaned_data["subject"], form.cleaned_data["text"].replace("\r\n", "\n")
    draft = Wording(kind=kind, locale=locale, subject=subject, text=text)
    try:
        check_words(kind=kind, locale=locale, subject=subject, text=text)
        order = form.cleaned_data["order"].strip().upper()
        return preview_message(kind=kind, order_number=order, at=timezone.now(), locale=locale, draft=draft)
    except BadWords as bad:
        _complain(form, bad)
    except NothingHappened:
        form.add_error("order", _("Nothing has happened to this order that calls for this message. Take another."))
    return None


def _complain(form: WordsForm, bad: BadWords) -> None:
    for problem in bad.problems:
        form.add_error("text", fault_sentence(problem))


def fault_sentence(problem: Problem) -> str:
    """Say what is wrong with words of our own and what to do."""
    says = {
        Fault.TAG: _("Take out %(piece)s: no tags, only variables."),
        Fault.NOT_FLAT: _("Write a plain variable such as {{ number }} instead of %(piece)s."),
        Fault.UNKNOWN: _("There is no variable called %(piece)s; the list beside the text has them all."),
        Fault.MISSING: _("Say {{ %(piece)s }} somewhere: without it she does not hear what the message is for."),
    }
    return says[problem.fault] % {"piece": problem.piece}


def _difference(files: Words, form: WordsForm) -> list[dict[str, str]]:
    """Return the lines of file and own words that differ, each with its sign: minus the file's, plus ours."""
    subject = form["subject"].value() or files.subject
    text = form["text"].value() or files.text
    theirs = [files.subject, "", *files.text.splitlines()]
    ours = [subject, "", *str(text).replace("\r\n", "\n").splitlines()]
    lines = difflib.ndiff(theirs, ours)
    return [{"sign": line[0], "line": line[2:]} for line in lines if line[0] in "+- " and line[2:].strip()]


def _page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return TemplateResponse(request, template, {**admin.site.each_context(request), **context}, status=status)


def _demand(request: HttpRequest, permission: str) -> None:
    """Raise PermissionDenied for whoever may not."""
    if not request.user.has_perm(permission):
        raise PermissionDenied
