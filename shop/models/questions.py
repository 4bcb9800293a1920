"""What shoppers ask about a piece before they buy it, and what its page shows of it.

Source: commerce reference d.1; ux reference 2.3 ("ask a question about this item").
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ProductQuestion(models.Model):
    """One question about one piece.  Who asked is answered by mail, in a conversation of the support app.

    `text` is what she wrote; `shown_question` and `shown_answer` are what everybody may read, in our edited words.
    """

    token = models.UUIDField(_("form key"), unique=True)
    product = models.ForeignKey("shop.Product", on_delete=models.PROTECT, related_name="questions")
    customer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    email = models.EmailField(_("asked from"), blank=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    locale = models.CharField(_("language"), max_length=10, blank=True)
    text = models.TextField(_("what was asked"), max_length=1000)
    asked_at = models.DateTimeField(_("asked at"))
    shown_question = models.TextField(_("question on the page"), max_length=1000, blank=True)
    shown_answer = models.TextField(_("answer on the page"), max_length=2000, blank=True)
    published_at = models.DateTimeField(_("on the page since"), null=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("question about a piece")
        verbose_name_plural = _("questions about pieces")
        permissions = [
            ("publish_productquestion", "Can publish questions about pieces with an answer"),
            ("take_down_productquestion", "Can take questions off the pages of pieces"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(published_at__isnull=True) | ~Q(shown_question="") & ~Q(shown_answer=""),
                name="published_question_has_an_answer",
            ),
        ]
        indexes = [
            models.Index(
                fields=["product", "-published_at", "-id"],
                condition=Q(published_at__isnull=False),
                name="question_published",
            ),
            models.Index(fields=["-asked_at", "-id"], name="question_recent"),
        ]

    def __str__(self) -> str:
        return " ".join((self.shown_question or self.text).split())[:80]
