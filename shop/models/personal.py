"""A person's data: who asked for a copy or for its erasure, and what remains of an erased address.

Source: reliability reference 2.6; ux reference 2.17.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class CurrentTransaction(Func):
    """The number of the transaction a statement belongs to, whatever savepoint it is in."""

    template = "(pg_current_xact_id()::text::bigint)"
    output_field = models.BigIntegerField()


class DataRequest(models.Model):
    """One request for a copy of somebody's data, or for its erasure; worked on in steps that survive their worker.

    `addresses` are those she proved, in small letters.  Both columns of addresses are emptied by her own erasure.
    """

    class Kind(models.TextChoices):
        """What she asks for."""

        EXPORT = "export", _("a copy")
        ERASURE = "erasure", _("erasure")

    class State(models.TextChoices):
        """How far it is."""

        ASKED = "asked", _("waits for her confirmation")
        DUE = "due", _("being worked on")
        READY = "ready", _("ready to be fetched")
        DONE = "done", _("done")
        LAPSED = "lapsed", _("over without anything to do")

    kind = models.CharField(_("asked for"), max_length=8, choices=Kind.choices)
    state = models.CharField(_("state"), max_length=8, choices=State.choices)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    email = models.EmailField(_("e-mail address"), blank=True)
    addresses = models.JSONField(_("addresses she proved"), default=list)
    locale = models.CharField(_("language"), max_length=10)
    token_hash = models.CharField(_("token (hashed)"), max_length=64, unique=True, null=True)
    expires_at = models.DateTimeField(_("link ends at"), null=True)
    asked_at = models.DateTimeField(_("asked at"))
    answer_by_on = models.DateField(_("to be answered by"))
    refuses_mail = models.BooleanField(_("wants no offers ever again"), default=False)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)
    held_since = models.DateTimeField(_("held since"), null=True, help_text=_("Something of hers is not settled yet."))
    begun_at = models.DateTimeField(_("begun at"), null=True)
    steps = models.JSONField(_("steps that are done"), default=list)
    farewell_at = models.DateTimeField(_("last mail asked for at"), null=True)
    due_at = models.DateTimeField(_("due at"), db_default=Now())
    lease_until = models.DateTimeField(_("leased until"), null=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    error = models.CharField(_("last problem"), max_length=200, blank=True)
    done_at = models.DateTimeField(_("answered at"), null=True)
    again = models.BooleanField(
        _("once more, after a restore"),
        default=False,
        db_default=False,
        help_text=_("It was carried out before; she is not written to."),
    )

    class Meta:
        verbose_name = _("request about data")
        verbose_name_plural = _("requests about data")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "email"], condition=Q(state__in=["asked", "due"]), name="data_request_once"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["ready", "done"]) | Q(done_at__isnull=False), name="data_answered_has_a_moment"
            ),
            models.CheckConstraint(
                condition=~Q(kind="erasure", state__in=["due", "done"]) | Q(confirmed_at__isnull=False),
                name="erasure_was_confirmed",
            ),
            models.CheckConstraint(
                condition=~Q(kind="erasure", state="done") | Q(email="", addresses=[]), name="erasure_forgets_itself"
            ),
        ]
        indexes = [models.Index(fields=["due_at", "id"], condition=Q(state="due"), name="data_request_due")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class DataFile(models.Model):
    """The copy itself: a zip, deleted when its link ends."""

    request = models.OneToOneField(DataRequest, on_delete=models.CASCADE, related_name="file")
    content = models.BinaryField(_("zip"))
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("copy of data")
        verbose_name_plural = _("copies of data")

    def __str__(self) -> str:
        return f"copy {self.request_id}"


class ForgottenAddress(models.Model):
    """What remains of an erased address: a salted hash, so that the audit can look whether it is still somewhere."""

    salt = models.CharField(_("salt"), max_length=32)
    digest = models.CharField(_("address (hashed)"), max_length=64)
    refuses_mail = models.BooleanField(_("wants no offers ever again"), default=False)
    forgotten_at = models.DateTimeField(_("erased at"))
    journalled_at = models.DateTimeField(_("in the journal since"), null=True)

    class Meta:
        verbose_name = _("erased address")
        verbose_name_plural = _("erased addresses")
        indexes = [
            models.Index(F("digest"), name="forgotten_by_digest"),
            models.Index(fields=["id"], condition=Q(journalled_at=None), name="forgotten_not_journalled"),
        ]

    def __str__(self) -> str:
        return f"erased {self.pk}"


class Redaction(models.Model):
    """Leave to take words out of one append-only row: good in its own transaction, for an erasure that has begun.

    Written before the row is changed, never changed itself.  Which columns may change is the table's trigger's to say.
    """

    request = models.ForeignKey(DataRequest, on_delete=models.PROTECT, related_name="redactions")
    table_name = models.CharField(_("table"), max_length=63)
    row_id = models.BigIntegerField(_("row"))
    transaction_id = models.BigIntegerField(_("transaction"), db_default=CurrentTransaction())
    redacted_at = models.DateTimeField(_("taken out at"), db_default=Now())

    class Meta:
        verbose_name = _("redaction")
        verbose_name_plural = _("redactions")
        constraints = [models.UniqueConstraint(fields=["table_name", "row_id", "transaction_id"], name="redacted_once")]

    def __str__(self) -> str:
        return f"{self.table_name} {self.row_id}"
