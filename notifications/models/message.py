"""Messages: what we tell customers, rendered once and kept; every attempt journalled.

Source: commerce reference d.7, reliability reference D2-D4.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _


class Message(models.Model):
    """One message of one kind to one recipient about one event, on one channel: never two."""

    class State(models.TextChoices):
        """Where it is."""

        QUEUED = "queued", _("queued")
        CLAIMED = "claimed", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        BOUNCED = "bounced", _("bounced")
        SUPPRESSED = "suppressed", _("held back")
        BUNDLED = "bundled", _("told together with other news")

    event = models.ForeignKey("shop.Event", on_delete=models.PROTECT, related_name="messages", db_index=False)
    kind = models.CharField(_("kind"), max_length=40)
    channel = models.CharField(_("channel"), max_length=10, default="email")
    recipient = models.CharField(_("to"), max_length=254)
    recipient_name = models.CharField(_("name"), max_length=120, blank=True)
    order_number = models.CharField(_("order"), max_length=20, blank=True)
    locale = models.CharField(_("language"), max_length=10, default="en")
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.QUEUED)
    reason = models.CharField(_("why held back or failed"), max_length=300, blank=True)
    lane = models.PositiveSmallIntegerField(_("lane"), default=1, db_default=1)
    small = models.BooleanField(_("may wait for company"), default=False, db_default=False)
    optional = models.BooleanField(_("may be switched off"), default=False, db_default=False)
    facts = models.CharField(_("what it says (hashed)"), max_length=64, blank=True, db_default="")
    told_in = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="parts", db_index=False)
    provider_id = models.CharField(_("the provider's number"), max_length=200, blank=True, db_default="")
    reply_to = models.CharField(_("answers go to"), max_length=254, blank=True)
    message_id = models.CharField(_("Message-ID"), max_length=200)
    in_reply_to = models.CharField(_("answers"), max_length=250, blank=True)
    subject = models.CharField(_("subject"), max_length=250)
    text = models.TextField(_("text"))
    html = models.TextField(_("HTML"), blank=True)
    brief = models.TextField(_("text without greeting"), blank=True, db_default="")
    due_at = models.DateTimeField(_("due at"), db_default=Now())
    lease_until = models.DateTimeField(_("leased until"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    sent_at = models.DateTimeField(_("sent at"), null=True)
    unconfirmed_at = models.DateTimeField(_("sent, unconfirmed since"), null=True)
    unasked_at = models.DateTimeField(_("counted as unasked at"), null=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(fields=["event", "kind", "recipient", "channel"], name="message_once"),
            models.UniqueConstraint(fields=["message_id"], name="message_id_once"),
            models.UniqueConstraint(
                fields=["recipient", "channel", "kind", "facts"],
                condition=~Q(facts="") & ~Q(state__in=["failed", "bounced", "suppressed"]),
                name="same_facts_once",
            ),
            models.CheckConstraint(
                condition=Q(state="bundled", told_in__isnull=False) | (~Q(state="bundled") & Q(told_in__isnull=True)),
                name="bundled_names_where",
            ),
            models.CheckConstraint(condition=~Q(state="sent") | Q(sent_at__isnull=False), name="sent_has_a_moment"),
            models.CheckConstraint(condition=~Q(state="suppressed") | ~Q(reason=""), name="held_back_has_a_reason"),
            models.CheckConstraint(
                condition=~Q(state="claimed") | Q(lease_until__isnull=False), name="claimed_has_a_lease"
            ),
        ]
        permissions = [
            ("resend_message", _("Can send a message once more")),
            ("test_message", _("Can send herself a message to look at")),
        ]
        # A message is written four times until it is sent, and each time into nearly every index: hence none that
        # another one answers for (message_once begins with the event), and none for LIKE.
        indexes = [
            models.Index(
                fields=["channel", "lane", "due_at", "id"],
                condition=Q(state__in=["queued", "claimed"]),
                name="message_due_by_lane",
            ),
            models.Index(
                fields=["order_number", "event"],
                condition=Q(state__in=["queued", "claimed"]) & ~Q(order_number=""),
                name="message_unsent_of_order",
            ),
            models.Index(fields=["created_at"], condition=Q(state__in=["failed", "bounced"]), name="message_unreached"),
            models.Index(fields=["order_number"], name="message_of_order"),
            models.Index(fields=["told_in"], condition=Q(told_in__isnull=False), name="message_told_in"),
            models.Index(Lower("recipient"), F("id").desc(), name="message_to_somebody"),
            models.Index(
                fields=["recipient", "channel"], condition=Q(state="queued", small=True), name="message_small_waiting"
            ),
            models.Index(fields=["provider_id"], condition=~Q(provider_id=""), name="message_by_provider_id"),
            models.Index(
                fields=["unconfirmed_at", "id"], condition=Q(unconfirmed_at__isnull=False), name="message_doubtful"
            ),
            models.Index(fields=["sent_at", "id"], condition=Q(sent_at__isnull=False), name="message_sent"),
            models.Index(
                Lower("recipient"), "unasked_at", condition=Q(unasked_at__isnull=False), name="message_unasked"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"


class Attempt(models.Model):
    """One try to send, committed before the mail server is spoken to, finished after it answered."""

    class Outcome(models.TextChoices):
        """What the mail server said."""

        STARTED = "started", _("started")
        ACCEPTED = "accepted", _("accepted")
        TEMPORARY = "temporary", _("try again")
        PERMANENT = "permanent", _("refused for good")
        UNKNOWN = "unknown", _("no answer")

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="journal", db_index=False)
    number = models.PositiveSmallIntegerField(_("attempt"))
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices, default=Outcome.STARTED)
    reply = models.CharField(_("reply"), max_length=300, blank=True)
    started_at = models.DateTimeField(_("started at"), db_default=Now())
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        constraints = [models.UniqueConstraint(fields=["message", "number"], name="attempt_once")]

    def __str__(self) -> str:
        return f"{self.number} {self.outcome}"
