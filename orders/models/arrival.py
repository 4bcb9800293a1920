"""Arrived and happy?  One question an order, what she answered, and the invitation to say it in public.

Source: ux reference 2.7; commerce reference A1; delivery reference 1.2.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ArrivalQuestion(models.Model):
    """Whether everything is right with what arrived.  Operations alone move it."""

    class State(models.TextChoices):
        """What we know; asked and past `closes_at` is silence, which counts as neither."""

        WAITING = "waiting", _("to be asked")
        ASKED = "asked", _("asked")
        HAPPY = "happy", _("all is well")
        NOT_QUITE = "not_quite", _("not quite right")
        LEFT_OUT = "left_out", _("not asked: we speak about it already, or it is too long ago")

    class What(models.TextChoices):
        """What is not right, in her words."""

        MISSING = "missing", _("I never got it, or a part is missing")
        BROKEN = "broken", _("Something is broken or has a fault")
        WRONG = "wrong", _("It is not what I ordered")
        FIT = "fit", _("It does not fit")
        OTHER = "other", _("Something else")

    order = models.OneToOneField("orders.Order", on_delete=models.PROTECT, related_name="arrival")
    state = models.CharField(_("answer"), max_length=10, choices=State.choices, default=State.WAITING)
    ask_at = models.DateTimeField(_("to be asked at"))
    asked_at = models.DateTimeField(_("asked at"), null=True)
    closes_at = models.DateTimeField(_("silence counts from"), null=True)
    answered_at = models.DateTimeField(_("answered at"), null=True)
    what = models.CharField(_("what is not right"), max_length=10, choices=What.choices, blank=True)
    words = models.TextField(_("in her words"), blank=True)
    invite_at = models.DateTimeField(_("asked for a review at"), null=True)
    invited_at = models.DateTimeField(_("asked for a review, done"), null=True)

    class Meta:
        verbose_name = _("question after the arrival")
        verbose_name_plural = _("questions after the arrival")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["happy", "not_quite"], answered_at__isnull=False)
                | (~Q(state__in=["happy", "not_quite"]) & Q(answered_at__isnull=True)),
                name="arrival_answer_has_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(state="not_quite") & ~Q(what="") | (~Q(state="not_quite") & Q(what="")),
                name="arrival_says_what",
            ),
            models.CheckConstraint(
                condition=~Q(state="asked") | Q(asked_at__isnull=False), name="arrival_asked_has_a_moment"
            ),
        ]
        indexes = [
            models.Index(fields=["ask_at", "id"], condition=Q(state="waiting"), name="arrival_to_ask"),
            models.Index(
                fields=["invite_at", "id"],
                condition=Q(state="happy", invited_at__isnull=True),
                name="arrival_to_invite",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.state}"
