"""Questions about pieces in the admin: what was asked, what stands on the page, and both off again.

Who asked is not shown here: that is the conversation's, for those who answer.
"""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shop.admin.base import Button, OperationButtons, Pressed, ReadOnlyAdmin, RowsInline, by_moment
from shop.models import ProductQuestion
from shop.operations import questions
from shop.rules.questions import MOST_ANSWERED, MOST_ASKED


class PublishForm(forms.Form):
    """What stands on the page for everybody."""

    question = forms.CharField(
        label=_("The question, for everybody"),
        max_length=MOST_ASKED,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Without name, address or greeting. Left empty: as it was asked, or as it stands there now."),
    )
    answer = forms.CharField(
        label=_("Our answer, for everybody"), max_length=MOST_ANSWERED, widget=forms.Textarea(attrs={"rows": 5})
    )


def publish(press: Pressed[ProductQuestion]) -> str:
    """Show it with an answer."""
    words = press.values["question"] or press.row.shown_question or press.row.text
    questions.publish_answer(
        question_id=press.row.pk, question=words, answer=press.values["answer"], by=press.by, at=press.at
    )
    return gettext("Question and answer stand on the page of the piece.")


def take_down(press: Pressed[ProductQuestion]) -> str:
    """Take it off."""
    questions.take_down(question_id=press.row.pk, by=press.by, at=press.at)
    return gettext("It no longer stands on the page. Its words are kept here.")


@admin.register(ProductQuestion)
class ProductQuestionAdmin(OperationButtons, ReadOnlyAdmin):
    """Questions, the newest first."""

    list_display = ("__str__", "product", "asked_at", "published_at")
    list_filter = (("published_at", by_moment(_("not on the page"), _("on the page"))),)
    list_select_related = ("product",)
    search_fields = ("product__name", "text", "shown_question")
    ordering = ("-asked_at", "-id")
    fields = (
        "product",
        "text",
        "asked_at",
        "shown_question",
        "shown_answer",
        ("published_at", "published_by"),
    )
    buttons = (
        Button(
            "publish",
            _("Publish with this answer"),
            "shop.publish_productquestion",
            call=publish,
            form=PublishForm,
            refusals={
                questions.NothingToPublish: _("Write a question and an answer."),
                questions.GivesAway: _("The words tell who asked. Leave name, address and numbers out."),
            },
        ),
        Button(
            "take-down",
            _("Take it off the page"),
            "shop.take_down_productquestion",
            call=take_down,
            refusals={questions.NotOnThePage: _("Somebody took it off before you; nothing changed.")},
            shown=lambda row: row.published_at is not None,
            danger=True,
        ),
    )


class QuestionInline(RowsInline):
    """What was asked about a piece, on the piece's own page; each leads to where it is answered and published."""

    model = ProductQuestion
    extra = 0
    can_delete = False
    show_change_link = True
    ordering = ("-asked_at", "-id")
    fields = readonly_fields = ("text", "shown_answer", "asked_at", "published_at")
    verbose_name_plural = _("questions about this piece")

    def has_add_permission(self, request: HttpRequest, *args: object) -> bool:
        """Refuse: shoppers ask."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Refuse: its own page has the buttons."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Refuse: it is taken off, not deleted."""
        return False
