"""Support: one conversation per concern, whatever the channel, and a clock that never forgets who waits.

`waiting_since` is derived from the messages by one pure function (support.rules.waiting); a conversation cannot be
closed while somebody waits, because the database refuses it.  Source: support reference 9 and 10.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class SlaPolicy(models.Model):
    """How soon we answer, in open minutes of the support calendar."""

    code = models.SlugField(_("code"), unique=True, help_text=_("standard or urgent; see support.rules.sla."))
    name = models.CharField(_("name"), max_length=80, unique=True)
    calendar = models.ForeignKey("shop.BusinessCalendar", on_delete=models.PROTECT, related_name="+")
    first_reply_minutes = models.PositiveIntegerField(_("first answer (minutes)"), default=120)
    next_reply_minutes = models.PositiveIntegerField(_("next answer (minutes)"), default=240)

    class Meta:
        verbose_name = _("answer times")
        verbose_name_plural = _("answer times")

    def __str__(self) -> str:
        return self.name


class Conversation(models.Model):
    """One concern of one customer.  Operations alone write its status and its clock."""

    class Status(models.TextChoices):
        """Is anything to do?"""

        OPEN = "open", _("open")
        WAITING = "waiting", _("waiting for the customer")
        CLOSED = "closed", _("closed")

    class Kind(models.TextChoices):
        """What it is about."""

        QUESTION = "question", _("question")
        DELAY = "delay", _("delay")
        RETURN = "return", _("return")
        PROBLEM = "problem", _("problem")

    class Origin(models.TextChoices):
        """Who began it."""

        CUSTOMER = "customer", _("customer")
        STAFF = "staff", _("staff")
        SYSTEM = "system", _("the shop itself")

    class DueKind(models.TextChoices):
        """What the due time is for."""

        FIRST_REPLY = "fr", _("first answer")
        NEXT_REPLY = "nr", _("next answer")
        TASK = "task", _("look into it")

    number = models.CharField(_("number"), max_length=20, unique=True)
    kind = models.CharField(_("about"), max_length=10, choices=Kind.choices, default=Kind.QUESTION)
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.OPEN)
    origin = models.CharField(_("begun by"), max_length=8, choices=Origin.choices)
    channel = models.CharField(_("channel"), max_length=10, default="form")
    subject = models.CharField(_("subject"), max_length=200)
    email = models.EmailField(_("customer's address"))
    customer_name = models.CharField(_("customer's name"), max_length=120, blank=True)
    customer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, null=True, related_name="conversations")
    question = models.OneToOneField(
        "shop.ProductQuestion", on_delete=models.SET_NULL, null=True, related_name="conversation"
    )
    locale = models.CharField(_("language"), max_length=10, blank=True, help_text=_("Empty: the shop's."))
    order_said = models.CharField(_("order that was named"), max_length=40, blank=True)
    follows = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="followed_by")
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    policy = models.ForeignKey(SlaPolicy, on_delete=models.PROTECT, related_name="+")
    case_key = models.CharField(
        _("opened for"), max_length=100, null=True, unique=True, help_text=_("Such as delay:KP-1234:1; one case each.")
    )
    waiting_since = models.DateTimeField(_("customer waits since"), null=True)
    first_response_at = models.DateTimeField(_("first answered at"), null=True)
    task_due_at = models.DateTimeField(_("look into it by"), null=True)
    next_due_at = models.DateTimeField(_("due at"), null=True)
    next_due_kind = models.CharField(_("due for"), max_length=4, choices=DueKind.choices, blank=True)
    breached_at = models.DateTimeField(_("late since"), null=True)
    last_activity_at = models.DateTimeField(_("last activity"))
    opened_at = models.DateTimeField(_("opened at"))
    closed_at = models.DateTimeField(_("closed at"), null=True)
    version = models.PositiveIntegerField(_("version"), default=0)

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="closed") | Q(waiting_since__isnull=True), name="nobody_closed_while_waiting"
            ),
            models.CheckConstraint(
                condition=~Q(status="closed") | Q(closed_at__isnull=False), name="closed_has_a_moment"
            ),
            models.CheckConstraint(
                condition=Q(waiting_since__isnull=True) | Q(next_due_at__isnull=False), name="waiting_has_a_due_time"
            ),
        ]
        indexes = [
            models.Index(fields=["next_due_at", "id"], condition=Q(status__in=["open", "waiting"]), name="queue_due"),
            models.Index(fields=["order", "id"], name="conversation_of_order"),
            models.Index(fields=["-last_activity_at", "-id"], name="conversation_recent"),
            models.Index(
                fields=["assignee", "next_due_at", "id"],
                condition=Q(status__in=["open", "waiting"]),
                name="queue_of_agent",
            ),
            models.Index(fields=["email", "-id"], name="conversation_of_email"),
        ]
        permissions = [
            ("answer_conversation", _("Can answer customers, write notes and take conversations")),
            ("waive_answer", _("Can decide that a message needs no answer")),
            ("close_conversation", _("Can close conversations")),
            ("assign_conversation", _("Can give conversations to somebody else")),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.subject}"


class Message(models.Model):
    """One utterance in a conversation.  A note is never mailed; an `out` message is mailed by notifications."""

    class Kind(models.TextChoices):
        """Who speaks to whom."""

        IN = "in", _("from the customer")
        OUT = "out", _("to the customer")
        NOTE = "note", _("internal note")
        SYSTEM = "system", _("from the shop itself")

    class Delivery(models.TextChoices):
        """What became of an answer."""

        NONE = "", _("not mailed")
        IN_FLIGHT = "in_flight", _("on its way")
        ACCEPTED = "accepted", _("sent")
        FAILED = "failed", _("could not be sent")
        UNKNOWN = "unknown", _("nobody knows whether it arrived")

    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="messages")
    kind = models.CharField(_("kind"), max_length=6, choices=Kind.choices)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    author_name = models.CharField(_("author"), max_length=120, blank=True)
    author_address = models.EmailField(_("written from"), blank=True)
    channel = models.CharField(_("channel"), max_length=10)
    external_id = models.CharField(_("Message-ID or form key"), max_length=250, null=True)
    in_reply_to = models.CharField(_("answers"), max_length=250, blank=True)
    text = models.TextField(_("text"))
    text_new = models.TextField(_("what is new"), blank=True, help_text=_("Without quoted history."))
    raw = models.ForeignKey("shop.Inbound", on_delete=models.PROTECT, null=True, related_name="+")
    thread_reason = models.CharField(_("why it belongs here"), max_length=40, blank=True)
    automated = models.BooleanField(_("written by a machine"), default=False)
    delivery = models.CharField(_("delivery"), max_length=10, choices=Delivery.choices, blank=True, default="")
    client_token = models.UUIDField(_("form key"), null=True, unique=True)
    version = models.PositiveIntegerField(
        _("version"), default=0, help_text=_("Of the conversation, once this message had joined it.")
    )
    written_at = models.DateTimeField(_("written at"))
    accepted_at = models.DateTimeField(_("sent at"), null=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(fields=["channel", "external_id"], name="support_message_once"),
            models.CheckConstraint(condition=Q(kind="out") | Q(delivery=""), name="only_answers_are_mailed"),
            models.CheckConstraint(
                condition=Q(delivery="accepted", accepted_at__isnull=False)
                | (~Q(delivery="accepted") & Q(accepted_at__isnull=True)),
                name="sent_answer_has_a_moment",
            ),
        ]
        indexes = [models.Index(fields=["conversation", "id"], name="message_of_conversation")]

    def __str__(self) -> str:
        return f"{self.kind} {self.written_at}"


class NoReplyNeeded(models.Model):
    """The only way to end waiting without an answer: a person says why."""

    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="waived")
    message = models.OneToOneField(Message, on_delete=models.PROTECT, related_name="waived")
    reason = models.CharField(_("reason"), max_length=200)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(_("decided at"))

    class Meta:
        verbose_name = _("answer waived")
        verbose_name_plural = _("answers waived")

    def __str__(self) -> str:
        return self.reason
