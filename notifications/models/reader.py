"""Who reads our messages: what she wishes to hear, where and when; and addresses we may not write to.

A reader is known by her e-mail address, since most people order without an account.  She has a row once she chose
something.  Source: commerce reference 4.20, ux reference 2.10, reliability reference T29.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

MINUTES_A_DAY = 24 * 60


class Reader(models.Model):
    """The wishes of one person.  `quiet_*` are minutes after midnight on her own clock; equal means no quiet hours.

    `text_address` counts only when it was confirmed with the code that was sent there.
    """

    address = models.EmailField(_("e-mail address"))
    time_zone = models.CharField(_("time zone"), max_length=50, blank=True)
    quiet_from = models.PositiveSmallIntegerField(_("quiet from (minutes)"), null=True)
    quiet_until = models.PositiveSmallIntegerField(_("quiet until (minutes)"), null=True)
    first_channel = models.CharField(_("tries first"), max_length=10, default="email")
    text_channel = models.CharField(_("text channel"), max_length=10, blank=True)
    text_address = models.CharField(_("number or name there"), max_length=64, blank=True)
    text_confirmed_at = models.DateTimeField(_("confirmed at"), null=True)
    text_heard_at = models.DateTimeField(_("last wrote to us there at"), null=True)
    code_hash = models.CharField(_("code (hashed)"), max_length=64, blank=True)
    code_expires_at = models.DateTimeField(_("code ends at"), null=True)
    code_tries = models.PositiveSmallIntegerField(_("tries of the code"), default=0)
    changed_at = models.DateTimeField(_("changed at"))

    class Meta:
        verbose_name = _("reader")
        verbose_name_plural = _("readers")
        constraints = [
            models.UniqueConstraint(Lower("address"), name="reader_once"),
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__lt=MINUTES_A_DAY, quiet_until__lt=MINUTES_A_DAY),
                name="reader_quiet_is_a_time",
            ),
            models.CheckConstraint(
                condition=Q(text_confirmed_at__isnull=True) | ~Q(text_address=""), name="reader_confirmed_something"
            ),
        ]
        indexes = [
            models.Index(fields=["text_channel", "text_address"], condition=~Q(text_address=""), name="reader_by_text")
        ]

    def __str__(self) -> str:
        return f"reader {self.pk}"


class Wish(models.Model):
    """Whether a reader wants one kind of message on one channel."""

    reader = models.ForeignKey(Reader, on_delete=models.CASCADE, related_name="wishes")
    kind = models.CharField(_("kind"), max_length=40)
    channel = models.CharField(_("channel"), max_length=10)
    wanted = models.BooleanField(_("wanted"))
    changed_at = models.DateTimeField(_("changed at"))

    class Meta:
        verbose_name = _("wish")
        verbose_name_plural = _("wishes")
        constraints = [models.UniqueConstraint(fields=["reader", "kind", "channel"], name="wish_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.channel}"


class Suppression(models.Model):
    """An address we do not write to on one channel, since when and why; and who allowed it again."""

    class Cause(models.TextChoices):
        """What happened there."""

        BOUNCED = "bounced", _("messages come back")
        COMPLAINED = "complained", _("reported as unwanted")
        UNSUBSCRIBED = "unsubscribed", _("signed off at the provider")
        BY_STAFF = "by_staff", _("stopped by staff")

    channel = models.CharField(_("channel"), max_length=10)
    address = models.CharField(_("address"), max_length=254)
    cause = models.CharField(_("why"), max_length=12, choices=Cause.choices)
    detail = models.CharField(_("what was said"), max_length=300, blank=True)
    message = models.ForeignKey("notifications.Message", on_delete=models.SET_NULL, null=True, related_name="+")
    since = models.DateTimeField(_("since"))
    lifted_at = models.DateTimeField(_("allowed again at"), null=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    lift_reason = models.CharField(_("why it may be used again"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("address we do not write to")
        verbose_name_plural = _("addresses we do not write to")
        permissions = [("lift_suppression", _("Can allow an address again"))]
        constraints = [
            models.UniqueConstraint(
                F("channel"), Lower("address"), condition=Q(lifted_at__isnull=True), name="suppressed_once"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True) | ~Q(lift_reason=""), name="lifted_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.cause}"
