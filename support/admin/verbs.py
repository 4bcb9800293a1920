"""The buttons of the conversation screen: each is one POST, one permission, one operation, one sentence back."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from shop.admin.base import AnyAdmin
from shop.models import User
from shop.operations import questions
from support.models import Conversation
from support.operations import handling, replying
from support.rules.mail import clean

View = Callable[..., HttpResponse]

_NUMBER = re.compile(r"[0-9]{1,18}")


def number_in(text: str) -> int:
    """Return the number somebody sent, 0 (nobody's id) for anything else."""
    return int(text) if _NUMBER.fullmatch(text) else 0


SHOWN = ("order__service", "assignee", "policy", "follows", "question__product")  # what the screen reads with its row
PERMISSIONS = {
    "reply": "support.answer_conversation",
    "note": "support.answer_conversation",
    "take": "support.answer_conversation",
    "assign": "support.assign_conversation",
    "waive": "support.waive_answer",
    "close": "support.close_conversation",
    "publish": "shop.publish_productquestion",
}


class Verbs(AnyAdmin):
    """Mixed into ConversationAdmin; a refusal brings the screen back with what was typed and a sentence."""

    def screen(
        self, request: HttpRequest, conversation: Conversation, *, status: int = 200, **drafts: str
    ) -> HttpResponse:
        """Render the conversation screen."""
        raise NotImplementedError

    def verbs(self) -> dict[str, View]:
        """Return the views by name."""
        return {name: _guarded(self, name, getattr(self, f"{name}_view")) for name in PERMISSIONS}

    def may(self, request: HttpRequest) -> dict[str, bool]:
        """Tell which verbs this person may use."""
        return {name: request.user.has_perm(codename) for name, codename in PERMISSIONS.items()}

    def reply_view(self, request: HttpRequest, conversation: Conversation) -> HttpResponse:
        """Send an answer."""
        text, token = clean(request.POST.get("text", "")), request.POST.get("token", "")
        seen = request.POST.get("seen_version", "")
        try:
            replying.reply(
                conversation_id=conversation.pk,
                text=text,
                by=_person(request),
                seen_version=number_in(seen),
                client_token=UUID(token),
                at=timezone.now(),
            )
        except replying.NewerMessage:
            newer = _("Something new was said since you opened this page. Read it; your answer is kept below.")
            return self._refused(request, conversation, newer, 409, reply=text, token=token)
        except replying.NothingWritten:
            return self._refused(request, conversation, _("Write an answer first."), token=token)
        except replying.NoAddress:
            return self._refused(
                request, conversation, _("Nobody knows an address, so an answer cannot go out."), reply=text
            )
        except ValueError:
            return self._refused(request, conversation, _("The form was not complete. Send it again."), reply=text)
        return _done(
            request,
            conversation,
            _("Your answer is on its way. The customer waits until the mail server has taken it."),
        )

    def note_view(self, request: HttpRequest, conversation: Conversation) -> HttpResponse:
        """Write an internal note."""
        text = clean(request.POST.get("text", ""))
        try:
            handling.write_note(conversation_id=conversation.pk, text=text, by=_person(request), at=timezone.now())
        except replying.NothingWritten:
            return self._refused(request, conversation, _("Write a note first."))
        return _done(request, conversation, _("Your note is in the thread, for colleagues only."))

    def take_view(self, request: HttpRequest, conversation: Conversation) -> HttpResponse:
        """Make it one's own."""
        try:
            handling.take(conversation_id=conversation.pk, by=_person(request), at=timezone.now())
        except handling.TakenByColleague as taken:
            sentence = _("%(name)s has it. Ask, or let a lead hand it over.") % {"name": taken.holder.get_short_name()}
            return self._refused(request, conversation, sentence, 409)
        return _done(request, conversation, _("It is yours now."))

    def assign_view(self, request: HttpRequest, conversation: Conversation) -> HttpResponse:
        """Give it to somebody, or back to everybody."""
        wanted = request.POST.get("to", "")
        to = User.objects.filter(pk=number_in(wanted)).order_by("id").first()
        try:
            if wanted and to is None:
                raise handling.CannotHold
            handling.assign(conversation_id=conversation.pk, to=to, by=_person(request), at=timezone.now())
        except handling.CannotHold:
            return self._refused(request, conversation, _("Choose somebody who works at the desk."))
        told = _("%(name)s has it now.") % {"name": to.get_short_name()} if to else _("It is nobody's now.")
        return _done(request, conversation, told)

    def waive_view(self, request: HttpRequest, conversation: Conversation) -> HttpResponse:
        """Decide that no answer is needed."""
        reason = clean(request.POST.get("reason", ""))[:200]
        try:
            handling.waive_answer(
                conversation_id=conversation.pk, reason=reason, by=_person(request), at=timezone.now()
            )
        except replying.NothingWritten:
            return self._refused(request, conversation, _("Say why no answer is needed."))
        except handling.NobodyWaits:
            return self._refused(request, conversation, _("Everything is answered already."), 409)
        return _done(request, conversation, _("Kept with your reason: no answer is needed."))

    def close_view(self, request: HttpRequest, conversation: Conversation) -> HttpResponse:
        """Close it."""
        try:
            handling.close(conversation_id=conversation.pk, by=_person(request), at=timezone.now())
        except handling.StillWaiting:
            waits = _("Somebody waits for an answer. Answer, or say why none is needed; then it can be closed.")
            return self._refused(request, conversation, waits, 409)
        return _done(request, conversation, _("Closed. It opens again as soon as the customer writes."))

    def publish_view(self, request: HttpRequest, conversation: Conversation) -> HttpResponse:
        """Show a question about a piece with its answer on the piece's page, or first how it would look there."""
        question, answer = (clean(request.POST.get(name, "")) for name in ("question", "answer"))
        row = conversation.question
        if row is None:
            return self._refused(request, conversation, _("This conversation is not about a piece."))
        refused = partial(self._refused, request, conversation, question=question, answer=answer)
        try:
            if request.POST.get("do") == "preview":
                questions.refuse_unfit(row, question=question, answer=answer)
                return refused("", status=200, preview="yes")
            questions.publish_answer(
                question_id=row.pk, question=question, answer=answer, by=_person(request), at=timezone.now()
            )
        except questions.NothingToPublish:
            return refused(_("Write a question and an answer."))
        except questions.GivesAway as told:
            sentence = _("“%(words)s” tells who asked. Leave it out; nobody's name or address stands on a page.")
            return refused(sentence % {"words": told.found})
        return _done(request, conversation, _("Question and answer stand on the page of the piece."))

    def _refused(
        self, request: HttpRequest, conversation: Conversation, problem: str, status: int = 422, **drafts: str
    ) -> HttpResponse:
        """Show the screen as it is now, with what was typed and the sentence; nothing was changed.

        `status` is 422 for what was not complete, 409 when the conversation has moved on.
        """
        conversation = Conversation.objects.select_related(*SHOWN).get(pk=conversation.pk)
        return self.screen(request, conversation, status=status, problem=problem, **drafts)


def _guarded(admin: Verbs, name: str, view: View) -> View:
    def guarded(request: HttpRequest, object_id: str) -> HttpResponse:
        if not (admin.has_view_permission(request) and request.user.has_perm(PERMISSIONS[name])):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        return view(request, get_object_or_404(Conversation, pk=number_in(object_id)))

    return guarded


def _person(request: HttpRequest) -> User:
    return cast(User, request.user)


def _done(request: HttpRequest, conversation: Conversation, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect(reverse("admin:support_conversation_change", args=[conversation.pk]))
